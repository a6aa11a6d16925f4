import { createHash } from 'node:crypto';

import { exponentOf, rateOf, toDecimals, toMajor, toMinor } from './core/index.js';
import { PLATFORM, TITLE_AT_MOST } from './cart.js';
import { feeOf, modesOf, shownCost } from './fee.js';

const NAME_AT_MOST = 100;

/**
 * The body of `PUT /api/v1/orders`: the whole order as it is now.
 *
 * @param {object} found
 * @param {any} found.order of `GET /v2/orders/ID`
 * @param {any[]} found.products
 * @param {any[]} found.fees
 * @param {any[]} found.refunds
 * @param {Map<number, object>} found.facts by product
 * @param {string | null} found.session
 * @param {boolean} found.withTax whether the shop showed prices with tax
 * @param {string} status
 * @returns {Record<string, any>}
 */
export function orderRequest({ order, products, fees, refunds, facts, session, withTax }, status) {
  const currency = order.default_currency_code;
  const money = (amount) => ({ amount: toDecimals(amount ?? 0, currency), currency_code: currency });
  const ours = fees.filter((fee) => feeOf([fee]));
  return {
    external_id: String(order.id),
    name: `#${order.id}`,
    status,
    source: PLATFORM,
    taxes_included: withTax,
    total_price: money(order.total_inc_tax),
    total_taxes: money(order.total_tax),
    total_shipping: money(withTax ? order.shipping_cost_inc_tax : order.shipping_cost_ex_tax),
    line_items: products.map((product) => ({
      external_id: String(product.id),
      title: String(product.name).slice(0, TITLE_AT_MOST),
      quantity: product.quantity,
      unit_price: { amount: rateOfProduct(product, withTax, currency), currency_code: currency },
      sku: product.sku || undefined,
      ...(product.variant_id ? { variant: { external_id: String(product.variant_id) } } : {}),
      ...(product.product_id ? { product: { external_id: String(product.product_id) } } : {}),
      ...facts.get(product.product_id),
    })),
    fees: ours.map((fee) => ({
      name: String(fee.display_name_customer || 'Order protection').slice(0, NAME_AT_MOST),
      accepted_offer_mode: modesOf(fee),
      amount: { amount: toMajor(shownCost(fee, withTax, currency), currency), currency_code: currency },
    })),
    refunds: refunds.filter(isPaidBack).flatMap((refund) => refundEntries(refund, { products, ours, withTax, currency })),
    metadata: session ? [{ key: 'session_id', value: session }] : [],
    created_at: isoOf(order.date_created),
  };
}

/** Whether Orderguard can count in the order's currency. */
export const isCountable = (order) => exponentOf(order.default_currency_code) !== null;

/** A hash of a push; equal when there is nothing new to say. */
export const fingerprintOf = (body) => createHash('sha256').update(JSON.stringify(body)).digest('hex').slice(0, 32);

/** The price of one piece as it was charged. Coupons and discounts are listed beside the line's total. */
function rateOfProduct(product, withTax, currency) {
  const discounts = (product.applied_discounts ?? []).map(({ amount }) => toMinor(amount ?? 0, currency));
  const off = discounts.reduce((sum, amount) => sum + amount, 0);
  const total = withTax ? product.total_inc_tax : product.total_ex_tax;
  if (off > 0) return rateOf(Math.max(0, toMinor(total, currency) - off), product.quantity, currency);
  // A rate, which may have more decimals than money.
  const price = String(withTax ? product.price_inc_tax : product.price_ex_tax);
  const decimals = (/\.(\d*?)0*$/.exec(price)?.[1] ?? '').length;
  return decimals > exponentOf(currency) ? price.replace(/0+$/, '') : toDecimals(price, currency);
}

/** Whether a refund gave money back; one with only declined payments did not. */
const isPaidBack = ({ payments }) => !payments?.length || payments.some(({ is_declined }) => !is_declined);

/** Converts a refund of BigCommerce to up to three of Orderguard: goods, our fee, and other money. */
function refundEntries(refund, { products, ours, withTax, currency }) {
  const created_at = isoOf(refund.created);
  const items = refund.items ?? [];
  const goods = items.filter(({ item_type, quantity }) => item_type === 'PRODUCT' && quantity > 0);
  const isOurs = ({ item_type, item_id }) => item_type === 'FEE' && ours.some(({ id }) => String(id) === String(item_id));
  const fees = items.filter(isOurs);
  const rest = items.filter((item) => !goods.includes(item) && !fees.includes(item));
  const sum = (each) => each.reduce((all, item) => all + amountOf(item), 0);
  const amountOf = ({ item_type, item_id, quantity, requested_amount }) => {
    if (requested_amount !== null && requested_amount !== undefined) return toMinor(requested_amount, currency);
    const product = products.find(({ id }) => id === item_id);
    if (item_type !== 'PRODUCT' || !product) return 0;
    return Math.round((toMinor(withTax ? product.total_inc_tax : product.total_ex_tax, currency) * quantity) / product.quantity);
  };
  const money = (amount) => ({ amount: toMajor(amount, currency), currency_code: currency });
  const entries = [];
  if (goods.length) {
    const line_items = goods.map(({ item_id, quantity }) => ({ external_id: String(item_id), quantity }));
    entries.push({ external_id: String(refund.id), type: 'line_item', amount: money(sum(goods)), line_items, created_at });
  }
  if (fees.length) entries.push({ external_id: `${refund.id}-fee`, type: 'fee', amount: money(sum(fees)), created_at });
  const other = items.length ? sum(rest) : toMinor(refund.total_amount ?? 0, currency);
  if (other > 0) entries.push({ external_id: `${refund.id}-other`, type: 'other', amount: money(other), created_at });
  return entries;
}

/** Converts a date of V2, `Mon, 30 Nov 2026 10:00:00 +0000`, to ISO 8601. */
function isoOf(text) {
  const date = new Date(text);
  return Number.isNaN(date.getTime()) ? undefined : date.toISOString();
}
