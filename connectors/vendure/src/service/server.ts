import { Injectable } from '@nestjs/common';
import { Logger } from '@vendure/core';

import { afterSilence, CLOSED, explained, isOpen, readAnswer } from '../core';
import type { Answer } from '../core/answer';
import type { Breaker } from '../core/breaker';
import { type Said, send } from '../core/http';
import { loggerCtx, VERSION } from '../constants';
import { type Connection, Settings } from './settings';

/** The Orderguard server. Nothing here throws. @internal */
@Injectable()
export class Server {
  /** Per address and key: after silence this process asks nothing for a while. */
  private readonly breakers = new Map<string, Breaker>();
  /** Milliseconds that each of the shop's own requests has waited for offers so far. */
  private readonly waited = new WeakMap<object, number>();

  constructor(private readonly settings: Settings) {}

  /**
   * Ask for an offer: 'refused' when Orderguard refuses this cart, 'silent' when it does not answer.
   *
   * @param page the shop's own request; all its offers together may take as long as one
   */
  async analyze(connection: Connection, body: object, page: object = {}): Promise<Answer | 'refused' | 'silent'> {
    const place = `${connection.url} ${connection.cartKey}`;
    const breaker = this.breakers.get(place) ?? CLOSED;
    const waited = this.waited.get(page) ?? 0;
    const left = (this.settings.options.offerTimeoutMs ?? 800) - waited;
    if (left < 50 || isOpen(breaker, now())) return 'silent';
    // After a silence this page tries; pages that load meanwhile must not wait along.
    if (breaker.failures) this.breakers.set(place, afterSilence(breaker, now()));
    const began = performance.now();
    const said = await this.send('POST', `${connection.url}/v1/analyze`, connection.cartKey, body, Math.ceil(left));
    this.waited.set(page, waited + performance.now() - began);
    // With little time left, silence says nothing of Orderguard.
    if (said.status === 0 && waited > 0) return 'silent';
    const answer = said.status === 200 ? readAnswer(said.body) : null;
    if (answer) {
      this.breakers.delete(place);
      return answer;
    }
    Logger.warn(`No offer: ${explained(said)}`, loggerCtx);
    if (said.status >= 400 && said.status < 500 && said.status !== 429) {
      this.breakers.delete(place);
      return 'refused';
    }
    this.breakers.set(place, afterSilence(breaker, now()));
    return 'silent';
  }

  pushOrder({ url, ordersKey }: Connection, body: object): Promise<Said> {
    return this.send('PUT', `${url}/api/v1/orders`, ordersKey, body, this.orderTimeout);
  }

  deleteOrder({ url, ordersKey }: Connection, code: string): Promise<Said> {
    const address = `${url}/api/v1/orders/external/${encodeURIComponent(code)}`;
    return this.send('DELETE', address, ordersKey, undefined, this.orderTimeout);
  }

  private get orderTimeout(): number {
    return this.settings.options.orderTimeoutMs ?? 10_000;
  }

  private send(method: string, url: string, key: string, body: object | undefined, ms: number): Promise<Said> {
    return send(method, url, { agent: `orderguard-vendure/${VERSION}`, key, body, ms });
  }
}

const now = (): number => Date.now() / 1_000;
