/** The shopper reached the payment page; also after a payment that failed. */
export const INCOMPLETE = 0;

/**
 * What BigCommerce's order states mean, by `status_id`. A state of the shop's own keeps its number: merchants can only
 * rename states.
 */
const STATES = new Map([
  [INCOMPLETE, 'unpaid'],
  [1, 'unpaid'], // Pending
  [7, 'unpaid'], // Awaiting Payment
  [12, 'unpaid'], // Manual Verification Required
  [2, 'paid'], // Shipped
  [3, 'paid'], // Partially Shipped
  [8, 'paid'], // Awaiting Pickup
  [9, 'paid'], // Awaiting Shipment
  [10, 'paid'], // Completed
  [11, 'paid'], // Awaiting Fulfillment
  [13, 'paid'], // Disputed
  [14, 'paid'], // Partially Refunded
  [4, 'ended'], // Refunded
  [5, 'ended'], // Cancelled
  [6, 'ended'], // Declined
]);

/**
 * @param {{ status_id: number, is_deleted?: boolean }} order
 * @returns {import('./core/order_state.js').OrderState}
 */
export function stateOf({ status_id, is_deleted }) {
  return is_deleted ? 'ended' : (STATES.get(Number(status_id)) ?? 'unpaid');
}
