import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { CoverageMode, Offer } from '../src/offer.ts';
import {
  acceptedTerms,
  initialState,
  materialChange,
  nextState,
  STRICT_RULES,
  type OfferEvent,
  type OfferState,
} from '../src/offer_state.ts';
import { anOffer, BOTH } from './examples.ts';

// One letter of a story is one event, so that a story fits on a line of the table.
const RETURN_ONLY: readonly CoverageMode[] = ['returnCoverage'];
const SWAPPED: readonly CoverageMode[] = ['shippingProtection', 'returnCoverage'];
const TOO_LOW: Offer = { eligible: false, reason: 'cart_total_too_low' };

type Step = (state: OfferState) => OfferEvent;
const cart: Step = () => ({ name: 'cart_changed' });
const otherCart: Step = () => ({ name: 'cart_replaced' });
const answer = (offer: Offer): Step => ({ request }) => ({ name: 'answered', request, offer });
const lateAnswer = (offer: Offer): Step => ({ request }) => ({ name: 'answered', request: request - 1, offer });
const failure = (reason = 'timeout'): Step => ({ request }) => ({ name: 'failed', request, reason });
const lateFailure: Step = ({ request }) => ({ name: 'failed', request: request - 1, reason: 'network' });
const on: Step = () => ({ name: 'clicked', accepted: true });
const off: Step = () => ({ name: 'clicked', accepted: false });

const at = (amount: number, mode = BOTH) => answer(anOffer(amount, { mode }));
const accepted = (amount: number) => [cart, at(amount), on];
const refused = answer(TOO_LOW);

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

const STORIES: ReadonlyArray<readonly [fact: string, steps: readonly Step[], expected: string]> = [
  ['nothing was analyzed yet', [], 'hidden not_analyzed'],
  ['a cart change makes any price stale', [cart, at(498), cart], 'loading'],
  ['an offer is off by default', [cart, at(498)], 'shown off 498'],
  ['a click accepts', [cart, at(498), on], 'shown on 498'],
  ['a second click declines', [cart, at(498), on, off], 'shown off 498'],
  ['a yes survives re-analysis', [...accepted(498), cart, at(498)], 'shown on 498'],
  ['a no survives re-analysis', [cart, at(498), on, off, cart, at(498)], 'shown off 498'],
  ['a lower price keeps a yes', [...accepted(498), cart, at(100)], 'shown on 100'],
  ['a rise of exactly 10 % keeps a yes', [...accepted(500), cart, at(550)], 'shown on 550'],
  ['a rise above 10 % asks again', [...accepted(500), cart, at(551)], 'reconfirm price_rose 551'],
  ['small rises do not creep past 10 %', [...accepted(500), cart, at(540), cart, at(580)], 'reconfirm price_rose 580'],
  ['what was agreed to stays agreed after a dip', [...accepted(500), cart, at(100), cart, at(550)], 'shown on 550'],
  ['a yes to a new price is measured from there', [...accepted(500), cart, at(900), on, cart, at(990)], 'shown on 990'],
  ['fewer modes ask again, even when cheaper', [...accepted(498), cart, at(298, RETURN_ONLY)], 'reconfirm modes_changed 298'],
  ['more modes ask again', [cart, at(298, RETURN_ONLY), on, cart, at(298)], 'reconfirm modes_changed 298'],
  ['the order of the modes is no change', [...accepted(498), cart, at(498, SWAPPED)], 'shown on 498'],
  ['another currency asks again', [...accepted(498), cart, answer(anOffer(498, { currencyCode: 'EUR' }))], 'reconfirm currency_changed 498'],
  ['changed modes do not bother who said nothing', [cart, at(498), cart, at(298, RETURN_ONLY)], 'shown off 298'],
  ['confirming accepts the new offer', [...accepted(498), cart, at(298, RETURN_ONLY), on], 'shown on 298'],
  ['declining ends the question', [...accepted(498), cart, at(900), off], 'shown off 900'],
  ['an unanswered question stays', [...accepted(498), cart, at(900), cart, at(900)], 'reconfirm price_rose 900'],
  ['the old price coming back does not accept by itself', [...accepted(498), cart, at(900), cart, at(498)], 'reconfirm interrupted 498'],
  ['an ineligible cart hides the offer', [cart, refused], 'hidden cart_total_too_low'],
  ['an ineligible cart resets a yes', [...accepted(498), cart, refused, cart, at(498)], 'shown off 498'],
  ['an ineligible cart ends an open question', [...accepted(498), cart, at(900), cart, refused, cart, at(498)], 'shown off 498'],
  ['a failure hides the offer', [cart, failure('http_500')], 'hidden http_500'],
  ['a timeout hides an accepted offer', [...accepted(498), cart, failure()], 'hidden timeout'],
  ['after a failure a yes has to be confirmed', [...accepted(498), cart, failure(), cart, at(498)], 'reconfirm interrupted 498'],
  ['after a failure a no is still a no', [cart, at(498), on, off, cart, failure(), cart, at(498)], 'shown off 498'],
  ['an answer to an older request is dropped', [cart, cart, lateAnswer(anOffer(1))], 'loading'],
  ['an older answer after the newer one is dropped', [cart, cart, at(498), lateAnswer(anOffer(1))], 'shown off 498'],
  ['an older failure is dropped', [cart, cart, at(498), lateFailure], 'shown off 498'],
  ['an answer after the timeout is dropped', [cart, failure(), at(498)], 'hidden timeout'],
  ['a second answer to one request is dropped', [cart, at(498), at(1)], 'shown off 498'],
  ['a timeout after the answer is dropped', [cart, at(498), failure()], 'shown off 498'],
  ['a click while loading does nothing', [cart, at(498), cart, on, at(498)], 'shown off 498'],
  ['a click while hidden does nothing', [cart, refused, on, cart, at(498)], 'shown off 498'],
  ['another cart starts over', [...accepted(498), otherCart, at(498)], 'shown off 498'],
];

for (const [fact, steps, expected] of STORIES) {
  test(fact, () => assert.equal(summary(after(steps)), expected));
}

test('whatever happens, only the current answer of an accepted offer can be charged', () => {
  const steps = [cart, at(498), at(900), at(298, RETURN_ONLY), refused, failure(), on, off, lateAnswer(anOffer(1))];
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

test('where the default is lawful the first offer starts accepted', () => {
  const state = after([cart, at(498)], { ...STRICT_RULES, acceptedByDefault: true });

  assert.equal(summary(state), 'shown on 498');
});

const BY_DEFAULT: ReadonlyArray<readonly [fact: string, steps: readonly Step[], expected: string]> = [
  ['a default survives re-analysis', [cart, at(498), cart, at(498)], 'shown on 498'],
  ['a default never overrules a no', [cart, at(498), off, cart, at(498)], 'shown off 498'],
  ['a default never overrules a no after ineligibility', [cart, at(498), off, cart, refused, cart, at(498)], 'shown off 498'],
  ['a default does not come back after ineligibility', [cart, at(498), cart, refused, cart, at(498)], 'shown off 498'],
  ['a default is asked about when the price rises', [cart, at(498), cart, at(900)], 'reconfirm price_rose 900'],
  ['a default waits for the first offer', [cart, refused, cart, at(498)], 'shown on 498'],
];

for (const [fact, steps, expected] of BY_DEFAULT) {
  test(fact, () => assert.equal(summary(after(steps, { ...STRICT_RULES, acceptedByDefault: true })), expected));
}

test('a kept acceptance charges nothing before the first answer', () => {
  const start = initialState(anOffer(498));

  assert.equal(acceptedTerms(start), null);
  assert.equal(summary(after([cart, at(498)], STRICT_RULES, start)), 'shown on 498');
  assert.equal(summary(after([cart, at(900)], STRICT_RULES, start)), 'reconfirm price_rose 900');
  assert.equal(summary(after([cart, refused], STRICT_RULES, start)), 'hidden cart_total_too_low');
});

test('a shop can ask again after every rise', () => {
  assert.equal(materialChange(anOffer(498), anOffer(499), 0), 'price_rose');
  assert.equal(materialChange(anOffer(498), anOffer(498), 0), null);
});

test('the tolerated rise is exact for the largest amounts', () => {
  const agreed = 10 ** 12;
  assert.equal(materialChange(anOffer(agreed), anOffer(1.1 * 10 ** 12)), null);
  assert.equal(materialChange(anOffer(agreed), anOffer(1.1 * 10 ** 12 + 1)), 'price_rose');
});
