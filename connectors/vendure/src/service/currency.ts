import type { Order, RequestContext } from '@vendure/core';

/**
 * The context in the order's own currency. Vendure recalculates an order in the currency of the context, and a query
 * may name another one; looking at an offer must not change what the goods cost.
 */
export function inCurrencyOf(ctx: RequestContext, order: Order): RequestContext {
  if (ctx.currencyCode === order.currencyCode) return ctx;
  const copy = ctx.copy();
  Object.defineProperty(copy, '_currencyCode', { value: order.currencyCode, writable: true });
  return copy;
}
