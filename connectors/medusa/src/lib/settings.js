/**
 * Without `url`, `cartKey` and `ordersKey` the plugin is silent: shoppers see nothing, and nothing is sent.
 * A setting may be a function of the cart or order (`sales_channel_id`, `region_id`, `currency_code`), so that every
 * sales channel can have keys of its own.
 *
 * @typedef {object} Options
 * @property {Setting<string>} [url] the address of the Orderguard server
 * @property {Setting<string>} [cartKey] a key of scope `cart`
 * @property {Setting<string>} [ordersKey] a key of scope `orders`
 * @property {Setting<string>} [country] ISO 3166 code of shoppers who have not told their country
 * @property {Setting<boolean>} [pricesWithTax] whether the storefront shows tax
 * @property {Setting<string>} [feeName]
 * @property {Setting<string>} [feeProductTypeId] the fee is taxed as goods of this product type
 * @property {(cart: any, method: any) => 'SHIPPING' | 'PICKUP' | 'DIGITAL'} [deliveryMethod]
 * @property {boolean} [coverAuthorized] whether an authorized payment counts as paid
 * @property {(order: any, refund: any) => boolean} [isFeeRefund]
 * @property {(cart: any, body: any) => any} [cartRequest]
 * @property {(order: any, body: any) => any} [orderRequest]
 * @property {number} [offerTimeoutMs]
 * @property {number} [orderTimeoutMs]
 *
 * @typedef {{ url: string, cartKey: string, ordersKey: string }} Connection
 */

/** @template T @typedef {T | ((of: any) => T | undefined | Promise<T | undefined>)} Setting */

/** The plugin's options, read for one cart or order. */
export class Settings {
  #warned = new Set();

  /** @param {Options} options @param {(sentence: string) => void} warn */
  constructor(options, warn) {
    this.options = options;
    this.warn = warn;
  }

  /** Null when nothing is connected. @param {any} of a cart or an order @returns {Promise<Connection | null>} */
  async connection(of) {
    const names = ['url', 'cartKey', 'ordersKey'];
    const [url, cartKey, ordersKey] = await Promise.all(names.map((name) => this.read(name, of, '')));
    if (!url && !cartKey && !ordersKey) return null;
    const lacking = whatLacks(url, cartKey, ordersKey);
    if (lacking) {
      this.#warnOnce(`Nothing is offered or reported: ${lacking}`);
      return null;
    }
    return { url: url.trim().replace(/\/+$/, ''), cartKey: cartKey.trim(), ordersKey: ordersKey.trim() };
  }

  /** A setting, or `otherwise` when it is absent or its function fails. @param {string} name @param {any} of @param {any} otherwise */
  async read(name, of, otherwise) {
    const setting = this.options[name];
    try {
      return (typeof setting === 'function' ? await setting(of) : setting) ?? otherwise;
    } catch (error) {
      this.#warnOnce(`The setting ${name} could not be read: ${error.message}`);
      return otherwise;
    }
  }

  #warnOnce(sentence) {
    if (!this.#warned.has(sentence)) this.warn(sentence);
    this.#warned.add(sentence);
  }
}

function whatLacks(url, cartKey, ordersKey) {
  if (!url) return 'the option `url` is missing.';
  if (!/^https?:\/\/[^/\s]+/.test(url.trim())) return `${url} is no address; it begins with https://.`;
  if (!cartKey) return 'the option `cartKey` is missing.';
  return ordersKey ? '' : 'the option `ordersKey` is missing.';
}
