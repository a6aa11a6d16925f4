/**
 * A circuit breaker: after missing answers, no request is sent for a while, so that one page waits and not
 * every page. The platform stores the breaker that a function returns. Times are in seconds.
 *
 * @typedef {{ failures: number, until: number }} Breaker
 */

/** @type {Breaker} */
export const CLOSED = { failures: 0, until: 0 };

/**
 * @param {Breaker} breaker
 * @param {number} now
 */
export const isOpen = (breaker, now) => breaker.until > now;

/**
 * The breaker after another missing answer: a pause of ten seconds, then twice as long each time, five
 * minutes at most.
 *
 * @param {Breaker} breaker
 * @param {number} now
 * @returns {Breaker}
 */
export function afterSilence({ failures }, now) {
  return { failures: failures + 1, until: now + Math.min(300, 10 * 2 ** Math.min(8, failures)) };
}
