import { Injectable, type OnApplicationBootstrap } from '@nestjs/common';
import {
  CouponCodeEvent,
  EventBus,
  type ID,
  Logger,
  LoginEvent,
  type Order,
  OrderEvent,
  OrderLineEvent,
  OrderService,
  OrderStateTransitionEvent,
  type RequestContext,
  type Type,
} from '@vendure/core';

import type { Terms } from '../core/terms';
import { loggerCtx } from '../constants';
import { memoryOf } from '../memory';
import { OfferService } from './offer.service';
import { messageOf } from './settings';

/** What happened to carts during one request. */
interface Notes {
  changed: Set<ID>;
  /** A guest's yes whose order was deleted or cancelled: Vendure does so when it merges orders at login. */
  carried: Terms | null;
  /** Who signed in: the cart that is left is theirs, and merging need not change it. */
  userId?: ID;
}

/**
 * Reprices carts when Vendure says that they changed. During a request the events are only noted: the fee follows when
 * the request's own transaction is committed, and before its answer is written. No transaction of
 * Vendure waits for Orderguard.
 *
 * @internal
 */
@Injectable()
export class CartWatch implements OnApplicationBootstrap {
  private readonly notes = new WeakMap<object, Notes>();

  constructor(
    private readonly events: EventBus,
    private readonly offers: OfferService,
    private readonly orders: OrderService,
  ) {}

  onApplicationBootstrap(): void {
    for (const event of [OrderLineEvent, CouponCodeEvent, OrderEvent] as Type<Change>[]) {
      this.events.registerBlockingEventHandler({
        event,
        id: `orderguard-note-${event.name}`,
        handler: (changed: Change) => this.note(changed),
      });
    }
    this.events.registerBlockingEventHandler({
      event: OrderStateTransitionEvent,
      id: 'orderguard-note-cancelled',
      handler: ({ ctx, order, toState }) => {
        if (toState === 'Cancelled') this.noteEnd(ctx, order);
      },
    });
    this.events.registerBlockingEventHandler({
      event: LoginEvent,
      id: 'orderguard-note-login',
      handler: ({ ctx, user }) => {
        const notes = this.notesOf(ctx);
        if (notes) notes.userId = user.id;
      },
    });
    // Changes that no request made: a job, a script.
    this.events.filter((event) => isChange(event) && !event.ctx.req).subscribe((event) => {
      void this.repriceAll((event as Change).ctx, [orderIdOf(event as Change)], null);
    });
  }

  /**
   * Lets the fees follow the changes that were noted during a request. Never throws: a fee that could not follow is corrected
   * right before payment.
   *
   * @param more orders that may have changed without an event, such as by a new address
   * @returns the orders that were looked at
   */
  async follow(ctx: RequestContext, more: ID[]): Promise<ID[]> {
    const noted = ctx.req ? this.notes.get(ctx.req) : undefined;
    if (ctx.req) this.notes.delete(ctx.req);
    const left = noted?.carried && noted.userId ? await this.cartOf(ctx, noted.userId) : [];
    const ids = new Set([...(noted?.changed ?? []), ...more, ...left]);
    return this.repriceAll(ctx, [...ids], noted?.carried ?? null);
  }

  private async cartOf(ctx: RequestContext, userId: ID): Promise<ID[]> {
    try {
      const cart = await this.orders.getActiveOrderForUser(ctx, userId);
      return cart ? [cart.id] : [];
    } catch (error) {
      Logger.error(`A yes could not move to the cart of user ${userId}: ${messageOf(error)}`, loggerCtx);
      return [];
    }
  }

  private async repriceAll(ctx: RequestContext, ids: ID[], carried: Terms | null): Promise<ID[]> {
    const done: ID[] = [];
    for (const id of ids) {
      try {
        if (await this.offers.reprice(ctx, id, carried)) done.push(id);
      } catch (error) {
        Logger.error(`The fee of order ${id} could not follow its cart: ${messageOf(error)}`, loggerCtx);
      }
    }
    return done;
  }

  private note(event: Change): void {
    if (event instanceof OrderEvent && event.type === 'deleted') {
      this.noteEnd(event.ctx, event.order);
      return;
    }
    this.notesOf(event.ctx)?.changed.add(orderIdOf(event));
  }

  private noteEnd(ctx: RequestContext, order: Order): void {
    const notes = this.notesOf(ctx);
    if (!notes) return;
    notes.changed.delete(order.id);
    notes.carried = memoryOf(order).choice.agreed ?? notes.carried;
  }

  private notesOf({ req }: RequestContext): Notes | null {
    if (!req) return null;
    const notes = this.notes.get(req) ?? { changed: new Set<ID>(), carried: null };
    this.notes.set(req, notes);
    return notes;
  }
}

type Change = OrderLineEvent | CouponCodeEvent | OrderEvent;

const isChange = (event: unknown): event is Change =>
  event instanceof OrderLineEvent ||
  event instanceof CouponCodeEvent ||
  (event instanceof OrderEvent && event.type === 'updated');

const orderIdOf = (event: Change): ID => (event instanceof CouponCodeEvent ? event.orderId : event.order.id);
