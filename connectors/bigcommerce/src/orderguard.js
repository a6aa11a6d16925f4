import { afterSilence, CLOSED, isOpen, readAnswer, sentenceOf } from './core/index.js';

const OFFER_MS = 800;
const ORDER_MS = 10_000;
const BREAKERS_AT_MOST = 1_000;

/**
 * An answer over HTTP; status 0 without one, and then `why`. The body is null when it is no JSON.
 *
 * @typedef {{ status: number, body: any, why: string }} Said
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
  async send(method, url, key, body, ms = this.#orderMs) {
    try {
      const response = await fetch(url, {
        method,
        headers: {
          ...(key && { 'X-Authorization': key }),
          'User-Agent': `orderguard-bigcommerce/${this.#version}`,
          ...(body && { 'Content-Type': 'application/json' }),
        },
        body: body && JSON.stringify(body),
        redirect: 'manual',
        signal: AbortSignal.timeout(ms),
      });
      const text = await response.text();
      return { status: response.status, body: parsed(text), why: '', date: response.headers.get('Date') };
    } catch (error) {
      return { status: 0, body: null, why: error.cause?.message || error.message };
    }
  }

  #rest(place, breaker) {
    if (this.#breakers.size >= BREAKERS_AT_MOST) this.#breakers.clear();
    this.#breakers.set(place, afterSilence(breaker, this.#seconds()));
  }

  #seconds() {
    return this.#now() / 1_000;
  }
}

/** A sentence that explains an answer or a failure, for the log and the settings page. @param {Said} said */
export function explained({ status, body, why }) {
  if (status === 0) return `Orderguard did not answer (${why}).`;
  if (status === 401) return 'Orderguard does not know the key (401).';
  if (status === 403) return `The key may not do this (${sentenceOf(status, body)}).`;
  if (status === 404) return 'There is no Orderguard at this address (404).';
  return status < 300 ? 'The answer is not one of Orderguard.' : `Orderguard answered ${sentenceOf(status, body)}.`;
}

function parsed(text) {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}
