import { toMajor, toMinor } from './core/index.js';
import { BigCommerceError } from './bigcommerce.js';
import { isTaxShown } from './cart.js';

const SOURCE = 'orderguard:';
const NAME = 'Order protection';
/** BigCommerce's limits: fees of a checkout, letters of a fee's source. */
const FEES_AT_MOST = 5;
const SOURCE_AT_MOST = 50;

/** Our fee among others, or undefined. Orders and checkouts have the same `source`. */
export const feeOf = (fees) => (fees ?? []).find(({ source }) => typeof source === 'string' && source.startsWith(SOURCE));

/** The modes that a fee was sold for: they travel with it, so that an order is covered also when this app has lost its state. */
export const modesOf = ({ source }) => source.slice(SOURCE.length).split(',').filter(Boolean);

/**
 * The amount of a fee as the shopper sees it, in minor units: with tax where prices have it. BigCommerce
 * answers with both amounts and never with the `cost` that it was given.
 *
 * @param {any} fee
 * @param {boolean} withTax
 * @param {string} currency
 */
export const shownCost = (fee, withTax, currency) => toMinor((withTax ? fee.cost_inc_tax : fee.cost_ex_tax) ?? 0, currency);

/** Whether another fee can be added: a checkout takes five fees, and other apps may have added some. */
export const hasRoom = (checkout) => Boolean(feeOf(checkout.fees)) || (checkout.fees ?? []).length < FEES_AT_MOST;

/**
 * Puts the fee for these terms on the checkout, or removes our fee without terms; returns the checkout. The
 * fees of others stay.
 *
 * @param {import('./bigcommerce.js').BigCommerce} shop
 * @param {any} checkout
 * @param {import('./core/terms.js').Terms | null} terms
 * @param {number | null} taxClass null: the store's own for fees
 * @returns {Promise<{ checkout: any, isChanged: boolean, isExact: boolean }>} `isExact` is false when the store would charge
 *   another amount, and then there is no fee
 * @throws {BigCommerceError}
 */
export async function putFee(shop, checkout, terms, taxClass) {
  const path = `/v3/checkouts/${checkout.id}/fees`;
  const mine = feeOf(checkout.fees);
  if (!terms) {
    if (!mine) return { checkout, isChanged: false, isExact: true };
    return { checkout: await removed(shop, path, checkout, mine), isChanged: true, isExact: true };
  }
  const wanted = feeFor(terms, taxClass);
  if (wanted.source.length > SOURCE_AT_MOST) return { checkout, isChanged: false, isExact: false };
  if (mine && isAsWanted(checkout, mine, wanted, terms)) return { checkout, isChanged: false, isExact: true };
  const now = await written(shop, path, checkout, mine, wanted);
  const put = feeOf(now.fees);
  if (put && isAsWanted(now, put, wanted, terms)) return { checkout: now, isChanged: true, isExact: true };
  return { checkout: put ? await removed(shop, path, now, put) : now, isChanged: true, isExact: false };
}

const feeFor = ({ amount, currency, modes }, taxClass) => ({
  type: 'custom_fee',
  name: NAME,
  display_name: NAME,
  cost: Number(toMajor(amount, currency)),
  source: SOURCE + modes.join(','),
  ...(taxClass !== null && { tax_class_id: taxClass }),
});

function isAsWanted(checkout, fee, wanted, { amount, currency }) {
  const isTaxedSo = wanted.tax_class_id === undefined || fee.tax_class_id === undefined || fee.tax_class_id === wanted.tax_class_id;
  return fee.source === wanted.source && isTaxedSo && shownCost(fee, isTaxShown(checkout), currency) === amount;
}

/** A fee that another request put or took off meanwhile is a conflict, or not found: then the checkout is read again. */
async function written(shop, path, checkout, mine, wanted) {
  const write = (fee) => shop.call(fee ? 'PUT' : 'POST', path, { fees: [fee ? { id: fee.id, ...wanted } : wanted] });
  try {
    return (await write(mine)).data;
  } catch (error) {
    if (!isConflict(error)) throw error;
    const now = (await shop.call('GET', `/v3/checkouts/${checkout.id}`)).data;
    return (await write(feeOf(now.fees))).data;
  }
}

async function removed(shop, path, checkout, mine) {
  try {
    return (await shop.call('DELETE', path, { ids: [mine.id] })).data;
  } catch (error) {
    if (!isConflict(error)) throw error;
    const now = (await shop.call('GET', `/v3/checkouts/${checkout.id}`)).data;
    const left = feeOf(now.fees);
    return left ? (await shop.call('DELETE', path, { ids: [left.id] })).data : now;
  }
}

const isConflict = (error) => error instanceof BigCommerceError && [404, 409].includes(error.status);
