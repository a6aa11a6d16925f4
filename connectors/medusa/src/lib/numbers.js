import { toMinor } from '../core/index.js';

/**
 * A number of Medusa as it counts: a plain number, a text, or a BigNumber with its exact text in `raw`.
 *
 * @param {any} value
 * @returns {string | number}
 */
export function plain(value) {
  if (value === null || value === undefined) return 0;
  if (typeof value !== 'object') return value;
  return value.raw?.value ?? value.value ?? value.numeric ?? String(value);
}

/** A quantity. @param {any} value */
export const count = (value) => Number(plain(value));

/** Medusa counts money in major units with decimals, and writes currencies in small letters. */
export class ShopMoney {
  /** @param {string} currency such as `usd` */
  constructor(currency) {
    this.currency = currency.toUpperCase();
  }

  /** Minor units. @param {any} amount */
  toMinor(amount) {
    return toMinor(plain(amount), this.currency);
  }
}
