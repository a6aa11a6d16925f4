/**
 * What an order's state means for Orderguard, under any platform's name: `unpaid` is placed and not paid,
 * `paid` is paid, or as good as paid by the merchant's choice; `ended` is failed, cancelled or refunded in full.
 *
 * @typedef {'unpaid' | 'paid' | 'ended'} OrderState
 */

/**
 * The `status` to push, or null when there is nothing to say.
 *
 * Orderguard first hears of an order when it is paid. An order that was reported once is reported again when it ends.
 *
 * @param {OrderState} state
 * @param {boolean} wasReported
 * @returns {'active' | 'pending' | 'cancelled' | null}
 */
export function toWire(state, wasReported) {
  if (state === 'paid') return 'active';
  if (!wasReported) return null;
  return state === 'unpaid' ? 'pending' : 'cancelled';
}
