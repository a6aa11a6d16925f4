import { ContainerRegistrationKeys } from '@medusajs/framework/utils';

import { ORDERGUARD } from '../lib/names.js';
import { Reports } from './reports.js';

/** How far a sweep looks back behind the last one: transactions that were open then. */
const OVERLAP_MS = 600_000;
const AT_ONCE = 200;
const LAST = 'sweep';

/**
 * Marks the orders that changed since the last sweep, for any reason: an event that was lost, a time without the
 * plugin; then pushes what waits. The first sweep of a shop begins with itself: older orders are from before the plugin.
 *
 * @param {any} container
 * @returns {Promise<Record<string, number>>} how many orders had which outcome
 */
export async function sweep(container) {
  const reports = new Reports(container);
  try {
    await markChanges(container, reports);
  } catch (error) {
    container.resolve(ContainerRegistrationKeys.LOGGER).error(`Orderguard: the sweep could not look for changes: ${error.message}`);
  }
  return reports.pushDue();
}

async function markChanges(container, reports) {
  const ours = container.resolve(ORDERGUARD);
  const begun = new Date();
  const [mark] = await ours.listOrderguardMarks({ id: LAST });
  if (mark) {
    const since = new Date(new Date(mark.until).getTime() - OVERLAP_MS);
    for (const [orderId, at] of await changedSince(container, since)) {
      const [report] = await ours.listOrderguardReports({ id: orderId });
      if (!report?.seen_at || new Date(report.seen_at) < at) await reports.mark(orderId);
    }
    await ours.updateOrderguardMarks({ id: LAST, until: begun });
  } else {
    await ours.createOrderguardMarks({ id: LAST, until: begun });
  }
}

/** Ids of orders, with the time of their last change: orders, payments and refunds, and returns have times of their own. */
async function changedSince(container, since) {
  const found = new Map();
  const note = (orderId, at) => {
    if (orderId && !(found.get(orderId) >= new Date(at))) found.set(orderId, new Date(at));
  };
  const query = container.resolve(ContainerRegistrationKeys.QUERY);
  const recent = { updated_at: { $gte: since } };
  const orders = (page) => query.graph({ entity: 'order', fields: ['id', 'updated_at'], filters: recent, pagination: page }).then(({ data }) => data);
  for await (const { id, updated_at } of every(orders)) note(id, updated_at);
  // By the query: the module's own listReturns fails without a selection (Medusa 2.21.2).
  const returns = (page) => query.graph({ entity: 'return', fields: ['id', 'order_id', 'updated_at'], filters: recent, pagination: page }).then(({ data }) => data);
  for await (const { order_id, updated_at } of every(returns)) note(order_id, updated_at);
  const money = new Map();
  for (const kind of ['capture', 'refund']) {
    const rows = (page) =>
      query.graph({ entity: kind, fields: ['id', 'updated_at', 'payment.payment_collection_id'], filters: recent, pagination: page }).then(({ data }) => data);
    for await (const { updated_at, payment } of every(rows)) money.set(payment?.payment_collection_id, updated_at);
  }
  money.delete(undefined);
  const collections = [...money.keys()];
  for (let at = 0; at < collections.length; at += AT_ONCE) {
    const filters = { payment_collection_id: collections.slice(at, at + AT_ONCE) };
    const { data } = await query.graph({ entity: 'order_payment_collection', fields: ['order_id', 'payment_collection_id'], filters });
    for (const { order_id, payment_collection_id } of data) note(order_id, money.get(payment_collection_id));
  }
  return found;
}

/** All rows, a page at a time. */
async function* every(read) {
  for (let skip = 0; ; skip += AT_ONCE) {
    const rows = await read({ skip, take: AT_ONCE, order: { id: 'ASC' } });
    yield* rows;
    if (rows.length < AT_ONCE) return;
  }
}
