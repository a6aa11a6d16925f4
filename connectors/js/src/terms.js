/**
 * The terms that a shopper accepts: a session, coverage modes, and an amount in minor units.
 *
 * @typedef {object} Terms
 * @property {string} session
 * @property {number} amount in minor units of the currency
 * @property {string} currency
 * @property {string[]} modes in the order in which Orderguard sent them
 *
 * @typedef {'price_rose' | 'modes_changed' | 'currency_changed' | 'gone'} WhyNot
 */

/** An acceptance survives a rise of this many basis points, measured from the amount that was agreed to. */
export const RISE_TOLERATED_BPS = 1_000;

/** There is no offer any more. */
export const GONE = 'gone';

/**
 * Why the acceptance of the terms `agreed` does not count for the `offer`, or null when it does.
 *
 * @param {Terms} agreed
 * @param {Terms | null} offer
 * @param {number} [toleratedBps]
 * @returns {WhyNot | null}
 */
export function whyNot(agreed, offer, toleratedBps = RISE_TOLERATED_BPS) {
  if (!offer) return GONE;
  if (agreed.currency !== offer.currency) return 'currency_changed';
  if (sorted(agreed.modes) !== sorted(offer.modes)) return 'modes_changed';
  return offer.amount * 10_000 > agreed.amount * (10_000 + toleratedBps) ? 'price_rose' : null;
}

/**
 * A text by which a page names the terms that it shows. Only compared, never read.
 *
 * @param {Terms} terms
 */
export function tokenOf({ session, amount, currency, modes }) {
  return [session, amount, currency, ...modes].join(' ');
}

/**
 * The terms that were kept, or null for anything else.
 *
 * @param {any} kept
 * @returns {Terms | null}
 */
export function readTerms(kept) {
  const { session, amount, currency, modes } = kept ?? {};
  const isWhole =
    typeof session === 'string' &&
    Number.isSafeInteger(amount) &&
    amount > 0 &&
    typeof currency === 'string' &&
    Array.isArray(modes) &&
    modes.length > 0 &&
    modes.every((mode) => typeof mode === 'string');
  return isWhole ? { session, amount, currency, modes } : null;
}

/** @param {string[]} modes */
const sorted = (modes) => [...modes].sort().join(' ');
