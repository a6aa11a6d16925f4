import { Args, Mutation, Parent, Query, ResolveField, Resolver } from '@nestjs/graphql';
import {
  ActiveOrderService,
  Allow,
  ConfigService,
  Ctx,
  Order,
  OrderService,
  Permission,
  RequestContext,
} from '@vendure/core';

import { tokenOf } from '../core';
import { ShopMoney } from '../service/money';
import { OfferService, type Seen } from '../service/offer.service';

const NO_ORDER: Omit<Seen, 'orderId'> = { offer: null, accepted: false, notice: null, reason: 'no_order' };

/** @internal */
@Resolver('OrderguardOffer')
export class ShopResolver {
  constructor(
    private readonly active: ActiveOrderService,
    private readonly offers: OfferService,
    private readonly orders: OrderService,
    private readonly config: ConfigService,
  ) {}

  @Query()
  @Allow(Permission.Owner)
  async orderguardOffer(@Ctx() ctx: RequestContext): Promise<object> {
    const order = await this.active.getActiveOrder(ctx, undefined);
    return order ? this.shown(await this.offers.look(ctx, order.id)) : NO_ORDER;
  }

  @Mutation()
  @Allow(Permission.Owner)
  async setOrderguardChoice(
    @Ctx() ctx: RequestContext,
    @Args() args: { accepted: boolean; token?: string | null },
  ): Promise<object> {
    const order = await this.active.getActiveOrder(ctx, undefined);
    if (!order) return NO_ORDER;
    return this.shown(await this.offers.choose(ctx, order.id, args.accepted, args.token ?? ''));
  }

  @ResolveField()
  async order(@Ctx() ctx: RequestContext, @Parent() { orderId }: Seen): Promise<Order | undefined> {
    return orderId === undefined ? undefined : this.orders.findOne(ctx, orderId);
  }

  private shown({ offer, notice, ...seen }: Seen): object {
    return {
      ...seen,
      notice: notice?.toUpperCase(),
      sessionId: offer?.session,
      offer: offer && {
        amount: new ShopMoney(this.config, offer.currency).fromMinor(offer.amount),
        currencyCode: offer.currency,
        modes: offer.modes,
        token: tokenOf(offer),
      },
    };
  }
}
