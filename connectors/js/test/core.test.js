import assert from 'node:assert/strict';
import { test } from 'node:test';

import {
  afterSilence,
  cartRequest,
  CLOSED,
  explained,
  isOpen,
  outcomeOf,
  pauseOf,
  rateOf,
  readAnswer,
  readTerms,
  regionOf,
  rescaled,
  sentenceOf,
  tokenOf,
  toDecimals,
  toMajor,
  toMinor,
  toWire,
} from '../src/index.js';

const SESSION = 'lop_a1b2c3d4e5f6g7h8i9j0';
const BOTH = ['returnCoverage', 'shippingProtection'];
const GOOD = {
  sessionId: SESSION,
  eligible: true,
  reason: 'eligible',
  mode: BOTH,
  chargeInstructions: { amount: 498, currencyCode: 'USD', method: 'fee' },
};

test('decimals become minor units', () => {
  const rows = [
    ['4.98', 'USD', 498],
    [4.98, 'USD', 498],
    [19.99, 'USD', 1999],
    [1.005, 'USD', 101],
    ['4.9800', 'USD', 498],
    [4.980000001, 'USD', 498],
    ['500', 'JPY', 500],
    [1.255, 'KWD', 1255],
    ['0.0045', 'USD', 0],
    [-3, 'USD', -300],
    [-0.005, 'USD', -1],
    [1e-7, 'USD', 0],
    [1e21, 'JPY', 1e21],
    [9999999999.99, 'USD', 999999999999],
  ];
  for (const [amount, currency, minor] of rows) assert.equal(toMinor(amount, currency), minor, `${amount}`);
});

test('minor units become decimals', () => {
  const rows = [
    [498, 'USD', '4.98'],
    [5, 'USD', '0.05'],
    [500, 'JPY', '500'],
    [1255, 'KWD', '1.255'],
    [-5, 'USD', '-0.05'],
  ];
  for (const [minor, currency, major] of rows) assert.equal(toMajor(minor, currency), major);
  assert.equal(toDecimals(5, 'USD'), '5.00');
});

test('what is no amount, or in no currency, is an error and never a number', () => {
  for (const nonsense of ['', '.', 'NaN', 'Infinity', '1,5', null]) {
    assert.throws(() => toMinor(nonsense, 'USD'), RangeError, `${nonsense}`);
  }
  assert.throws(() => toMinor('5', 'IRT'), RangeError);
  assert.throws(() => toMinor('5', 'USD EUR'), RangeError);
});

test('a platform that counts every currency in hundredths is converted both ways', () => {
  assert.equal(rescaled(49_800, 2, 0), 498); // yen in Vendure
  assert.equal(rescaled(498, 0, 2), 49_800);
  assert.equal(rescaled(50_050, 2, 0), 501);
  assert.equal(rescaled(125, 2, 3), 1_250);
  assert.equal(rescaled(-50_050, 2, 0), -501);
});

test('a rate times the quantity is the total', () => {
  for (const total of [1000, 1, 4500, 13555, 9999999]) {
    for (const quantity of [1, 2, 3, 7, 9, 11, 1000, 9999]) {
      const rate = rateOf(total, quantity, 'USD');
      assert.match(rate, /^\d+(\.\d{1,8})?$/);
      assert.equal(Math.round(Number(rate) * quantity * 100), total, `${total} for ${quantity}: ${rate}`);
    }
  }
  assert.equal(rateOf(1000, 3, 'JPY'), '333.33333333');
});

test('an answer is read', () => {
  assert.deepEqual(readAnswer(GOOD), {
    session: SESSION,
    reason: 'eligible',
    offer: { session: SESSION, amount: 498, currency: 'USD', modes: BOTH },
  });
  const no = { sessionId: SESSION, eligible: false, reason: 'cart_total_too_low' };
  assert.deepEqual(readAnswer(no), { session: SESSION, reason: 'cart_total_too_low', offer: null });
});

test('nonsense is no answer', () => {
  const rows = [
    null,
    [],
    'text',
    {},
    { ...GOOD, sessionId: 'lop_short' },
    { ...GOOD, sessionId: `${SESSION}\n` },
    { ...GOOD, mode: [] },
    { ...GOOD, mode: 'returnCoverage' },
    { ...GOOD, mode: [1] },
    { ...GOOD, chargeInstructions: null },
    ...['498', 4.98, 0, -1, NaN].map((amount) => ({ ...GOOD, chargeInstructions: { amount, currencyCode: 'USD' } })),
  ];
  for (const nonsense of rows) assert.equal(readAnswer(nonsense), null, JSON.stringify(nonsense));
});

test('what was kept is read again, and nothing else', () => {
  const { offer } = readAnswer(GOOD);
  assert.deepEqual(readTerms(JSON.parse(JSON.stringify(offer))), offer);
  assert.equal(tokenOf(offer), `${SESSION} 498 USD returnCoverage shippingProtection`);
  for (const other of [null, undefined, 'terms', { ...offer, amount: '498' }]) assert.equal(readTerms(other), null);
});

test('a cart is summed up without its fees', () => {
  const lines = [
    { quantity: 2, totalPrice: 9_000, originalTotalPrice: 10_000 },
    { quantity: 1, totalPrice: 500, originalTotalPrice: 500 },
  ];
  const rest = { taxes: 3, deliveryMethods: ['PICKUP', 'SHIPPING'], more: { cartId: 'a' } };
  assert.deepEqual(cartRequest({ platform: 'custom', currency: 'USD', lines, ...rest }), {
    platform: 'custom',
    cartId: 'a',
    deliveryGroups: [{ deliveryMethod: 'PICKUP' }, { deliveryMethod: 'SHIPPING' }],
    cart: {
      currencyCode: 'USD',
      lines,
      subtotalAmount: 10_500,
      totalDiscountAmount: 1_000,
      discountedSubtotalAmount: 9_500,
      totalTaxAmount: 3,
      totalAmount: 9_500,
      itemCount: 3,
    },
  });
});

test('regions are ISO codes or left out', () => {
  assert.deepEqual(regionOf('TR', 'TR01'), { country: 'TR', subdivision: '01' });
  assert.deepEqual(regionOf('TR', 'TR-01'), { country: 'TR', subdivision: '01' });
  assert.deepEqual(regionOf('US', 'OH'), { country: 'US', subdivision: 'OH' });
  assert.deepEqual(regionOf('CO', 'CO'), { country: 'CO', subdivision: 'CO' });
  assert.deepEqual(regionOf('GB', 'Greater London'), { country: 'GB' });
  assert.deepEqual(regionOf('DE'), { country: 'DE' });
});

test('what an answer means for the queue', () => {
  const rows = [
    [201, { order: {} }, 'taken'],
    [200, null, 'later'], // a proxy's page
    [422, {}, 'refused'],
    [413, null, 'refused'],
    [401, {}, 'later'], // the key can be mended, and then the order is taken
    [404, {}, 'later'],
    [429, {}, 'later'],
    [503, {}, 'later'],
    [0, null, 'later'],
  ];
  for (const [status, body, outcome] of rows) assert.equal(outcomeOf(status, body), outcome, `${status}`);
});

test('pauses grow to a day, and rests to five minutes', () => {
  assert.deepEqual([1, 2, 3, 20].map(pauseOf), [300, 600, 1200, 86_400]);
  const rests = [0, 1, 2, 50].map((failures) => afterSilence({ failures, until: 0 }, 0).until);
  assert.deepEqual(rests, [10, 20, 40, 300]);
  const resting = afterSilence(CLOSED, 100);
  assert.deepEqual([isOpen(resting, 109), isOpen(resting, 110), isOpen(CLOSED, 0)], [true, false, false]);
});

test('what a state says to Orderguard', () => {
  const said = ['paid', 'unpaid', 'ended'].flatMap((state) => [toWire(state, false), toWire(state, true)]);
  assert.deepEqual(said, ['active', 'active', null, 'pending', null, 'cancelled']);
});

test('the reason of a refusal is one sentence', () => {
  const body = { message: 'total_price cannot be read', errors: { total_price: ['cannot be read'] } };
  assert.equal(sentenceOf(422, body), '422 total_price cannot be read');
  assert.equal(sentenceOf(422, { errors: { total_price: ['cannot be read'] } }), '422 cannot be read');
  assert.equal(sentenceOf(404, { errors: { code: 'ORDER_NOT_FOUND', message: 'There is no such order.' } }), '404 There is no such order.');
  assert.equal(sentenceOf(401, { error: { message: 'Unauthorized.' } }), '401 Unauthorized.');
  assert.equal(sentenceOf(500, 'nonsense'), '500');
  assert.equal(sentenceOf(0, null), '');
});

test('a failure is explained by what is wrong', () => {
  const said = (status, body = null, why = '') => explained({ status, body, why });
  assert.equal(said(0, null, 'no route'), 'Orderguard did not answer (no route).');
  assert.equal(said(401), 'Orderguard does not know the key (401).');
  assert.equal(said(403, { error: { message: 'No scope.' } }), 'The key may not do this (403 No scope.).');
  assert.equal(said(404), 'There is no Orderguard at this address (404).');
  assert.equal(said(200), 'The answer is not one of Orderguard.');
  assert.equal(said(503), 'Orderguard answered 503.');
});
