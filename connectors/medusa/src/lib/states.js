import { count } from './numbers.js';

const EPSILON = 1e-9;

/**
 * What an order of Medusa means; null for drafts, of which Orderguard never hears. The README has the same table.
 *
 * An edit that makes an order dearer adds a payment collection: the order stays paid when one collection was captured whole.
 *
 * @param {any} order with its status, total, and payment collections with their amounts
 * @param {boolean} coverAuthorized whether an authorized payment counts as paid
 * @returns {import('../core/order_state.js').OrderState | null}
 */
export function stateOf(order, coverAuthorized) {
  if (order.status === 'draft' || order.is_draft_order) return null;
  const collections = (order.payment_collections ?? []).filter(Boolean);
  const captured = sum(collections, 'captured_amount');
  const refunded = sum(collections, 'refunded_amount');
  if (order.status === 'canceled' || (refunded > 0 && refunded >= captured - EPSILON)) return 'ended';
  const money = collections.filter(({ status }) => status !== 'canceled' && status !== 'failed');
  if (!money.length) return count(order.total) <= 0 ? 'paid' : 'unpaid';
  const isWhole = (/** @type {string} */ member) => money.some((each) => count(each[member]) >= count(each.amount) - EPSILON);
  return isWhole('captured_amount') || (coverAuthorized && isWhole('authorized_amount')) ? 'paid' : 'unpaid';
}

/** @param {any[]} collections @param {string} member */
const sum = (collections, member) => collections.reduce((total, each) => total + count(each[member]), 0);
