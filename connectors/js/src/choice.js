import { GONE, tokenOf, whyNot } from './terms.js';

/**
 * The shopper's choice in one cart: the accepted terms, and why an earlier acceptance ended. It is kept with
 * the cart and ends with it. Functions return a new choice, or the same one when nothing changed.
 *
 * @typedef {import('./terms.js').Terms} Terms
 * @typedef {{ agreed: Terms | null, notice: import('./terms.js').WhyNot | null }} Choice
 */

/** @type {Choice} */
export const NO_CHOICE = { agreed: null, notice: null };

/**
 * The choice after the offer was made again; `null` is no offer. An acceptance is compared with the terms
 * first accepted, so small rises cannot add up.
 *
 * @param {Choice} choice
 * @param {Terms | null} offer
 * @param {number} [toleratedBps]
 * @returns {Choice}
 */
export function afterOffer(choice, offer, toleratedBps) {
  if (!choice.agreed) return offer || !choice.notice || choice.notice === GONE ? choice : NO_CHOICE;
  const notice = whyNot(choice.agreed, offer, toleratedBps);
  return notice ? { agreed: null, notice } : choice;
}

/**
 * The choice after a click. An acceptance counts only for the terms that the page showed, which `shown`
 * names (`tokenOf`); a browser cannot change them.
 *
 * @param {Choice} choice
 * @param {Terms | null} offer
 * @param {boolean} isYes
 * @param {string} shown
 * @returns {Choice}
 */
export function afterClick(choice, offer, isYes, shown) {
  if (!isYes) return NO_CHOICE;
  const { agreed } = choice;
  const isKnown = [offer, agreed].some((terms) => terms && tokenOf(terms) === shown);
  if (!isKnown) return { agreed: null, notice: offer ? 'price_rose' : GONE };
  return { agreed: agreed ?? offer, notice: null };
}
