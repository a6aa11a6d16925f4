import { Reports } from '../reports/reports.js';

/** Hears what happens to orders. What is pushed is the order, not the event. */
export default async function orderguardOrder({ event, container }) {
  const orderId = event.data.order_id ?? event.data.id;
  if (orderId) await new Reports(container).changed(orderId);
}

export const config = {
  event: [
    'order.placed',
    'order.canceled',
    'order.updated',
    'order.completed',
    'order.return_received',
    'order.claim_created',
    'order.exchange_created',
    'order-edit.confirmed',
  ],
  context: { subscriberId: 'orderguard-order' },
};
