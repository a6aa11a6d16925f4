import { cartRequest, regionOf, toMinor } from './core/index.js';

export const PLATFORM = 'bigcommerce';
export const TITLE_AT_MOST = 255;

/**
 * The body of `POST /v1/analyze` for a checkout: the goods, in the prices that the shop shows. Fees are no lines, so
 * Orderguard's own fee never prices itself.
 *
 * @param {any} checkout of `GET /v3/checkouts/ID`
 * @param {Map<number, { vendor?: string, collections: string[] }>} facts by product, for rules that exclude goods
 * @param {string} country of shoppers without an address
 * @returns {Record<string, any>}
 */
export function analyzeRequest(checkout, facts, country) {
  const { cart, consignments = [] } = checkout;
  const currency = cart.currency.code;
  const lines = linesOf(cart, currency, facts);
  spread(lines, goodsTotal(cart, currency));
  const address = consignments.map((each) => each.shipping_address ?? each.address).find((each) => each?.country_code);
  return cartRequest({
    platform: PLATFORM,
    currency,
    lines,
    taxes: toMinor(checkout.tax_total ?? 0, currency),
    deliveryMethods: deliveryMethods(lines, consignments),
    more: {
      // BigCommerce's checkout and cart have the same id.
      cartId: checkout.id,
      region: regionOf(address?.country_code || country, address?.state_or_province_code ?? ''),
    },
  });
}

/** Whether the shop shows prices with their tax. @param {any} checkout */
export const isTaxShown = (checkout) => checkout.cart.tax_included === true;

/** The products of a checkout. @param {any} checkout @returns {number[]} */
export function productsOf(checkout) {
  const { physical_items = [], digital_items = [] } = checkout.cart.line_items;
  return [...new Set([...physical_items, ...digital_items].map((item) => item.product_id).filter(Boolean))];
}

function linesOf({ line_items }, currency, facts) {
  const { physical_items = [], digital_items = [], custom_items = [] } = line_items;
  const lineOf = (requiresShipping) => (item) => {
    const before = item.extended_list_price ?? item.list_price * item.quantity;
    // The sale price is after discounts and before coupons.
    const after = (item.extended_sale_price ?? before) - (Number(item.coupon_amount) || 0);
    return {
      id: String(item.id),
      productId: String(item.product_id ?? item.id),
      variantId: item.variant_id ? String(item.variant_id) : null,
      sku: item.sku || null,
      title: String(item.name).slice(0, TITLE_AT_MOST),
      quantity: item.quantity,
      totalPrice: Math.max(0, toMinor(after, currency)),
      originalTotalPrice: toMinor(before, currency),
      requiresShipping: item.is_require_shipping ?? requiresShipping,
      ...facts.get(item.product_id),
    };
  };
  return [...[...physical_items, ...custom_items].map(lineOf(true)), ...digital_items.map(lineOf(false))];
}

/**
 * The price of the goods after all discounts, as BigCommerce reports it, without gift certificates; null if
 * it reports none.
 */
function goodsTotal(cart, currency) {
  const amount = cart.tax_included ? cart.cart_amount_inc_tax : cart.cart_amount_ex_tax;
  if (typeof amount !== 'number') return null;
  const certificates = (cart.line_items.gift_certificates ?? []).reduce((sum, each) => sum + toMinor(each.amount, currency), 0);
  return Math.max(0, toMinor(amount, currency) - certificates);
}

/**
 * Distributes a discount on the whole cart over the lines in proportion; remaining minor units go one by
 * one.
 */
function spread(lines, total) {
  const sum = lines.reduce((all, { totalPrice }) => all + totalPrice, 0);
  if (total === null || total >= sum) return;
  const exact = lines.map(({ totalPrice }) => (totalPrice * total) / sum);
  lines.forEach((line, place) => (line.totalPrice = Math.floor(exact[place])));
  let left = total - lines.reduce((all, { totalPrice }) => all + totalPrice, 0);
  const byRest = lines.map((_, place) => place).sort((a, b) => (exact[b] % 1) - (exact[a] % 1) || a - b);
  for (const place of byRest) {
    if (left <= 0) break;
    lines[place].totalPrice += 1;
    left -= 1;
  }
}

/** The delivery methods, one per consignment; `DIGITAL` for a cart with nothing to ship. */
function deliveryMethods(lines, consignments) {
  if (lines.length && !lines.some(({ requiresShipping }) => requiresShipping)) return ['DIGITAL'];
  if (!consignments.length) return ['SHIPPING'];
  return consignments.map((each) => (each.selected_pickup_option ? 'PICKUP' : 'SHIPPING'));
}
