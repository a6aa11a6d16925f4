/** Conversion between a platform's decimals and Orderguard's integers in minor units. */

import { exponentOf } from './currencies.js';

/**
 * `4.98` USD is 498, `500` JPY is 500. Rounds half up, once; no fraction is multiplied in floating point.
 *
 * @param {string | number} amount
 * @param {string} currency
 * @returns {number}
 */
export function toMinor(amount, currency) {
  return Number(toDecimals(amount, currency).replace('.', ''));
}

/**
 * 498 USD is `4.98`, 500 JPY is `500`.
 *
 * @param {number} amount
 * @param {string} currency
 * @returns {string}
 */
export function toMajor(amount, currency) {
  return pointed(BigInt(amount), known(currency));
}

/**
 * A platform's amount as text with the decimals of the currency: `5` USD is `5.00`.
 *
 * @param {string | number} amount
 * @param {string} currency
 * @returns {string}
 * @throws {RangeError} for a text that is no amount
 */
export function toDecimals(amount, currency) {
  const exponent = known(currency);
  const { digits, scale } = parsed(amount);
  return pointed(shifted(digits, exponent - scale), exponent);
}

/**
 * An integer that counts in units of `10 ** -from`, in units of `10 ** -to`. Rounds half up, away from zero.
 *
 * @param {number} amount
 * @param {number} from
 * @param {number} to
 * @returns {number}
 */
export function rescaled(amount, from, to) {
  return Number(shifted(BigInt(amount), to - from));
}

/**
 * The price of one piece as a rate, with up to eight decimals and no needless zeros.
 *
 * The quantity times this rate, rounded once, is the total again: 10.00 for three is 3.33333333.
 *
 * @param {number} total in minor units
 * @param {number} quantity
 * @param {string} currency
 * @returns {string}
 */
export function rateOf(total, quantity, currency) {
  const exponent = known(currency);
  if (quantity <= 1 || total % quantity === 0) return toMajor(total / Math.max(1, quantity), currency);
  const more = 8 - exponent;
  const [whole, share] = [BigInt(total) * 10n ** BigInt(more), BigInt(quantity)];
  const rate = (whole + share / 2n) / share;
  return pointed(rate, 8).replace(/0+$/, '').replace(/\.$/, '');
}

/** @param {string | number} amount */
function parsed(amount) {
  // A number is written with the shortest digits that mean it, so 1.005 is 1.005 and not 1.00499999.
  const found = /^([+-]?)(\d*)\.?(\d*)(?:e([+-]?\d+))?$/i.exec(String(amount).trim());
  if (!found || !(found[2] || found[3])) throw new RangeError(`${amount} is not an amount.`);
  const [, sign, whole, fraction, power] = found;
  const digits = BigInt(`${whole}${fraction}`) * (sign === '-' ? -1n : 1n);
  return { digits, scale: fraction.length - Number(power ?? 0) };
}

/**
 * `digits * 10 ** by`, rounded half away from zero.
 *
 * @param {bigint} digits
 * @param {number} by
 */
function shifted(digits, by) {
  if (by >= 0) return digits * 10n ** BigInt(by);
  const unit = 10n ** BigInt(-by);
  const half = digits < 0n ? -unit / 2n : unit / 2n;
  return (digits + half) / unit;
}

/**
 * @param {bigint} amount
 * @param {number} decimals
 */
function pointed(amount, decimals) {
  const sign = amount < 0n ? '-' : '';
  const digits = String(amount < 0n ? -amount : amount).padStart(decimals + 1, '0');
  return sign + (decimals ? `${digits.slice(0, -decimals)}.${digits.slice(-decimals)}` : digits);
}

/** @param {string} currency */
function known(currency) {
  const exponent = exponentOf(currency);
  if (exponent === null) throw new RangeError(`${currency} is not a currency of ISO 4217.`);
  return exponent;
}
