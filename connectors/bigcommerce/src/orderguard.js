import { afterSilence, CLOSED, explained, isOpen, readAnswer } from './core/index.js';
import { send } from './core/http.js';

const OFFER_MS = 800;
const ORDER_MS = 10_000;
const BREAKERS_AT_MOST = 1_000;

/**
 * @typedef {import('./core/http.js').Said} Said
 * @typedef {{ url: string, cartKey: string, ordersKey: string }} Connection
 */

/** The Orderguard servers of all stores. Nothing here throws. */
export class Orderguard {
  #breakers = new Map();
  #now;
  #log;
  #version;
  #offerMs;
  #orderMs;

  /** @param {{ now: () => number, log: (text: string) => void, version: string, offerMs?: number, orderMs?: number }} options */
  constructor({ now, log, version, offerMs = OFFER_MS, orderMs = ORDER_MS }) {
    this.#now = now;
    this.#log = log;
    this.#version = version;
    this.#offerMs = offerMs;
    this.#orderMs = orderMs;
  }

  /**
   * Ask for an offer: 'refused' when Orderguard refuses this cart, 'silent' when it does not answer.
   *
   * @param {Connection} connection
   * @param {object} body
   * @returns {Promise<import('./core/answer.js').Answer | 'refused' | 'silent'>}
   */
  async analyze({ url, cartKey }, body) {
    const place = `${url} ${cartKey}`;
    const breaker = this.#breakers.get(place) ?? CLOSED;
    if (isOpen(breaker, this.#seconds())) return 'silent';
    // After a silence this checkout tries; checkouts that ask meanwhile must not wait along.
    if (breaker.failures) this.#rest(place, breaker);
    const said = await this.send('POST', `${url}/v1/analyze`, cartKey, body, this.#offerMs);
    const answer = said.status === 200 ? readAnswer(said.body) : null;
    if (answer) {
      this.#breakers.delete(place);
      return answer;
    }
    this.#log(`No offer: ${explained(said)}`);
    if (said.status >= 400 && said.status < 500 && said.status !== 429) {
      this.#breakers.delete(place);
      return 'refused';
    }
    this.#rest(place, breaker);
    return 'silent';
  }

  /** @param {Connection} connection @param {object} body */
  pushOrder({ url, ordersKey }, body) {
    return this.send('PUT', `${url}/api/v1/orders`, ordersKey, body, this.#orderMs);
  }

  /** Sends any request, for the Test button as well. @returns {Promise<Said>} */
  send(method, url, key, body, ms = this.#orderMs) {
    return send(method, url, { agent: `orderguard-bigcommerce/${this.#version}`, key, body, ms });
  }

  #rest(place, breaker) {
    if (this.#breakers.size >= BREAKERS_AT_MOST) this.#breakers.clear();
    this.#breakers.set(place, afterSilence(breaker, this.#seconds()));
  }

  #seconds() {
    return this.#now() / 1_000;
  }
}
