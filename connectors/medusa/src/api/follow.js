import { refetchEntity } from '@medusajs/framework/http';
import { ContainerRegistrationKeys } from '@medusajs/framework/utils';

import { Offers } from '../offers/offers.js';

/**
 * After a change by the Store API the fee follows the cart before the answer is written, so that totals are right at
 * once. A fee that could not follow is corrected when the payment begins.
 */
export function afterChange(req, res, next) {
  const cartId = /^\/store\/carts\/([^/?]+)/.exec(req.originalUrl)?.[1];
  const json = res.json.bind(res);
  res.json = (body) => {
    res.json = json;
    if (res.statusCode >= 400 || !cartId || body?.type === 'order') return json(body);
    followed(req, cartId, body).then(json, next);
    return res;
  };
  next();
}

async function followed(req, cartId, body) {
  // An event of the same change may have been faster; the cart in the answer is from before either.
  const isKnown = await quietly(req, cartId, () => new Offers(req.scope).follow(cartId));
  const member = body?.cart ? 'cart' : 'parent';
  if (!isKnown || !body?.[member] || !req.queryConfig?.fields) return body;
  return { ...body, [member]: await cartOf(req, cartId) };
}

/** The cart with the fields that the request asks for. */
export function cartOf(req, cartId) {
  return refetchEntity({ entity: 'cart', idOrFilter: cartId, scope: req.scope, fields: req.queryConfig.fields });
}

/** When a payment begins, its amount is fixed: the offer is asked for once more. Never refuses. */
export async function beforePayment(req, _res, next) {
  await quietly(req, `of payment collection ${req.params.id}`, async () => {
    const query = req.scope.resolve(ContainerRegistrationKeys.QUERY);
    const filters = { payment_collection_id: req.params.id };
    const { data } = await query.graph({ entity: 'cart_payment_collection', fields: ['cart_id'], filters });
    if (data[0]) await new Offers(req.scope).settle(data[0].cart_id);
  });
  next();
}

export async function beforeCompletion(req, _res, next) {
  await quietly(req, req.params.id, () => new Offers(req.scope).mend(req.params.id));
  next();
}

/** No failure of ours is one of the checkout. */
async function quietly(req, cart, work) {
  try {
    return await work();
  } catch (error) {
    req.scope.resolve(ContainerRegistrationKeys.LOGGER).error(`Orderguard: the fee of cart ${cart} could not follow: ${error.message}`);
    return null;
  }
}
