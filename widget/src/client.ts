/**
 * Asks for an analysis, within a time budget, and never throws: every failure is an outcome.
 *
 * By default the browser talks to the shop's own proxy, which holds the key. With `browserKey`
 * (a key bound to the shop's origin, of scope `cart` only) it talks to Orderguard directly.
 */

import { isRecord, isSessionId, offerFromWire, type Offer } from './offer.ts';

/** The body of `POST analyze`; unknown members are passed on. */
export interface AnalysisRequest {
  readonly platform: string;
  readonly region: string | { readonly country: string; readonly subdivision?: string };
  readonly cart: WireCart;
  readonly cartId?: string;
  readonly sessionId?: string;
  readonly locale?: string;
  readonly [member: string]: unknown;
}

/** All amounts in minor units. */
export interface WireCart {
  readonly lines: readonly WireCartLine[];
  readonly currencyCode: string;
  readonly subtotalAmount: number;
  readonly totalDiscountAmount: number;
  readonly discountedSubtotalAmount: number;
  readonly totalTaxAmount: number;
  readonly totalAmount: number;
  readonly itemCount: number;
  readonly [member: string]: unknown;
}

export interface WireCartLine {
  readonly id: string | number;
  readonly productId: string | number;
  readonly quantity: number;
  readonly totalPrice: number;
  readonly originalTotalPrice: number;
  readonly title: string;
  readonly [member: string]: unknown;
}

export type AnalysisOutcome =
  | { readonly name: 'answered'; readonly offer: Offer }
  | { readonly name: 'failed'; readonly reason: string }
  /** A later call replaced this one; its caller has nothing to do. */
  | { readonly name: 'superseded' };

export interface AnalysisClientOptions {
  /** Where to post. The shop's proxy, or Orderguard's `/v1/analyze` together with `browserKey`. */
  readonly endpoint?: string;
  readonly browserKey?: string;
  /** From the call until we give up, debouncing included. */
  readonly budgetMs?: number;
  /** The first change is sent at once; changes that follow closer than this wait for a pause. */
  readonly debounceMs?: number;
  readonly sessionId?: string;
  /** Awaited beside the answer and within the budget; if it fails, so does the analysis. */
  readonly prepare?: (request: AnalysisRequest) => Promise<unknown>;
  readonly fetch?: typeof fetch;
}

export const DEFAULT_ENDPOINT = '/orderguard/analyze';
export const BUDGET_MS = 800;
export const DEBOUNCE_MS = 100;

export class AnalysisClient {
  /** The offer session to go on with; `null` until the first answer. */
  sessionId: string | null;

  readonly #options: AnalysisClientOptions;
  #calledAt = -Infinity;
  #supersede = () => {};

  constructor(options: AnalysisClientOptions = {}) {
    this.#options = options;
    this.sessionId = isSessionId(options.sessionId) ? options.sessionId : null;
  }

  /** Analyse a cart. A newer call supersedes this one: its request is aborted and its answer dropped. */
  analyze(request: AnalysisRequest): Promise<AnalysisOutcome> {
    const { budgetMs = BUDGET_MS, debounceMs = DEBOUNCE_MS } = this.#options;
    const at = performance.now();
    const pauseMs = at - this.#calledAt < debounceMs ? debounceMs : 0;
    this.#calledAt = at;
    this.#supersede();
    return new Promise((resolve) => {
      const abort = new AbortController();
      const conclude = (outcome: AnalysisOutcome) => {
        clearTimeout(budget);
        clearTimeout(pause);
        abort.abort();
        resolve(outcome);
      };
      const send = () => void this.#send(request, abort.signal).then(conclude);
      const budget = setTimeout(() => conclude(failed('timeout')), budgetMs);
      // Not even a timer of 0 ms before the common case, a single change.
      const pause = pauseMs ? setTimeout(send, pauseMs) : undefined;
      this.#supersede = () => conclude({ name: 'superseded' });
      if (!pauseMs) send();
    });
  }

  /** Forget the call under way, if any. */
  cancel(): void {
    this.#supersede();
  }

  async #send(request: AnalysisRequest, signal: AbortSignal): Promise<AnalysisOutcome> {
    try {
      // Nothing to protect, nothing to ask.
      if (!request.cart.lines.length) return answered({ eligible: false, reason: 'empty_cart' });
      const prepared = Promise.resolve(this.#options.prepare?.(request)).then(
        () => true,
        () => false,
      );
      const outcome = await this.#exchange(request, signal);
      return (await prepared) ? outcome : failed('not_prepared');
    } catch {
      return failed('network');
    }
  }

  async #exchange(request: AnalysisRequest, signal: AbortSignal): Promise<AnalysisOutcome> {
    const sessionId = isSessionId(request.sessionId) ? request.sessionId : this.sessionId;
    const response = await this.#post({ ...request, sessionId: sessionId ?? undefined }, signal);
    if (signal.aborted) return { name: 'superseded' };
    if (response.status === 404 && sessionId) {
      // The session was evicted, or is another environment's. Once more without it.
      this.sessionId = null;
      return this.#exchange({ ...request, sessionId: '' }, signal);
    }
    if (!response.ok) return failed(`http_${response.status}`);
    const body: unknown = await response.json().catch(() => null);
    if (signal.aborted) return { name: 'superseded' };
    const offer = offerFromWire(body, request.cart.currencyCode);
    if (!offer) return failed('malformed');
    if (isRecord(body) && isSessionId(body.sessionId)) this.sessionId = body.sessionId;
    return answered(offer);
  }

  #post(body: object, signal: AbortSignal): Promise<Response> {
    const { endpoint = DEFAULT_ENDPOINT, browserKey, fetch: post = fetch } = this.#options;
    return post(endpoint, {
      method: 'POST',
      headers: {
        'Content-Type': 'application/json',
        ...(browserKey && { 'X-Authorization': browserKey }),
      },
      body: JSON.stringify(body),
      // The proxy may need the shop's own cookie; Orderguard itself never does.
      credentials: browserKey ? 'omit' : 'same-origin',
      cache: 'no-store',
      signal,
    });
  }
}

function answered(offer: Offer): AnalysisOutcome {
  return { name: 'answered', offer };
}

function failed(reason: string): AnalysisOutcome {
  return { name: 'failed', reason };
}
