import { afterSilence, CLOSED, isOpen, readAnswer, sentenceOf } from '../core/index.js';

export const VERSION = '0.1.0';

/** An answer over HTTP; status 0 without one, and then `why`. @typedef {{ status: number, body: any, why: string }} Said */

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
  async #send(method, url, key, body, ms) {
    try {
      const response = await fetch(url, {
        method,
        headers: {
          'X-Authorization': key,
          'User-Agent': `orderguard-medusa/${VERSION}`,
          'Content-Type': 'application/json',
        },
        body: JSON.stringify(body),
        redirect: 'manual',
        signal: AbortSignal.timeout(ms),
      });
      const text = await response.text();
      return { status: response.status, body: parsed(text), why: '' };
    } catch (error) {
      return { status: 0, body: null, why: error.cause?.message || error.message };
    }
  }
}

/** Words for the log and the health route. @param {Said} said */
export function explained({ status, body, why }) {
  if (status === 0) return `Orderguard did not answer (${why}).`;
  if (status === 401) return 'Orderguard does not know the key (401).';
  if (status === 403) return `The key may not do this (${sentenceOf(status, body)}).`;
  if (status === 404) return 'There is no Orderguard at this address (404).';
  return status < 300 ? 'The answer is not one of Orderguard.' : `Orderguard answered ${sentenceOf(status, body)}.`;
}

const now = () => Date.now() / 1_000;

function parsed(text) {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}
