import { type CallHandler, type ExecutionContext, Injectable, type NestInterceptor } from '@nestjs/common';
import {
  type ID,
  internal_getRequestContext as contextOf,
  Order,
  OrderService,
  parseContext,
  type RequestContext,
} from '@vendure/core';
import { mergeMap, type Observable } from 'rxjs';

import { CartWatch } from '../service/cart-watch';
import { ShopResolver } from './shop.resolver';

/**
 * After every mutation, when its transaction is committed, the fee follows the cart; the answer has the new total.
 *
 * Events alone would not do: a new shipping method or address publishes none.
 *
 * @internal
 */
@Injectable()
export class FollowInterceptor implements NestInterceptor {
  constructor(
    private readonly carts: CartWatch,
    private readonly orders: OrderService,
  ) {}

  intercept(context: ExecutionContext, next: CallHandler): Observable<unknown> {
    const { isGraphQL, req, info } = parseContext(context) as any;
    const mayChange = isGraphQL ? info?.operation?.operation === 'mutation' : req?.method !== 'GET';
    if (!mayChange || !req || context.getClass() === ShopResolver) return next.handle();
    const ctx: RequestContext | undefined = contextOrNothing(req, context);
    if (!ctx) return next.handle();
    // Vendure's own interceptor emits a promise, which is kept when the transaction is committed.
    return next.handle().pipe(mergeMap(async (result) => this.follow(ctx, await result)));
  }

  private async follow(ctx: RequestContext, result: unknown): Promise<unknown> {
    const answered = result instanceof Order ? result.id : undefined;
    const more = [answered, ctx.session?.activeOrderId].filter((id): id is ID => id !== undefined && id !== null);
    const followed = await this.carts.follow(ctx, more);
    const isOld = answered !== undefined && followed.some((id) => id === answered);
    return isOld ? ((await this.orders.findOne(ctx, answered)) ?? result) : result;
  }
}

function contextOrNothing(req: any, context: ExecutionContext): RequestContext | undefined {
  try {
    return contextOf(req, context);
  } catch {
    return undefined; // a route without Vendure's guard
  }
}
