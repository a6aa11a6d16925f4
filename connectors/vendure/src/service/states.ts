import type { Order } from '@vendure/core';

import type { OrderState } from '../core/order_state';

const PAID = ['PaymentSettled', 'PartiallyShipped', 'Shipped', 'PartiallyDelivered', 'Delivered'];
const UNPAID = ['Created', 'Draft', 'AddingItems', 'ArrangingPayment'];
/** While an administrator changes the order there is nothing to say; the change ends in another state. */
const CHANGING = ['Modifying', 'ArrangingAdditionalPayment'];

/**
 * What Vendure's order states mean; null while an order is being changed. The README has the same table.
 *
 * @param order with payments and their refunds
 */
export function stateOf(order: Order, coverAuthorized: boolean): OrderState | null {
  const state: string = order.state;
  if (state === 'Cancelled' || isRefundedInFull(order)) return 'ended';
  if (CHANGING.includes(state)) return null;
  if (state === 'PaymentAuthorized') return coverAuthorized ? 'paid' : 'unpaid';
  if (PAID.includes(state)) return 'paid';
  if (UNPAID.includes(state) || !order.orderPlacedAt) return 'unpaid';
  // A state of the shop's own, such as "Packed", is paid when the order was.
  return settled(order) > 0 ? 'paid' : 'unpaid';
}

const settled = (order: Order): number =>
  order.payments.filter(({ state }) => state === 'Settled').reduce((sum, { amount }) => sum + amount, 0);

function isRefundedInFull(order: Order): boolean {
  const refunds = order.payments.flatMap((payment) => payment.refunds ?? []);
  const back = refunds.filter(({ state }) => state === 'Settled').reduce((sum, { total }) => sum + total, 0);
  return back > 0 && back >= settled(order);
}
