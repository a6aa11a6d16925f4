import { toMajor } from '../core/index.js';
import { count, ShopMoney } from './numbers.js';

/** The key of our entry in a line's metadata: the session and the terms that were sold. */
export const MARK = 'orderguard';

/**
 * The fee as it was last put on the cart. `id` is Medusa's id of the line, `amount` in minor units; `region` of
 * the cart at that time.
 *
 * @typedef {{ id: string, amount: number, currency: string, isTaxInclusive: boolean, region: string | null }} Fee
 */

/**
 * Whether a line is our fee. Shoppers can add lines of variants only, so a mark on such a line means nothing.
 *
 * @param {any} item
 * @param {Fee | null} [fee] as it was last put; knows the line by its id as well
 */
export const isFee = (item, fee = null) =>
  item.id === fee?.id || (!item.variant_id && Array.isArray(item.metadata?.[MARK]?.modes));

/** @param {any} item @returns {string[]} */
export const modesOf = (item) => item.metadata?.[MARK]?.modes ?? [];

/**
 * The line that a cart has to have for these terms.
 *
 * @param {import('../core/terms.js').Terms} terms
 * @param {{ title: string, isTaxInclusive: boolean, productTypeId?: string }} how
 */
export function lineFor(terms, { title, isTaxInclusive, productTypeId }) {
  const { session, modes, amount, currency } = terms;
  return {
    title,
    quantity: 1,
    unit_price: Number(toMajor(amount, currency)),
    is_custom_price: true,
    is_tax_inclusive: isTaxInclusive,
    is_discountable: false,
    requires_shipping: false,
    product_type_id: productTypeId ?? null,
    metadata: { [MARK]: { session, modes, amount, currency } },
  };
}

/**
 * Whether the line is as wanted, whatever order a database gives the members in.
 *
 * @param {any} item
 * @param {ReturnType<typeof lineFor>} wanted
 */
export function isSame(item, wanted) {
  const { session, modes, amount, currency } = item.metadata?.[MARK] ?? {};
  const terms = wanted.metadata[MARK];
  return (
    count(item.quantity) === 1 &&
    Number(count(item.unit_price)) === wanted.unit_price &&
    item.title === wanted.title &&
    Boolean(item.is_tax_inclusive) === wanted.is_tax_inclusive &&
    (item.product_type_id ?? null) === wanted.product_type_id &&
    JSON.stringify([session, modes, amount, currency]) ===
      JSON.stringify([terms.session, terms.modes, terms.amount, terms.currency])
  );
}

/**
 * Whether a cart may be completed: it has no fee, or the one fee that the shopper agreed to and saw.
 *
 * @param {any} cart with items and their adjustments
 * @param {import('./memory.js').Memory} memory
 */
export function isAsAgreed(cart, { choice, fee }) {
  const found = cart.items.filter((/** @type {any} */ item) => isFee(item, fee));
  if (!found.length) return true;
  const [item, ...more] = found;
  return Boolean(
    !more.length &&
      choice.agreed &&
      fee &&
      item.id === fee.id &&
      count(item.quantity) === 1 &&
      cart.currency_code.toUpperCase() === fee.currency &&
      new ShopMoney(cart.currency_code).toMinor(item.unit_price) === fee.amount &&
      Boolean(item.is_tax_inclusive) === fee.isTaxInclusive,
  );
}

/**
 * Whether a change by the Store API may be made to a line: our fee can be taken off, and not changed otherwise.
 *
 * @param {any} item
 * @param {{ quantity?: any, metadata?: any, unit_price?: any }} update
 */
export function mayChange(item, { quantity, metadata, unit_price }) {
  if (!isFee(item) || (quantity !== undefined && count(quantity) === 0)) return true;
  return (quantity === undefined || count(quantity) === 1) && metadata === undefined && unit_price === undefined;
}
