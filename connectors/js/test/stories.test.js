import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';

import { afterClick, afterOffer, NO_CHOICE, tokenOf } from '../src/index.js';

const STORIES = new URL('../../../contract/offer_state/stories.json', import.meta.url);

/** Stories of a shopper's choice; a choice knows nothing of requests under way, nor of defaults. */
const stories = JSON.parse(readFileSync(STORIES, 'utf8')).stories.filter(
  ({ steps, expect, kept, acceptedByDefault }) =>
    steps.length > 0 &&
    steps.every((step, index) => /^(cart|on|off|offer .*|ineligible .*)$/.test(step) && !isUnanswered(steps, index)) &&
    acceptedByDefault === undefined &&
    kept === undefined &&
    !/interrupted|loading/.test(expect),
);

assert.ok(stories.length >= 20);
for (const { fact, steps, expect, riseToleratedBps } of stories) {
  test(fact, () => {
    let [choice, offer, hidden] = [NO_CHOICE, null, ''];
    for (const step of steps) {
      if (step === 'on' && offer) choice = afterClick(choice, offer, true, tokenOf(offer));
      if (step === 'off') choice = afterClick(choice, offer, false, '');
      if (step.startsWith('ineligible ')) [offer, hidden] = [null, step.slice('ineligible '.length)];
      if (step.startsWith('offer ')) offer = termsOf(step);
      if (/^(offer|ineligible) /.test(step)) choice = afterOffer(choice, offer, riseToleratedBps);
    }
    assert.equal(viewOf(choice, offer, hidden), expect);
  });
}

test('a click on terms that nobody showed is no yes', () => {
  const [offer, other] = [termsOf('offer 498'), termsOf('offer 1')];
  assert.deepEqual(afterClick(NO_CHOICE, offer, true, tokenOf(other)), { agreed: null, notice: 'price_rose' });
  assert.deepEqual(afterClick({ agreed: offer, notice: null }, null, true, ''), { agreed: null, notice: 'gone' });
});

test('a second click on the terms agreed to changes nothing', () => {
  const [first, now] = [termsOf('offer 500'), termsOf('offer 540')];
  const choice = { agreed: first, notice: null };
  for (const shown of [first, now]) assert.deepEqual(afterClick(choice, now, true, tokenOf(shown)), choice);
});

/** An event that takes place before the cart is answered, or a second answer. */
function isUnanswered(steps, index) {
  if (steps[index] === 'cart') return index + 1 < steps.length && !/^(offer|ineligible) /.test(steps[index + 1]);
  return /^(offer|ineligible) /.test(steps[index]) && steps[index - 1] !== 'cart';
}

function viewOf({ agreed, notice }, offer, hidden) {
  if (!offer) return `hidden ${hidden}`;
  // Back again, protection starts unticked; a page may say so with the notice that it was gone.
  return notice && notice !== 'gone' ? `reconfirm ${notice} ${offer.amount}` : `shown ${agreed ? 'on' : 'off'} ${offer.amount}`;
}

function termsOf(step) {
  const [, amount, ...words] = step.split(' ');
  const isCurrency = (word) => /^[A-Z]{3}$/.test(word);
  const modes = words.filter((word) => !isCurrency(word));
  return {
    session: 'lop_a1b2c3d4e5f6g7h8i9j0',
    amount: Number(amount),
    currency: words.find(isCurrency) ?? 'USD',
    modes: modes.length ? modes : ['returnCoverage', 'shippingProtection'],
  };
}
