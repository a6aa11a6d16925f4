/**
 * A line of a cart; amounts in minor units, `totalPrice` after and `originalTotalPrice` before discounts.
 *
 * @typedef {{ quantity: number, totalPrice: number, originalTotalPrice: number, [member: string]: unknown }} CartLine
 * @typedef {'SHIPPING' | 'PICKUP' | 'DIGITAL'} DeliveryMethod
 */

/**
 * The body of `POST /v1/analyze` for a cart without fees: Orderguard's own fee must not be part of the priced goods.
 *
 * @param {object} cart
 * @param {string} cart.platform
 * @param {string} cart.currency
 * @param {CartLine[]} cart.lines
 * @param {number} cart.taxes in minor units
 * @param {DeliveryMethod[]} cart.deliveryMethods one per package
 * @param {Record<string, unknown>} cart.more further members: region, cartId, locale, customer
 * @returns {Record<string, unknown>}
 */
export function cartRequest({ platform, currency, lines, taxes, deliveryMethods, more }) {
  /** @param {'quantity' | 'totalPrice' | 'originalTotalPrice'} name */
  const sum = (name) => lines.reduce((total, line) => total + line[name], 0);
  const [subtotal, discounted] = [sum('originalTotalPrice'), sum('totalPrice')];
  return {
    platform,
    ...more,
    deliveryGroups: deliveryMethods.map((deliveryMethod) => ({ deliveryMethod })),
    cart: {
      currencyCode: currency,
      lines,
      subtotalAmount: subtotal,
      totalDiscountAmount: Math.max(0, subtotal - discounted),
      discountedSubtotalAmount: discounted,
      totalTaxAmount: taxes,
      totalAmount: discounted,
      itemCount: sum('quantity'),
    },
  };
}

/**
 * Orderguard's form of a region; a subdivision that is no ISO 3166-2 code is left out. TR01 and TR-01 are 01.
 *
 * @param {string} country
 * @param {string} [subdivision]
 * @returns {{ country: string, subdivision?: string }}
 */
export function regionOf(country, subdivision = '') {
  const rest = subdivision.startsWith(country) ? subdivision.slice(country.length) : '';
  const code = rest.startsWith('-') ? rest.slice(1) : rest.length === 2 ? rest : subdivision;
  return { country, ...(/^[A-Za-z0-9]{1,3}$/.test(code) && { subdivision: code }) };
}
