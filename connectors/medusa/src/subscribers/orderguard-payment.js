import { ContainerRegistrationKeys } from '@medusajs/framework/utils';

import { Reports } from '../reports/reports.js';

/** Events of payments name a payment; the order is behind its collection. The sweep finds what fails here. */
export default async function orderguardPayment({ event, container }) {
  try {
    const query = container.resolve(ContainerRegistrationKeys.QUERY);
    const payment = await query.graph({ entity: 'payment', fields: ['payment_collection_id'], filters: { id: event.data.id } });
    const filters = { payment_collection_id: payment.data[0]?.payment_collection_id ?? '' };
    const { data } = await query.graph({ entity: 'order_payment_collection', fields: ['order_id'], filters });
    if (data[0]) await new Reports(container).changed(data[0].order_id);
  } catch (error) {
    container.resolve(ContainerRegistrationKeys.LOGGER).error(`Orderguard: payment ${event.data.id} waits for the sweep: ${error.message}`);
  }
}

export const config = { event: ['payment.captured', 'payment.refunded'], context: { subscriberId: 'orderguard-payment' } };
