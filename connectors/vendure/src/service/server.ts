import { Injectable } from '@nestjs/common';
import { Logger } from '@vendure/core';

import { afterSilence, CLOSED, isOpen, readAnswer, sentenceOf } from '../core';
import type { Answer } from '../core/answer';
import type { Breaker } from '../core/breaker';
import { loggerCtx, VERSION } from '../constants';
import { type Connection, messageOf, Settings } from './settings';

/** An answer over HTTP; status 0 without an answer, and then `why`. The body is null when it is no JSON. */
export interface Said {
  status: number;
  body: any;
  why: string;
}

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

  private async send(method: string, url: string, key: string, body: object | undefined, ms: number): Promise<Said> {
    try {
      const response = await fetch(url, {
        method,
        headers: {
          'X-Authorization': key,
          'User-Agent': `orderguard-vendure/${VERSION}`,
          ...(body && { 'Content-Type': 'application/json' }),
        },
        body: body && JSON.stringify(body),
        redirect: 'manual',
        signal: AbortSignal.timeout(ms),
      });
      const text = await response.text();
      return { status: response.status, body: parsed(text), why: '' };
    } catch (error) {
      const cause = error instanceof Error && error.cause ? messageOf(error.cause) : '';
      return { status: 0, body: null, why: cause || messageOf(error) };
    }
  }
}

/** Words for the log and the health query. */
export function explained({ status, body, why }: Said): string {
  if (status === 0) return `Orderguard did not answer (${why}).`;
  if (status === 401) return 'Orderguard does not know the key (401).';
  if (status === 403) return `The key may not do this (${sentenceOf(status, body)}).`;
  if (status === 404) return 'There is no Orderguard at this address (404).';
  return status < 300 ? 'The answer is not one of Orderguard.' : `Orderguard answered ${sentenceOf(status, body)}.`;
}

const now = (): number => Date.now() / 1_000;

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}
