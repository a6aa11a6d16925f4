/**
 * When the offer is visible, whether it is accepted, and what may be charged. Pure: no DOM, no
 * timers, no network. The rules, in one place:
 *
 * - A change of the cart makes every price stale at once: `loading` carries no offer at all.
 * - Only the answer to the latest cart change counts; all others are dropped by request number.
 * - Failure, timeout and ineligibility end in `hidden`. There is no disabled offer.
 * - The shopper's choice survives re-analysis, unless the accepted terms changed materially.
 * - The choice is forgotten the moment the offer becomes ineligible.
 * - An acceptance that lapsed without a click comes back only by a click (`reconfirm`).
 * - The fee to charge is the charge instructions of the current answer, or nothing.
 */

import type { EligibleOffer, Offer, Terms } from './offer.ts';

/**
 * How far the price may rise above the amount the shopper agreed to before we ask again: 10 %.
 * Measured against the agreed amount, not the previous one, so that small steps cannot creep past it.
 */
export const RISE_TOLERATED_BPS = 1_000;

/** Why the shopper is asked again. */
export type ReconfirmReason =
  | 'modes_changed'
  | 'price_rose'
  | 'currency_changed'
  /** The offer had vanished because of a failure, and the shop had to drop the fee meanwhile. */
  | 'interrupted';

export type View =
  | { readonly name: 'loading' }
  /** `reason` is the server's eligibility reason, or why no answer could be had. */
  | { readonly name: 'hidden'; readonly reason: string }
  | { readonly name: 'shown'; readonly offer: EligibleOffer; readonly accepted: boolean }
  | { readonly name: 'reconfirm'; readonly offer: EligibleOffer; readonly because: ReconfirmReason };

/** What the shopper wants, whether or not there is an offer to want right now. */
export type Choice =
  | { readonly name: 'none' }
  | { readonly name: 'declined' }
  | { readonly name: 'accepted'; readonly terms: Terms }
  | { readonly name: 'lapsed'; readonly terms: Terms };

export interface OfferState {
  readonly view: View;
  readonly choice: Choice;
  /** Number of the latest cart change. */
  readonly request: number;
  /** Whether an offer was ever shown: a default applies to the first one only. */
  readonly wasOffered: boolean;
}

export type OfferEvent =
  | { readonly name: 'cart_changed' }
  /** Another cart, another purchase: nothing the shopper said about the old one counts. */
  | { readonly name: 'cart_replaced' }
  | { readonly name: 'answered'; readonly request: number; readonly offer: Offer }
  | { readonly name: 'failed'; readonly request: number; readonly reason: string }
  | { readonly name: 'clicked'; readonly accepted: boolean };

export interface OfferRules {
  /** Only ever true where `mayBePreticked` allowed it. */
  readonly acceptedByDefault: boolean;
  readonly riseToleratedBps: number;
}

export const STRICT_RULES: OfferRules = {
  acceptedByDefault: false,
  riseToleratedBps: RISE_TOLERATED_BPS,
};

const NO_CHOICE: Choice = { name: 'none' };

/** The state before the first analysis; `agreed` is an acceptance the shop kept from an earlier page. */
export function initialState(agreed?: Terms): OfferState {
  return {
    view: { name: 'hidden', reason: 'not_analyzed' },
    choice: agreed ? { name: 'accepted', terms: agreed } : NO_CHOICE,
    request: 0,
    wasOffered: agreed !== undefined,
  };
}

export function nextState(state: OfferState, event: OfferEvent, rules = STRICT_RULES): OfferState {
  switch (event.name) {
    case 'cart_changed':
      return { ...state, view: { name: 'loading' }, request: state.request + 1 };
    case 'cart_replaced':
      return { ...initialState(), view: { name: 'loading' }, request: state.request + 1 };
    case 'clicked':
      return clicked(state, event.accepted);
    case 'answered':
      if (!isAwaited(state, event.request)) return state;
      return event.offer.eligible
        ? offered(state, event.offer, rules)
        : hidden(state, event.offer.reason, forgotten(state.choice));
    case 'failed':
      if (!isAwaited(state, event.request)) return state;
      return hidden(state, event.reason, lapsed(state.choice));
  }
}

/** What the shop must charge right now, with the modes and the session to report; null: nothing. */
export function acceptedTerms({ view }: OfferState): Terms | null {
  return view.name === 'shown' && view.accepted ? view.offer : null;
}

/** Why an offer is not the one the shopper agreed to, or null when it is close enough to keep. */
export function materialChange(
  agreed: Terms,
  offer: Terms,
  riseToleratedBps = RISE_TOLERATED_BPS,
): ReconfirmReason | null {
  if (!hasSameModes(agreed, offer)) return 'modes_changed';
  const before = agreed.chargeInstructions;
  const now = offer.chargeInstructions;
  if (before.currencyCode !== now.currencyCode) return 'currency_changed';
  const ceiling = BigInt(before.amount) * BigInt(10_000 + riseToleratedBps);
  return BigInt(now.amount) * 10_000n > ceiling ? 'price_rose' : null;
}

/** Membership, not order: the same two modes the other way round cover the same things. */
function hasSameModes(one: Terms, other: Terms): boolean {
  const modes = new Set([...one.mode, ...other.mode]);
  return modes.size === new Set(one.mode).size && modes.size === new Set(other.mode).size;
}

/** A late answer, even to the latest request, is dropped: the offer must not pop up at the till. */
function isAwaited(state: OfferState, request: number): boolean {
  return state.view.name === 'loading' && state.request === request;
}

function offered(state: OfferState, offer: EligibleOffer, rules: OfferRules): OfferState {
  const { choice } = state;
  const next = { ...state, wasOffered: true };
  if (choice.name === 'accepted' || choice.name === 'lapsed') {
    const because = materialChange(choice.terms, offer, rules.riseToleratedBps);
    if (because || choice.name === 'lapsed') {
      const view: View = { name: 'reconfirm', offer, because: because ?? 'interrupted' };
      return { ...next, view, choice: lapsed(choice) };
    }
    return { ...next, view: { name: 'shown', offer, accepted: true } };
  }
  const accepted = rules.acceptedByDefault && !state.wasOffered && choice.name === 'none';
  return {
    ...next,
    view: { name: 'shown', offer, accepted },
    choice: accepted ? { name: 'accepted', terms: offer } : choice,
  };
}

/** Handles a click. While loading or hidden there is no offer to click, so nothing changes. */
function clicked(state: OfferState, accepted: boolean): OfferState {
  const { view } = state;
  if (view.name !== 'shown' && view.name !== 'reconfirm') return state;
  if (view.name === 'shown' && view.accepted === accepted) return state;
  return {
    ...state,
    view: { name: 'shown', offer: view.offer, accepted },
    choice: accepted ? { name: 'accepted', terms: view.offer } : { name: 'declined' },
  };
}

function hidden(state: OfferState, reason: string, choice: Choice): OfferState {
  return { ...state, view: { name: 'hidden', reason }, choice };
}

/** An ineligible cart resets a yes. A no stays a no, or a default could overrule it later. */
function forgotten(choice: Choice): Choice {
  return choice.name === 'declined' ? choice : NO_CHOICE;
}

function lapsed(choice: Choice): Choice {
  return choice.name === 'accepted' ? { name: 'lapsed', terms: choice.terms } : choice;
}
