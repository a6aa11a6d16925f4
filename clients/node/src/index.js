/** Orderguard for servers in Node.js: `analyze` never throws, `pushOrder` does. See index.d.ts. */

import {
  afterSilence, cartRequest, CLOSED, isOpen, outcomeOf, readAnswer, regionOf, sentenceOf, toMajor, toMinor,
} from './core/index.js';

export { cartRequest, regionOf, toMajor, toMinor };

const ATTEMPTS = 4;
const ATTEMPT_MS = 10_000;
const LONGEST_WAIT_SECONDS = 30;

export class OrderNotPushed extends Error {
  name = 'OrderNotPushed';
}

export class OrderRefused extends Error {
  name = 'OrderRefused';

  constructor(status, body) {
    super(`The order was refused: ${sentenceOf(status, body)}`);
    this.status = status;
    this.body = body;
  }
}

const sleepFor = (seconds) => new Promise((resolve) => setTimeout(resolve, 1000 * seconds));

export class Orderguard {
  #url;
  #keys;
  #budgetMs;
  #fetch;
  #sleep;
  #breaker = CLOSED;

  constructor({ url, cartKey, ordersKey, budgetMs = 800, fetch: send = fetch, sleep = sleepFor }) {
    this.#url = url.replace(/\/+$/, '');
    this.#keys = { cart: cartKey, orders: ordersKey };
    this.#budgetMs = budgetMs;
    this.#fetch = send;
    this.#sleep = sleep;
  }

  async analyze(question) {
    if (isOpen(this.#breaker, Date.now() / 1000)) return null;
    const { status, body } = await this.#send('POST', '/v1/analyze', this.#keys.cart, question, this.#budgetMs);
    this.#breaker = status === 0 ? afterSilence(this.#breaker, Date.now() / 1000) : CLOSED;
    return status === 200 ? readAnswer(body) : null;
  }

  async pushOrder(order) {
    let said = '';
    for (let attempt = 1; attempt <= ATTEMPTS; attempt += 1) {
      const { status, body, retryAfter } = await this.#send(
        'PUT', '/api/v1/orders', this.#keys.orders, order, ATTEMPT_MS,
      );
      const outcome = outcomeOf(status, body);
      if (outcome === 'taken') return body.order;
      if (outcome === 'refused') throw new OrderRefused(status, body);
      said = sentenceOf(status, body) || 'no answer';
      // A wrong key or address stays wrong until a person corrects it.
      if ([401, 404, 405].includes(status)) break;
      const pause = retryAfter ?? 0.25 * 2 ** (attempt - 1) * (0.5 + Math.random() / 2);
      if (attempt < ATTEMPTS) await this.#sleep(Math.min(pause, LONGEST_WAIT_SECONDS));
    }
    throw new OrderNotPushed(`The order is not confirmed, push it again: ${said}`);
  }

  async #send(method, path, key, content, milliseconds) {
    try {
      const response = await this.#fetch(this.#url + path, {
        method,
        headers: { 'X-Authorization': key, 'Content-Type': 'application/json' },
        body: JSON.stringify(content),
        redirect: 'error',
        signal: AbortSignal.timeout(milliseconds),
      });
      const seconds = Number.parseInt(response.headers.get('Retry-After') ?? '', 10);
      const retryAfter = Number.isNaN(seconds) ? undefined : seconds;
      const text = await response.text();
      return { status: response.status, body: decoded(text), retryAfter };
    } catch {
      return { status: 0, body: null };
    }
  }
}

function decoded(text) {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}

export function withProtection(order, offer, session) {
  const fee = offer && {
    name: 'Order protection',
    amount: { amount: offer.amount, currency_code: offer.currency },
    accepted_offer_mode: offer.modes,
  };
  const named = offer?.session ?? session;
  return {
    ...order,
    fees: [...(order.fees ?? []), ...(fee ? [fee] : [])],
    metadata: [...(order.metadata ?? []), ...(named ? [{ key: 'session_id', value: named }] : [])],
  };
}
