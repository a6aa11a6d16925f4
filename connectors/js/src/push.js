/**
 * What an answer to `PUT /api/v1/orders` means for the push queue. `taken`: Orderguard has the order. `refused`:
 * Orderguard read it, and will refuse the same order again. `later`: no answer, or the answer says nothing about
 * the order: a wrong key, a wrong address, an outage.
 *
 * @typedef {'taken' | 'refused' | 'later'} Outcome
 */

/**
 * @param {number} status 0 without an answer
 * @param {any} body decoded, null when it is no JSON
 * @returns {Outcome}
 */
export function outcomeOf(status, body) {
  if (status === 200 || status === 201) return body?.order ? 'taken' : 'later';
  return [400, 409, 413, 422].includes(status) ? 'refused' : 'later';
}

/**
 * Seconds until the next attempt: five minutes, then twice as long each time, a day at most.
 *
 * @param {number} attempt
 */
export const pauseOf = (attempt) => Math.min(86_400, 300 * 2 ** Math.max(0, attempt - 1));

/**
 * The sentence of an answer that is not a success. That of Orderguard names the field; what stands at the fields does not.
 *
 * @param {number} status
 * @param {any} body
 * @returns {string}
 */
export function sentenceOf(status, body) {
  if (status === 0) return '';
  const errors = body?.errors && typeof body.errors === 'object' ? body.errors : {};
  const [first] = Object.values(errors);
  const candidates = [body?.message, body?.error?.message, errors.message, Array.isArray(first) ? first[0] : null];
  const said = candidates.find((candidate) => typeof candidate === 'string') ?? '';
  return `${status} ${said.slice(0, 300)}`.trim();
}

/**
 * A sentence that explains an answer or a failure, for the log and the merchant.
 *
 * @param {{ status: number, body: any, why: string }} said `why` says what failed, without an answer
 * @returns {string}
 */
export function explained({ status, body, why }) {
  if (status === 0) return `Orderguard did not answer (${why}).`;
  if (status === 401) return 'Orderguard does not know the key (401).';
  if (status === 403) return `The key may not do this (${sentenceOf(status, body)}).`;
  if (status === 404) return 'There is no Orderguard at this address (404).';
  return status < 300 ? 'The answer is not one of Orderguard.' : `Orderguard answered ${sentenceOf(status, body)}.`;
}
