import assert from 'node:assert/strict';
import { test } from 'node:test';
import { DEFAULT_LAWFULNESS, mayBePreticked, type DefaultQuestion } from '../src/default_lawfulness.ts';

const NOT_EVEN_IF_NAMED = [
  'AT BE BG HR CY CZ DK EE FI FR DE GR HU IE IT LV LT LU MT NL PL PT RO SK SI ES SE IS LI NO GB',
  'US US-CA DE-BY GB-SCT FR-75 IN KR',
].join(' ').split(' ');

for (const region of NOT_EVEN_IF_NAMED) {
  test(`the box starts empty in ${region}, even if the shop names it`, () => {
    assert.equal(mayBePreticked({ region, platform: 'custom', shopDecidedFor: [region] }).allowed, false);
  });
}

const QUESTIONS: ReadonlyArray<readonly [fact: string, question: DefaultQuestion, allowed: boolean]> = [
  ['nothing known about the place means no', {}, false],
  ['a place we know nothing about means no', { region: 'AQ' }, false],
  ['a state means no unless the shop names it', { region: 'US-TX' }, false],
  ['a state the shop names may be pre-ticked', { region: 'US-TX', shopDecidedFor: ['US-TX'] }, true],
  ['another state than the named one means no', { region: 'US-OH', shopDecidedFor: ['US-TX'] }, false],
  ['naming the whole country does not cover its states', { region: 'US-TX', shopDecidedFor: ['US'] }, false],
  ['spelling does not matter', { region: 'us-tx', shopDecidedFor: ['us-TX'] }, true],
  ['a structured region counts', { region: { country: 'US', subdivision: 'TX' }, shopDecidedFor: ['US-TX'] }, true],
  ['a full subdivision counts', { region: { country: 'US', subdivision: 'US-CA' }, shopDecidedFor: ['US-CA'] }, false],
  ['a structured country counts', { region: { country: 'de' }, shopDecidedFor: ['DE'] }, false],
  ['Shopify means no everywhere', { region: 'US-TX', platform: 'Shopify', shopDecidedFor: ['US-TX'] }, false],
  ['other platforms follow the place', { region: 'NZ', platform: 'woocommerce', shopDecidedFor: ['NZ'] }, true],
];

for (const [fact, question, allowed] of QUESTIONS) {
  test(fact, () => assert.equal(mayBePreticked(question).allowed, allowed));
}

test('every row names its source, its date and whether it is law or caution', () => {
  for (const row of DEFAULT_LAWFULNESS) {
    assert.ok(row.source && row.note, row.places.join());
    assert.match(row.since, /^\d{4}-\d{2}-\d{2}$/);
    if (row.basis === 'law' || row.basis === 'platform') assert.equal(row.verdict, 'refused');
  }
});

test('no place has two rows', () => {
  const places = DEFAULT_LAWFULNESS.flatMap((row) => row.places);

  assert.equal(new Set(places).size, places.length);
});
