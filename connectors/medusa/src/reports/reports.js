import { ContainerRegistrationKeys, Modules } from '@medusajs/framework/utils';

import { explained, exponentOf, outcomeOf, sentenceOf, toWire } from '../core/index.js';
import { fingerprintOf } from '../lib/cart_reader.js';
import { isFee } from '../lib/fee_line.js';
import { ORDERGUARD } from '../lib/names.js';
import { ORDER_FIELDS, readOrder, RETURN_FIELDS } from '../lib/order_reader.js';
import { stateOf } from '../lib/states.js';

const LOCK_SECONDS = 30;

/**
 * `same`: Orderguard has it already, or need not know. `unconnected`: there are no keys. `silent`: nobody answers, or
 * not to us, so that a sweep stops.
 *
 * @typedef {'taken' | 'refused' | 'later' | 'silent' | 'same' | 'unconnected'} Pushed
 */

/** Reports orders. A push is the whole order as it is at that moment, so ten events are one push. */
export class Reports {
  #container;
  #ours;
  #log;

  /** @param {any} container of the application */
  constructor(container) {
    this.#container = container;
    this.#ours = container.resolve(ORDERGUARD);
    this.#log = container.resolve(ContainerRegistrationKeys.LOGGER);
  }

  /** Something happened to an order: it is marked, and pushed. Never throws: the sweep finds what could not be noted. */
  async changed(orderId) {
    try {
      if (!(await this.mark(orderId))) return;
      const { before, pushed } = await this.push(orderId);
      // After an outage the first order that gets through brings the others along.
      if (pushed === 'taken' && before?.why) await this.pushDue();
    } catch (error) {
      this.#log.error(`Orderguard: order ${orderId} waits for the sweep: ${error.message}`);
    }
  }

  /** @returns {Promise<boolean>} whether there is something to report: not of a shop without keys */
  async mark(orderId) {
    const order = await this.#load(orderId);
    if (!order) return false;
    const report = await this.#find(orderId);
    if (!report && !(await this.#ours.settings.connection(order))) return false;
    const { id, changes } = report ?? (await this.#begin(order));
    await this.#ours.updateOrderguardReports({ id, is_due: true, changes: changes + 1 });
    return true;
  }

  /** Pushes an order again, such as one that was refused before the reason was removed. */
  async pushAgain(orderId) {
    const order = await this.#load(orderId);
    if (!order) return null;
    const { id, changes, pushed } = (await this.#find(orderId)) ?? (await this.#begin(order));
    const again = { is_due: true, is_refused: false, pushed: pushed && 'again', changes: changes + 1 };
    await this.#ours.updateOrderguardReports({ id, ...again });
    return (await this.push(orderId)).pushed;
  }

  /** Pushes what waits, the longest untried first, until Orderguard is silent. */
  async pushDue(atMost = 200) {
    const count = {};
    const due = await this.#ours.listOrderguardReports({ is_due: true }, { order: { updated_at: 'ASC' }, take: atMost });
    for (const { id } of due) {
      const { pushed } = await this.push(id);
      count[pushed] = (count[pushed] ?? 0) + 1;
      if (pushed === 'silent') break;
    }
    return count;
  }

  /** How reporting goes, in facts. */
  async health() {
    const newest = (member) => ({ order: { [member]: 'DESC' }, take: 1 });
    const [waiting, refused, [last], [failed]] = await Promise.all([
      this.#ours.listAndCountOrderguardReports({ is_due: true }, { take: 1 }).then(([, count]) => count),
      this.#ours.listAndCountOrderguardReports({ is_refused: true }, { take: 1 }).then(([, count]) => count),
      this.#ours.listOrderguardReports({ pushed_at: { $ne: null } }, newest('pushed_at')),
      this.#ours.listOrderguardReports({ why: { $ne: null } }, newest('updated_at')),
    ]);
    return {
      waiting,
      refused,
      last_pushed_at: last?.pushed_at ?? null,
      last_failure_at: failed?.updated_at ?? null,
      last_failure: failed ? `${failed.name} (${failed.id}): ${failed.why}` : null,
    };
  }

  /** Reports one order now, one push at a time. @returns {Promise<{ before: any, pushed: Pushed }>} */
  push(orderId) {
    const job = async () => {
      const before = await this.#find(orderId);
      const order = before && (await this.#load(orderId));
      return { before, pushed: order ? await this.#pushOrder(order, before) : 'same' };
    };
    return this.#container.resolve(Modules.LOCKING).execute(`orderguard:${orderId}`, job, { timeout: LOCK_SECONDS });
  }

  /** @returns {Promise<Pushed>} */
  async #pushOrder(order, report) {
    const { settings, server } = this.#ours;
    const seen_at = new Date();
    const connection = await settings.connection(order);
    if (!connection) {
      // At the end of the line, so that the orders of other sales channels are not kept waiting.
      await this.#ours.updateOrderguardReports({ id: report.id, is_due: true });
      return 'unconnected';
    }
    const state = stateOf(order, settings.options.coverAuthorized ?? false);
    const status = state && toWire(state, report.pushed !== '');
    if (!status || exponentOf(order.currency_code.toUpperCase()) === null) return this.#done(report, { seen_at }, 'same');
    const body = await this.#body(order, status, report.session);
    const fingerprint = fingerprintOf(body);
    if (fingerprint === report.pushed) return this.#done(report, { seen_at, why: null }, 'same');
    const said = await server.pushOrder(connection, body);
    const outcome = outcomeOf(said.status, said.body);
    if (outcome === 'later') return this.#later(report, said);
    if (outcome === 'refused') return this.#refused(order, report, said, seen_at);
    const marks = { seen_at, pushed: fingerprint, pushed_at: new Date(), is_refused: false, why: null };
    return this.#done(report, marks, 'taken');
  }

  async #body(order, status, session) {
    const { settings } = this.#ours;
    const returns = await this.#container.resolve(Modules.ORDER).listReturns(
      { order_id: order.id },
      { relations: ['items'], select: RETURN_FIELDS },
    );
    const body = readOrder(order, {
      status,
      session,
      returns,
      pricesWithTax: await settings.read('pricesWithTax', order, undefined),
      isFeeRefund: settings.options.isFeeRefund,
    });
    return settings.options.orderRequest?.(order, body) ?? body;
  }

  /** The marks of a push that is over. A change meanwhile stays due. */
  async #done(report, marks, pushed) {
    const now = await this.#find(report.id);
    const isOver = now.changes === report.changes;
    await this.#ours.updateOrderguardReports({ id: report.id, ...marks, is_due: !isOver });
    return pushed;
  }

  async #later(report, said) {
    const why = explained(said);
    this.#log.warn(`Orderguard: order ${report.name} waits: ${why}`);
    await this.#ours.updateOrderguardReports({ id: report.id, is_due: true, why });
    return [0, 401, 403, 404, 429, 503].includes(said.status) ? 'silent' : 'later';
  }

  async #refused(order, report, said, seen_at) {
    const why = sentenceOf(said.status, said.body);
    const isNews = report.why !== why;
    await this.#done(report, { seen_at, is_refused: true, why }, 'refused');
    if (isNews && order.items.some((item) => isFee(item))) await this.#tell(order, why);
    return 'refused';
  }

  /** In the bell of Medusa's admin, and in the log. */
  async #tell(order, why) {
    const title = `Order ${order.display_id} is not covered yet`;
    const description =
      `Orderguard does not have this order (${why}). When the reason is gone, push it again: ` +
      `POST /admin/orderguard/orders/${order.id}/push`;
    this.#log.error(`${title}. ${description}`);
    try {
      const feed = { to: '', channel: 'feed', template: 'admin-ui', data: { title, description } };
      await this.#container.resolve(Modules.NOTIFICATION).createNotifications(feed);
    } catch (error) {
      this.#log.warn(`Orderguard: nobody was told in the admin: ${error.message}`);
    }
  }

  async #find(orderId) {
    return (await this.#ours.listOrderguardReports({ id: orderId }))[0] ?? null;
  }

  /** The first mark of an order, with the session of its cart. Another process may have set it a moment ago. */
  async #begin(order) {
    try {
      const session = await this.#sessionOf(order.id);
      return await this.#ours.createOrderguardReports({ id: order.id, name: `#${order.display_id}`, session });
    } catch (error) {
      const other = await this.#find(order.id);
      if (!other) throw error;
      return other;
    }
  }

  async #sessionOf(orderId) {
    const query = this.#container.resolve(ContainerRegistrationKeys.QUERY);
    const { data } = await query.graph({ entity: 'order_cart', fields: ['cart_id'], filters: { order_id: orderId } });
    if (!data[0]) return null;
    const [row] = await this.#ours.listOrderguardCarts({ id: data[0].cart_id });
    return row?.answer?.session ?? null;
  }

  async #load(orderId) {
    const query = this.#container.resolve(ContainerRegistrationKeys.QUERY);
    const { data } = await query.graph({ entity: 'order', fields: ORDER_FIELDS, filters: { id: orderId } });
    return data[0] ?? null;
  }
}
