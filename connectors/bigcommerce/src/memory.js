import { GONE, NO_CHOICE, readTerms } from './core/index.js';
import { BigCommerceError } from './bigcommerce.js';

const NAMESPACE = 'orderguard';
const KEY = 'offer';
const NOTICES = ['price_rose', 'modes_changed', 'currency_changed', GONE];

/**
 * The stored state of a cart, in a metafield that only this app can read and write. It is deleted with the
 * cart, and can still be read when the cart has become an order.
 *
 * @typedef {object} Memory
 * @property {string} asked a hash of the cart that was asked about
 * @property {number} at when, in milliseconds
 * @property {import('./core/answer.js').Answer | null} answer
 * @property {import('./core/choice.js').Choice} choice
 * @property {boolean} withTax whether the shop showed prices with tax
 */

/** @type {Memory} */
export const NOTHING = { asked: '', at: 0, answer: null, choice: NO_CHOICE, withTax: false };

/** One metafield of a cart or an order. */
export class Metafield {
  #shop;
  #path;
  #id = null;

  /**
   * @param {import('./bigcommerce.js').BigCommerce} shop
   * @param {string} path such as `/v3/carts/ID/metafields`
   */
  constructor(shop, path) {
    this.#shop = shop;
    this.#path = path;
  }

  /** The decoded value, or null. */
  async read() {
    const body = await this.#shop.call('GET', `${this.#path}?namespace=${NAMESPACE}&key=${KEY}&limit=50`);
    const found = (body?.data ?? []).find(({ namespace, key }) => namespace === NAMESPACE && key === KEY);
    this.#id = found?.id ?? null;
    try {
      return found ? JSON.parse(found.value) : null;
    } catch {
      return null;
    }
  }

  /** @param {object} value */
  async write(value) {
    const field = { permission_set: 'app_only', namespace: NAMESPACE, key: KEY, value: JSON.stringify(value), description: 'Order protection' };
    if (this.#id) return this.#shop.call('PUT', `${this.#path}/${this.#id}`, field);
    try {
      return await this.#shop.call('POST', this.#path, field);
    } catch (error) {
      // Another request made it a moment ago.
      if (!(error instanceof BigCommerceError) || error.status !== 409) throw error;
      await this.read();
      return this.#shop.call('PUT', `${this.#path}/${this.#id}`, field);
    }
  }
}

/** @param {any} kept @returns {Memory} */
export function readMemory(kept) {
  const { asked, at, answer, choice, withTax } = kept ?? {};
  if (typeof asked !== 'string' || !Number.isFinite(at)) return NOTHING;
  const isAnswer = typeof answer?.session === 'string' && typeof answer?.reason === 'string';
  return {
    asked,
    at,
    answer: isAnswer ? { session: answer.session, reason: answer.reason, offer: readTerms(answer.offer) } : null,
    choice: { agreed: readTerms(choice?.agreed), notice: NOTICES.includes(choice?.notice) ? choice.notice : null },
    withTax: withTax === true,
  };
}
