import { ContainerRegistrationKeys } from '@medusajs/framework/utils';

import { Offers } from '../offers/offers.js';

/** Changes that no request of the Store API made: a job, a route of the shop's own. Others are followed at once. */
export default async function orderguardCart({ event, container }) {
  try {
    await new Offers(container).follow(event.data.id);
  } catch (error) {
    container.resolve(ContainerRegistrationKeys.LOGGER).error(`Orderguard: the fee of cart ${event.data.id} could not follow: ${error.message}`);
  }
}

export const config = { event: 'cart.updated', context: { subscriberId: 'orderguard-cart' } };
