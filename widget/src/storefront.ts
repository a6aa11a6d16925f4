/**
 * The whole behaviour of an offer without any DOM: analyses, the shopper's choice, and what to charge.
 *
 * The `<order-protection>` element is a face on top of this; a shop that draws its own uses it directly.
 */

import { AnalysisClient, type AnalysisClientOptions, type AnalysisRequest } from './client.ts';
import { termsFromWire, type ChargeInstructions, type CoverageMode, type Terms } from './offer.ts';
import {
  acceptedTerms,
  initialState,
  nextState,
  RISE_TOLERATED_BPS,
  type OfferEvent,
  type OfferState,
  type View,
} from './offer_state.ts';

/** What a shop needs to know, in the same shape for every occurrence. */
export interface Protection {
  readonly accepted: boolean;
  /** The offer session, to be reported on the order even when the offer was declined. */
  readonly sessionId: string | null;
  /** The modes on offer, verbatim; null without an offer. */
  readonly mode: readonly CoverageMode[] | null;
  /** Charge exactly this. Null unless accepted, so that nothing can be charged by mistake. */
  readonly chargeInstructions: ChargeInstructions | null;
  readonly view: View['name'];
  /** Why the offer is hidden or has to be confirmed again; null otherwise. */
  readonly reason: string | null;
}

/**
 * - `loading`: the cart changed; until the next `offer` there is nothing to charge.
 * - `reset`: an acceptance ended without a click; take the fee off. Comes before its `offer`.
 * - `offer`: an analysis ended, in any view. A fee that stays may have another amount now.
 * - `change`: the shopper clicked.
 */
export type Occurrence = 'loading' | 'reset' | 'offer' | 'change';
export type Listener = (occurrence: Occurrence, protection: Protection) => void;

export interface StorefrontOptions extends AnalysisClientOptions {
  /** See `RISE_TOLERATED_BPS`; 0 asks again after every rise. */
  readonly riseToleratedBps?: number;
  /** Whether the first offer starts accepted. Off when absent; decide with `mayBePreticked`. */
  readonly acceptedByDefault?: (request: AnalysisRequest) => boolean;
}

export class Storefront {
  readonly #client: AnalysisClient;
  readonly #options: StorefrontOptions;
  readonly #listeners = new Set<Listener>();
  #state = initialState();
  #cartId: string | undefined;
  #asked: string | null = null;
  #settled: Promise<Protection>;

  constructor(options: StorefrontOptions = {}) {
    this.#options = options;
    this.#client = new AnalysisClient(options);
    this.#settled = Promise.resolve(this.protection);
  }

  get view(): View {
    return this.#state.view;
  }

  /** What to charge and report for an order placed at this moment; null means no fee. */
  get acceptance(): Terms | null {
    return acceptedTerms(this.#state);
  }

  get protection(): Protection {
    const { view } = this.#state;
    const offer = 'offer' in view ? view.offer : null;
    const acceptance = this.acceptance;
    return {
      accepted: acceptance !== null,
      sessionId: offer?.sessionId ?? this.#client.sessionId,
      mode: offer?.mode ?? null,
      chargeInstructions: acceptance?.chargeInstructions ?? null,
      view: view.name,
      reason: reasonOf(view),
    };
  }

  /** Resolves when no analysis is under way, at the latest when the budget is spent. Never rejects. */
  get settled(): Promise<Protection> {
    return this.#settled;
  }

  /**
   * Call whenever the cart, its destination or its delivery changed. Never rejects.
   *
   * A call that says the same as the one before costs nothing: the same cart has the same price.
   * After a failure or an ineligible answer it does ask again.
   */
  analyze(request: AnalysisRequest): Promise<Protection> {
    const asked = textOf(request);
    if (asked && asked === this.#asked && this.view.name !== 'hidden') return this.#settled;
    this.#asked = asked;
    // Plain JavaScript may hand us nothing at all; that is a hidden offer, not an exception.
    const cartId = request?.cartId;
    const isOtherCart = this.#cartId !== undefined && cartId !== this.#cartId;
    this.#cartId = cartId;
    if (isOtherCart) this.#client.sessionId = null;
    this.#move({ name: isOtherCart ? 'cart_replaced' : 'cart_changed' });
    return (this.#settled = this.#conclude(request, this.#state.request));
  }

  accept(): void {
    this.#move({ name: 'clicked', accepted: true });
  }

  decline(): void {
    this.#move({ name: 'clicked', accepted: false });
  }

  /**
   * Take over an acceptance from an earlier page: the `Protection` or `Terms` the shop kept with the
   * cart. Before the first analysis only; nothing is charged until that analysis confirms it.
   */
  restore(kept: unknown): void {
    const terms = termsFromWire(kept);
    if (!terms || this.#state.request) return;
    this.#state = initialState(terms);
    this.#client.sessionId = terms.sessionId;
  }

  /** Listen to every occurrence; returns how to stop. */
  subscribe(listener: Listener): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  async #conclude(request: AnalysisRequest, number: number): Promise<Protection> {
    const outcome = await this.#client.analyze(request);
    if (outcome.name === 'superseded') return this.#settled;
    this.#move(
      outcome.name === 'answered'
        ? { name: 'answered', request: number, offer: outcome.offer }
        : { name: 'failed', request: number, reason: outcome.reason },
      this.#options.acceptedByDefault?.(request),
    );
    return this.protection;
  }

  #move(event: OfferEvent, acceptedByDefault = false): void {
    const { riseToleratedBps = RISE_TOLERATED_BPS } = this.#options;
    const before = this.#state;
    this.#state = nextState(before, event, { acceptedByDefault, riseToleratedBps });
    if (this.#state === before) return;
    const { protection } = this;
    for (const occurrence of occurrencesOf(event, before, this.#state)) {
      for (const listener of this.#listeners) tell(listener, occurrence, protection);
    }
  }
}

function occurrencesOf(event: OfferEvent, before: OfferState, after: OfferState): Occurrence[] {
  if (event.name === 'clicked') return ['change'];
  const ended = before.choice.name === 'accepted' && after.choice.name !== 'accepted';
  return [...(ended ? (['reset'] as const) : []), after.view.name === 'loading' ? 'loading' : 'offer'];
}

/** A fault in a shop's listener must not keep the others from hearing, nor reach the checkout. */
function tell(listener: Listener, occurrence: Occurrence, protection: Protection): void {
  try {
    listener(occurrence, protection);
  } catch (error) {
    console.error(error);
  }
}

function textOf(request: AnalysisRequest): string | null {
  try {
    return JSON.stringify(request);
  } catch {
    return null;
  }
}

function reasonOf(view: View): string | null {
  if (view.name === 'hidden') return view.reason;
  return view.name === 'reconfirm' ? view.because : null;
}
