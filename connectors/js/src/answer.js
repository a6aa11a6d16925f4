import { readTerms } from './terms.js';

/**
 * Orderguard's answer to `POST /v1/analyze` for a cart.
 *
 * @typedef {object} Answer
 * @property {string} session
 * @property {string} reason
 * @property {import('./terms.js').Terms | null} offer
 */

/**
 * Reads a decoded body; null when it is not an answer of Orderguard.
 *
 * @param {any} body
 * @returns {Answer | null}
 */
export function readAnswer(body) {
  const session = body?.sessionId;
  if (typeof session !== 'string' || !/^lop_[A-Za-z0-9]{20}$/.test(session)) return null;
  const reason = typeof body.reason === 'string' ? body.reason : '';
  if (body.eligible !== true) return { session, reason, offer: null };
  const { amount, currencyCode: currency } = body.chargeInstructions ?? {};
  const offer = readTerms({ session, amount, currency, modes: body.mode });
  return offer && { session, reason, offer };
}
