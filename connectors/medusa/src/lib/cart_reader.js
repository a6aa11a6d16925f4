import { createHash } from 'node:crypto';

import { cartRequest, regionOf } from '../core/index.js';
import { isFee } from './fee_line.js';
import { count, ShopMoney } from './numbers.js';

export const PLATFORM = 'medusa';
export const TITLE_AT_MOST = 255;

/** What a cart has to be loaded with. */
export const CART_FIELDS = [
  'id', 'currency_code', 'region_id', 'sales_channel_id', 'locale', 'email', 'completed_at', 'total', 'metadata',
  'region.countries.iso_2', 'items.*', 'items.tax_lines.*', 'items.adjustments.*',
  'items.product.id', 'items.product.tags.value', 'items.product.collection.handle',
  'items.product.categories.handle',
  'shipping_methods.*', 'shipping_methods.tax_lines.*', 'shipping_methods.adjustments.*', 'shipping_address.*',
  'customer.id', 'customer.groups.name',
]; // prettier-ignore

/** The goods of a cart or an order: everything but our fee. */
export const goodsOf = (cart, fee = null) => cart.items.filter((item) => !isFee(item, fee) && count(item.quantity) > 0);

/**
 * The body of `POST /v1/analyze`. Our fee is not in it, so the fee never prices itself.
 *
 * @param {any} cart with `CART_FIELDS`
 * @param {object} how
 * @param {import('./fee_line.js').Fee | null} how.fee
 * @param {boolean} how.isTaxShown whether the storefront shows prices with tax
 * @param {string} how.country of shoppers who have not told theirs
 * @param {import('../core/cart_request.js').DeliveryMethod[]} how.deliveryMethods one per shipping method
 */
export function readCart(cart, { fee, isTaxShown, country, deliveryMethods }) {
  const money = new ShopMoney(cart.currency_code);
  const goods = goodsOf(cart, fee);
  const { country_code, province } = cart.shipping_address ?? {};
  const [only, ...more] = cart.region?.countries ?? [];
  const home = country_code || country || (only && !more.length ? only.iso_2 : '');
  return cartRequest({
    platform: PLATFORM,
    currency: money.currency,
    lines: goods.map((item) => ({
      id: item.id,
      productId: item.product_id ?? null,
      variantId: item.variant_id ?? null,
      sku: item.variant_sku || null,
      title: titleOf(item),
      quantity: count(item.quantity),
      ...pricesOf(item, money, isTaxShown),
      ...factsOf(item),
    })),
    taxes: goods.reduce((sum, item) => sum + money.toMinor(item.tax_total), 0),
    deliveryMethods: deliveryMethodsOf(goods, deliveryMethods),
    more: {
      region: regionOf(home.toUpperCase(), country_code ? (province ?? '').toUpperCase() : ''),
      locale: (cart.locale || 'en').replace('_', '-'),
      cartId: `medusa-${cart.id}`,
      customer: { groups: unique((cart.customer?.groups ?? []).map((group) => group?.name)) },
    },
  });
}

/** The prices of a line as the storefront shows them, after and before discounts, in minor units. */
export function pricesOf(item, money, isTaxShown) {
  if (isTaxShown) return { totalPrice: money.toMinor(item.total), originalTotalPrice: money.toMinor(item.original_total) };
  const [net, discount] = [money.toMinor(item.subtotal), money.toMinor(item.discount_subtotal)];
  return { totalPrice: Math.max(0, net - discount), originalTotalPrice: net };
}

/** What exclusion rules may name: values of tags, and handles of the collection and the categories. */
export const factsOf = (item) => ({
  tags: unique((item.product?.tags ?? []).map((tag) => tag?.value)),
  collections: unique([item.product?.collection?.handle, ...(item.product?.categories ?? []).map((each) => each?.handle)]),
});

/** Medusa keeps the name of the product as title, and that of the variant as subtitle. */
export const titleOf = (item) => String(item.product_title ?? item.title ?? '').slice(0, TITLE_AT_MOST);

/** Whether prices in this cart or order contain tax, as far as Medusa says. */
export const isTaxInside = (cart, fee = null) => {
  const goods = goodsOf(cart, fee);
  return goods.length > 0 && goods.every((item) => Boolean(item.is_tax_inclusive));
};

/** A hash of a question or of a push; equal when there is nothing new. */
export const fingerprintOf = (...said) => createHash('sha256').update(JSON.stringify(said)).digest('hex').slice(0, 32);

/** A chosen method is believed first: goods without a shipping profile are shipped as well, and Medusa says they need not be. */
function deliveryMethodsOf(goods, chosen) {
  if (chosen.length) return chosen;
  return goods.length && goods.every((item) => item.requires_shipping === false) ? ['DIGITAL'] : ['SHIPPING'];
}

const unique = (texts) => [...new Set(texts.filter((text) => typeof text === 'string' && text))].sort();
