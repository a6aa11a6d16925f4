import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import type { CoverageMode, EligibleOffer, Offer } from '../src/offer.ts';
import {
  acceptedTerms,
  initialState,
  nextState,
  STRICT_RULES,
  type OfferEvent,
  type OfferState,
} from '../src/offer_state.ts';
import { anOffer, BOTH } from './examples.ts';

// The stories themselves are JSON, because the Python client has to live through the same ones.
interface Story {
  readonly fact: string;
  readonly steps: readonly string[];
  readonly expect: string;
  readonly acceptedByDefault?: boolean;
  readonly riseToleratedBps?: number;
  readonly kept?: string;
}
const { stories } = JSON.parse(readFileSync('../contract/offer_state/stories.json', 'utf8')) as {
  stories: Story[];
};

const RETURN_ONLY: readonly CoverageMode[] = ['returnCoverage'];
const TOO_LOW: Offer = { eligible: false, reason: 'cart_total_too_low' };

type Step = (state: OfferState) => OfferEvent;
const cart: Step = () => ({ name: 'cart_changed' });
const otherCart: Step = () => ({ name: 'cart_replaced' });
const answer = (offer: Offer): Step => ({ request }) => ({ name: 'answered', request, offer });
const failure = (reason = 'timeout'): Step => ({ request }) => ({ name: 'failed', request, reason });
const late = (step: Step): Step => (state) => step({ ...state, request: state.request - 1 });
const on: Step = () => ({ name: 'clicked', accepted: true });
const off: Step = () => ({ name: 'clicked', accepted: false });

const at = (amount: number, mode = BOTH) => answer(anOffer(amount, { mode }));
const refused = answer(TOO_LOW);

/** One step of a story, as `contract/offer_state/README.md` spells them. */
function stepFrom(text: string): Step {
  const [word = '', ...rest] = text.split(' ');
  if (word === 'late') return late(stepFrom(rest.join(' ')));
  if (word === 'offer') return answer(offerFrom(text));
  if (word === 'ineligible') return answer({ eligible: false, reason: rest.join(' ') });
  if (word === 'failure') return failure(rest.join(' '));
  const step = { cart, 'other cart': otherCart, on, off }[text];
  if (!step) throw new Error(`"${text}" is no step`);
  return step;
}

/** `offer 498`, `offer 298 returnCoverage`, `offer 498 EUR`. */
function offerFrom(text: string): EligibleOffer {
  const [, amount, ...rest] = text.split(' ');
  const mode = rest.filter((word): word is CoverageMode => (BOTH as readonly string[]).includes(word));
  const currencyCode = rest.find((word) => /^[A-Z]{3}$/.test(word)) ?? 'USD';
  return anOffer(Number(amount), { mode: mode.length ? mode : BOTH, currencyCode });
}

/** `shown off 498`, `shown on 498`, `reconfirm price_rose 498`, `hidden timeout`, `loading`. */
function summary({ view }: OfferState): string {
  if (view.name === 'loading') return 'loading';
  if (view.name === 'hidden') return `hidden ${view.reason}`;
  const { amount } = view.offer.chargeInstructions;
  if (view.name === 'reconfirm') return `reconfirm ${view.because} ${amount}`;
  return `shown ${view.accepted ? 'on' : 'off'} ${amount}`;
}

function after(steps: readonly Step[], rules = STRICT_RULES, start = initialState()): OfferState {
  return steps.reduce((state, step) => nextState(state, step(state), rules), start);
}

for (const { fact, steps, expect, kept, ...rules } of stories) {
  test(fact, () => {
    const start = initialState(kept ? offerFrom(kept) : undefined);
    const state = after(steps.map(stepFrom), { ...STRICT_RULES, ...rules }, start);

    assert.equal(summary(state), expect);
    const [, charged] = /^shown on (\d+)$/.exec(expect) ?? [];
    assert.equal(acceptedTerms(state)?.chargeInstructions.amount, charged && Number(charged));
  });
}

test('whatever happens, only the current answer of an accepted offer can be charged', () => {
  const steps = [cart, at(498), at(900), at(298, RETURN_ONLY), refused, failure(), on, off, late(at(1))];
  let states = [initialState()];
  for (let depth = 0; depth < 5; depth += 1) {
    states = states.flatMap((state) => steps.map((step) => nextState(state, step(state))));
    for (const state of states) {
      const charged = acceptedTerms(state);
      const { view } = state;
      if (charged) assert.ok(view.name === 'shown' && view.accepted && view.offer === charged);
      if (charged) assert.equal(state.choice.name, 'accepted');
      if (view.name === 'loading' || view.name === 'hidden') assert.ok(!('offer' in view));
    }
  }
});

test('an event that changes nothing gives back the very same state', () => {
  const state = after([cart, at(498)]);

  assert.equal(nextState(state, { name: 'clicked', accepted: false }), state);
});
