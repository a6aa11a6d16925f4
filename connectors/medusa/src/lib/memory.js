import { NO_CHOICE, readTerms } from '../core/index.js';
import { isFee } from './fee_line.js';

/**
 * The memory of one cart: the question, Orderguard's answer, the shopper's choice, and the fee as it was put on the
 * cart. It is a row of a table of ours: shoppers can write the metadata of their cart.
 *
 * @typedef {object} Memory
 * @property {string} asked a hash of the request
 * @property {number} at when the answer came, in milliseconds since 1970
 * @property {import('../core/answer.js').Answer | null} answer null when Orderguard refused the cart
 * @property {import('../core/choice.js').Choice} choice
 * @property {import('./fee_line.js').Fee | null} fee
 */

/** @type {Memory} */
export const NOTHING = { asked: '', at: 0, answer: null, choice: NO_CHOICE, fee: null };

/** @param {any} row @returns {Memory} */
export function readMemory(row) {
  if (!row) return NOTHING;
  const { session, reason } = row.answer ?? {};
  return {
    asked: row.asked ?? '',
    at: Number(row.asked_at ?? 0),
    answer: typeof session === 'string' ? { session, reason, offer: readTerms(row.answer.offer) } : null,
    choice: { agreed: readTerms(row.choice?.agreed), notice: row.choice?.notice ?? null },
    fee: typeof row.fee?.id === 'string' ? row.fee : null,
  };
}

/** @param {string} id of the cart @param {Memory} memory */
export const rowOf = (id, { asked, at, answer, choice, fee }) => ({ id, asked, asked_at: String(at), answer, choice, fee });

/**
 * A shopper who removes the line by the ordinary route says no. Medusa removes lines with a price of their own when the
 * region changes; then the yes stands.
 *
 * @param {Memory} memory
 * @param {any} cart
 * @returns {Memory}
 */
export function afterRemoval(memory, cart) {
  const { fee, choice } = memory;
  if (!fee || !choice.agreed || (cart.region_id ?? null) !== fee.region) return memory;
  const isThere = cart.items.some((/** @type {any} */ item) => isFee(item, fee));
  return isThere ? memory : { ...memory, choice: NO_CHOICE, fee: null };
}

/** Whether there is a yes, or a fee that a lost yes has left. @param {Memory} memory @param {any} cart */
export const isConcerned = (memory, cart) =>
  memory.choice.agreed !== null || cart.items.some((/** @type {any} */ item) => isFee(item, memory.fee));

/** The session stays with the cart when Orderguard is silent later. @param {Memory} memory */
export const lastWord = ({ answer }) => answer && { ...answer, offer: null };
