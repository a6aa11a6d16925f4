import { explained, outcomeOf, sentenceOf, toWire } from './core/index.js';
import { BigCommerceError } from './bigcommerce.js';
import { feeOf, modesOf } from './fee.js';
import { Metafield, readMemory } from './memory.js';
import { fingerprintOf, isCountable, orderRequest } from './order.js';
import { stateOf } from './states.js';

/**
 * The outcome of one report. `same`: Orderguard has it already, or need not know. `silent`: Orderguard or BigCommerce
 * could not be reached, and other orders need not be tried. `unconnected`: the merchant has entered no keys.
 *
 * @typedef {'taken' | 'refused' | 'later' | 'silent' | 'same' | 'unconnected'} Reported
 * @typedef {{ reported: Reported, why: string, body?: object, fingerprint?: string }} Result
 */

const NO_MODES = 'The protection fee of this order does not name what was sold. Refund the fee, or report the order by hand.';

/**
 * Reports one order as it is now.
 *
 * @param {any} store connected
 * @param {number} orderId
 * @param {{ orderguard: import('./orderguard.js').Orderguard, facts: import('./facts.js').Facts, refused: string }} parts `refused`:
 *   the fingerprint that was refused before
 * @returns {Promise<Result>}
 */
export async function report(store, orderId, { orderguard, facts, refused }) {
  if (!store.connection) return { reported: 'unconnected', why: 'Orderguard is not connected: keys are missing.' };
  try {
    const found = await read(store, orderId, facts);
    if (!found) return { reported: 'same', why: '' };
    return await push(store, found, orderguard, refused);
  } catch (error) {
    if (!(error instanceof BigCommerceError)) throw error;
    // A revoked token, a shop that is away, a spent rate limit: the next order would meet the same.
    const isSilence = [0, 401, 403, 429].includes(error.status) || error.status >= 500;
    return { reported: isSilence ? 'silent' : 'later', why: error.message };
  }
}

/** The data for the report of an order; null when it is not to be reported. */
async function read(store, orderId, facts) {
  const { shop } = store;
  const order = await found(shop, `/v2/orders/${orderId}`);
  if (!order || !isCountable(order)) return null;
  const field = new Metafield(shop, `/v3/orders/${orderId}/metafields`);
  const mark = (await field.read()) ?? {};
  const status = toWire(stateOf(order), Boolean(mark.pushed));
  if (!status) return null;
  const [fees, cart] = [(await found(shop, `/v2/orders/${orderId}/fees`))?.fees ?? [], await cartOf(shop, order)];
  const session = cart.answer?.session ?? mark.session ?? null;
  if (isOfBefore(store, order) && !feeOf(fees) && !session) return null;
  const products = await shop.everyPage(`/v2/orders/${orderId}/products`);
  const known = await facts.of(store, [...new Set(products.map(({ product_id }) => product_id).filter(Boolean))]);
  if (!known) throw new BigCommerceError(0, 'The products of the order could not be read.');
  const refunds = (await found(shop, `/v3/orders/${orderId}/payment_actions/refunds`))?.data ?? [];
  const withTax = mark.withTax ?? (cart.answer ? cart.withTax : order.is_tax_inclusive_pricing === true);
  const body = orderRequest({ order, products, fees, refunds, facts: known, session, withTax }, status);
  return { order, field, mark, body, fee: feeOf(fees), session, withTax };
}

async function push(store, { order, field, mark, body, fee, session, withTax }, orderguard, refused) {
  const fingerprint = fingerprintOf(body);
  if (fingerprint === mark.pushed) return { reported: 'same', why: '' };
  if (fee && !modesOf(fee).length) {
    if (refused !== fingerprint) await tell(store, order, NO_MODES);
    return { reported: 'refused', why: NO_MODES, fingerprint };
  }
  const said = await orderguard.pushOrder(store.connection, body);
  const outcome = outcomeOf(said.status, said.body);
  if (outcome === 'later') {
    return { reported: [0, 401, 403, 404, 429, 503].includes(said.status) ? 'silent' : 'later', why: explained(said), body };
  }
  if (outcome === 'refused') {
    const why = sentenceOf(said.status, said.body);
    // Told once per state of the order, and only where a shopper paid for protection.
    if (fee && refused !== fingerprint) await tell(store, order, why);
    return { reported: 'refused', why, fingerprint };
  }
  await field.write({ session, withTax, pushed: fingerprint, modes: fee ? modesOf(fee) : [] });
  return { reported: 'taken', why: '' };
}

/** A note for the merchant in the order's staff notes. */
async function tell({ shop }, { id, staff_notes }, why) {
  const note = `Orderguard does not have this order, so its protection is not covered yet (${why}) When the reason is gone, send it again on the page of the app.`;
  if (staff_notes?.includes(note)) return;
  await shop.call('PUT', `/v2/orders/${id}`, { staff_notes: [staff_notes, note].filter(Boolean).join('\n') });
}

/** The memory of the cart; BigCommerce still gives it when the cart has become an order. */
async function cartOf(shop, order) {
  if (!order.cart_id) return readMemory(null);
  try {
    return readMemory(await new Metafield(shop, `/v3/carts/${order.cart_id}/metafields`).read());
  } catch (error) {
    if (error instanceof BigCommerceError && error.status === 404) return readMemory(null);
    throw error;
  }
}

/**
 * Orders that were placed before the app was there, or without a checkout, are none of its business, unless they bear its
 * fee. BigCommerce writes times without milliseconds.
 */
const isOfBefore = ({ installedAt }, { date_created, cart_id }) => !cart_id || new Date(date_created).getTime() < installedAt - 1_000;

async function found(shop, path) {
  try {
    return await shop.call('GET', path);
  } catch (error) {
    if (error instanceof BigCommerceError && error.status === 404) return null;
    throw error;
  }
}
