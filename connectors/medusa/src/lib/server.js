import { afterSilence, CLOSED, explained, isOpen, readAnswer } from '../core/index.js';
import { send } from '../core/http.js';

export const VERSION = '0.1.0';

/** @typedef {import('../core/http.js').Said} Said */

/** The Orderguard server. Nothing here throws. */
export class Server {
  /** Per address and key: after silence this process asks nothing for a while. */
  #breakers = new Map();
  #options;
  #warn;

  /** @param {import('./settings.js').Options} options @param {(sentence: string) => void} warn */
  constructor(options, warn) {
    this.#options = options;
    this.#warn = warn;
  }

  /**
   * Ask for an offer: 'refused' when Orderguard refuses this cart, 'silent' when it does not answer.
   *
   * @param {import('./settings.js').Connection} connection
   * @param {object} body
   * @returns {Promise<import('../core/answer.js').Answer | 'refused' | 'silent'>}
   */
  async analyze({ url, cartKey }, body) {
    const place = `${url} ${cartKey}`;
    const breaker = this.#breakers.get(place) ?? CLOSED;
    if (isOpen(breaker, now())) return 'silent';
    // After a silence this page tries; pages that load meanwhile must not wait along.
    if (breaker.failures) this.#breakers.set(place, afterSilence(breaker, now()));
    const said = await this.#send('POST', `${url}/v1/analyze`, cartKey, body, this.#options.offerTimeoutMs ?? 800);
    const answer = said.status === 200 ? readAnswer(said.body) : null;
    if (answer) {
      this.#breakers.delete(place);
      return answer;
    }
    this.#warn(`No offer: ${explained(said)}`);
    if (said.status >= 400 && said.status < 500 && said.status !== 429) {
      this.#breakers.delete(place);
      return 'refused';
    }
    this.#breakers.set(place, afterSilence(breaker, now()));
    return 'silent';
  }

  /** @param {import('./settings.js').Connection} connection @param {object} body */
  pushOrder({ url, ordersKey }, body) {
    return this.#send('PUT', `${url}/api/v1/orders`, ordersKey, body, this.#options.orderTimeoutMs ?? 10_000);
  }

  /** @returns {Promise<Said>} */
  #send(method, url, key, body, ms) {
    return send(method, url, { agent: `orderguard-medusa/${VERSION}`, key, body, ms });
  }
}

const now = () => Date.now() / 1_000;
