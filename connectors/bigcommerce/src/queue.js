import { outcomeOf, pauseOf } from './core/index.js';
import { ENTRIES_AT_MOST } from './bigcommerce.js';
import { report } from './report.js';

const DAY_MS = 86_400_000;
/** A sweep begins this many milliseconds before the last one, because clocks differ and lists lag behind. */
const OVERLAP_MS = 3_600_000;
/** How long, in milliseconds, an uninstalled store's orders are still reported; then its keys are deleted. */
const AFTERWARDS_MS = 7 * DAY_MS;

/**
 * The orders that have to be reported. A webhook, a sweep or a click only notes "look at order N"; the order is read when
 * its turn comes, so ten webhooks in any order are one report.
 */
export class Queue {
  #stores;
  #connect;
  #orderguard;
  #facts;
  #now;
  #log;
  #running = new Map();

  /** @param {{ stores: import('./stores.js').Stores, connect: Function, orderguard: any, facts: any, now: () => number, log: (text: string) => void }} parts */
  constructor({ stores, connect, orderguard, facts, now, log }) {
    this.#stores = stores;
    this.#connect = connect;
    this.#orderguard = orderguard;
    this.#facts = facts;
    this.#now = now;
    this.#log = log;
  }

  /**
   * Queues an order. Returns once that is on disk; false when the queue is full, and then the sweep finds
   * the order.
   */
  note(hash, order) {
    const change = (before) => ({ order, attempt: 0, refused: '', ...before, noted: (before?.noted ?? 0) + 1, isRefused: false, next: this.#now() });
    return this.#stores.note(hash, order, change);
  }

  /** Queues all refused orders of a store again, for example once the reason was removed. */
  async noteAll(hash) {
    const entries = await this.#stores.waiting(hash);
    for (const { order } of entries) await this.#stores.note(hash, order, (before) => before && { ...before, refused: '', isRefused: false, noted: before.noted + 1, next: this.#now() });
    return entries.length;
  }

  /**
   * Reports due orders, until Orderguard or BigCommerce is silent. One run per store at a time; a call during a run begins another.
   *
   * @param {string} hash
   * @returns {Promise<Record<string, number>>} how many orders came to what
   */
  run(hash) {
    const turn = (this.#running.get(hash) ?? Promise.resolve()).then(() => this.#work(hash));
    const settled = turn.catch(() => {});
    this.#running.set(hash, settled);
    settled.then(() => this.#running.get(hash) === settled && this.#running.delete(hash));
    return turn;
  }

  /** Notes the orders that changed since the last sweep: webhooks may be lost, or switched off. */
  async sweep(hash) {
    const store = await this.#connect(hash);
    if (!store?.shop) return 0;
    const began = this.#now();
    const since = new Date(Math.max(store.installedAt, store.sweptTo ?? store.installedAt) - OVERLAP_MS).toISOString();
    let count = 0;
    let reached = began;
    let last = began;
    for await (const orders of store.shop.pages(`/v2/orders?min_date_modified=${since}&sort=date_modified:asc`)) {
      for (const { id, date_modified } of orders) {
        last = new Date(date_modified).getTime();
        if (!(await this.note(hash, id))) reached = Math.min(reached, last);
        count += 1;
      }
    }
    if (count >= ENTRIES_AT_MOST) reached = Math.min(reached, last);
    await this.#stores.change(hash, () => ({ sweptTo: reached, sweptAt: began }));
    return count;
  }

  async #work(hash) {
    const count = {};
    const store = await this.#connect(hash);
    if (!store) return count;
    let isOutageOver = false;
    // Each order is attempted once: orders noted meanwhile have their turn in the run that follows.
    const due = (await this.#stores.waiting(hash)).filter(({ isRefused, next }) => !isRefused && next <= this.#now());
    for (const entry of due) {
      const result = store.shop ? await this.#report(store, entry) : await this.#reportLast(store, entry);
      count[result.reported] = (count[result.reported] ?? 0) + 1;
      await this.#settle(store, entry, result);
      if (result.reported === 'silent') break;
      isOutageOver ||= result.reported === 'taken' && Boolean(store.health?.why);
    }
    if (!store.shop) await this.#forget(hash);
    // After an outage the first order that gets through brings the others along.
    return isOutageOver && (await this.#bringAlong(hash)) ? sum(count, await this.#work(hash)) : count;
  }

  async #report(store, entry) {
    try {
      return await report(store, entry.order, { orderguard: this.#orderguard, facts: this.#facts, refused: entry.refused });
    } catch (error) {
      this.#log(`${store.hash}: order ${entry.order} could not be read. ${error.stack ?? error}`);
      return { reported: 'later', why: `The order could not be read (${error.message}).` };
    }
  }

  /** An order of a store that uninstalled the app can be read no more; the body of its last attempt is sent. */
  async #reportLast({ connection }, { body }) {
    if (!body || !connection) return { reported: 'same', why: '' };
    const said = await this.#orderguard.pushOrder(connection, body);
    const outcome = outcomeOf(said.status, said.body);
    return outcome === 'taken' ? { reported: 'taken', why: '' } : { reported: outcome === 'refused' ? 'same' : 'silent', why: said.why, body };
  }

  /** Updates the queue entry of an order after its report. An order that changed meanwhile stays queued. */
  async #settle({ hash }, { order, noted }, { reported, why, body, fingerprint }) {
    const isOver = ['taken', 'same'].includes(reported);
    await this.#stores.note(hash, order, (before) => {
      if (!before) return undefined;
      if (before.noted !== noted) return { ...before, attempt: 0 };
      if (isOver) return null;
      if (reported === 'refused') return { ...before, isRefused: true, refused: fingerprint, why };
      const attempt = before.attempt + 1;
      return { ...before, attempt, why, next: this.#now() + pauseOf(attempt) * 1_000, ...(body && { body }) };
    });
    await this.#stores.change(hash, ({ health = {} }) => {
      if (reported === 'taken') return { health: { lastPushedAt: this.#now() } };
      return isOver ? {} : { health: { ...health, why: `Order ${order}: ${why}`, lastFailureAt: this.#now() } };
    });
    if (!isOver) this.#log(`${hash}: order ${order} is ${reported}. ${why}`);
  }

  /** Makes all orders due that wait for a retry. */
  async #bringAlong(hash) {
    const late = (await this.#stores.waiting(hash)).filter(({ isRefused, next }) => !isRefused && next > this.#now());
    for (const { order } of late) await this.#stores.note(hash, order, (before) => before && { ...before, next: this.#now() });
    return late.length > 0;
  }

  async #forget(hash) {
    const waiting = await this.#stores.waiting(hash);
    const store = await this.#stores.read(hash);
    const isOver = !waiting.some(({ body }) => body) || this.#now() - (store.uninstalledAt ?? 0) > AFTERWARDS_MS;
    if (isOver && store.settings) await this.#stores.change(hash, () => ({ settings: null }));
  }
}

const sum = (one, other) =>
  Object.fromEntries([...new Set([...Object.keys(one), ...Object.keys(other)])].map((key) => [key, (one[key] ?? 0) + (other[key] ?? 0)]));

/** Whether the day's work is due. */
export const isSweepDue = ({ sweptAt = 0 }, now) => now - sweptAt >= DAY_MS;

