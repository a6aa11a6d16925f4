/**
 * Converts between minor and major units by the currency's exponent, which is not always 2.
 *
 * Text in, text out: 498 USD is "4.98", 500 JPY is "500", 4980 KWD is "4.980". No float anywhere.
 */

import { CURRENCIES_BY_EXPONENT } from './currency_exponents.ts';

/** Decimals of a currency according to ISO 4217, or undefined when there is no such currency. */
export function exponentOf(currencyCode: string): number | undefined {
  // The lists are unspaced, so a code must also begin at a multiple of three.
  for (const [exponent, codes] of CURRENCIES_BY_EXPONENT) {
    for (let at = 0; at < codes.length; at += 3) {
      if (codes.slice(at, at + 3) === currencyCode) return exponent;
    }
  }
  return undefined;
}

/** 498 USD is "4.98": what platforms and the Order API want. */
export function majorFromMinor(amount: number, currencyCode: string): string {
  const exponent = knownExponent(currencyCode);
  if (!Number.isSafeInteger(amount)) {
    throw new RangeError(`${amount} is not a whole number of minor units. Example: 498 for 4.98 USD.`);
  }
  const sign = amount < 0 ? '-' : '';
  const digits = String(Math.abs(amount)).padStart(exponent + 1, '0');
  const point = digits.length - exponent;
  return sign + digits.slice(0, point) + (exponent ? '.' + digits.slice(point) : '');
}

/**
 * "4.98" USD is 498. Takes text only, because a float may already have lost the amount.
 *
 * Fewer decimals than the currency has are filled up; more are refused unless they are zeros.
 */
export function minorFromMajor(text: string, currencyCode: string): number {
  const exponent = knownExponent(currencyCode);
  const [, sign = '', whole = '', fraction = ''] = /^(-?)(\d+)(?:\.(\d+))?$/.exec(text) ?? [];
  if (!whole) throw new RangeError(`"${text}" is not an amount of money. Example: "4.98".`);
  if (/[^0]/.test(fraction.slice(exponent))) {
    throw new RangeError(`"${text}" has more decimals than ${currencyCode}, which has ${exponent}.`);
  }
  const digits = whole + fraction.slice(0, exponent).padEnd(exponent, '0');
  const amount = Number(digits);
  if (!Number.isSafeInteger(amount)) throw new RangeError(`"${text}" ${currencyCode} is too large.`);
  return sign && amount ? -amount : amount;
}

/** An amount as the shopper reads it, in the shopper's locale and the currency's own decimals. */
export function formatMoney(amount: number, currencyCode: string, locale?: string): string {
  const exponent = knownExponent(currencyCode);
  // Text keeps every digit; engines before ES2023 read it as a number, exact up to 2^53.
  const major = majorFromMinor(amount, currencyCode) as unknown as number;
  return new Intl.NumberFormat(usableLocale(locale), {
    style: 'currency',
    currency: currencyCode,
    minimumFractionDigits: exponent,
    maximumFractionDigits: exponent,
  }).format(major);
}

/** Shops hand us "de_AT" and worse; a locale we cannot read must not cost the shopper the offer. */
function usableLocale(locale = 'en'): string {
  try {
    return Intl.getCanonicalLocales(locale.replaceAll('_', '-'))[0] ?? 'en';
  } catch {
    return 'en';
  }
}

function knownExponent(currencyCode: string): number {
  const exponent = exponentOf(currencyCode);
  if (exponent === undefined) {
    throw new RangeError(`${currencyCode} is not an ISO 4217 currency. Example: USD.`);
  }
  return exponent;
}
