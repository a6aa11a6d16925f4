import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Storefront, type Occurrence, type Protection } from '../src/storefront.ts';
import { anAnswer, anOffer, aRefusal, aRequest, SESSION } from './examples.ts';
import { aShopProxy } from './shop_proxy.ts';

/** A storefront whose server gives these answers in turn, and everything it says. */
async function aStorefront(t: import('node:test').TestContext, answers: unknown[], options = {}) {
  const proxy = await aShopProxy(t, (_, number) => {
    const body = answers[number - 1];
    return typeof body === 'number' ? { status: body, body: {} } : { body };
  });
  const storefront = new Storefront({ endpoint: proxy.endpoint, debounceMs: 0, ...options });
  const heard: Array<[Occurrence, Protection]> = [];
  storefront.subscribe((...said) => heard.push(said));
  return { storefront, heard, received: proxy.received, names: () => heard.map(([name]) => name) };
}

test('an analysis is heard as loading and offer, never as a change', async (t) => {
  const { storefront, names } = await aStorefront(t, [anAnswer(), anAnswer(5_00)]);

  await storefront.analyze(aRequest(1));
  await storefront.analyze(aRequest(2));

  assert.deepEqual(names(), ['loading', 'offer', 'loading', 'offer']);
});

test('a click is a change with what to charge and report', async (t) => {
  const { storefront, heard } = await aStorefront(t, [anAnswer()]);
  await storefront.analyze(aRequest());

  storefront.accept();

  assert.deepEqual(heard.at(-1), [
    'change',
    {
      accepted: true,
      sessionId: SESSION,
      mode: ['returnCoverage', 'shippingProtection'],
      chargeInstructions: { amount: 4_98, currencyCode: 'USD', method: 'fee' },
      view: 'shown',
      reason: null,
    },
  ]);
});

test('nothing can be charged without acceptance', async (t) => {
  const { storefront } = await aStorefront(t, [anAnswer()]);

  const protection = await storefront.analyze(aRequest());

  assert.equal(protection.chargeInstructions, null);
  assert.equal(storefront.acceptance, null);
  assert.equal(protection.sessionId, SESSION);
});

test('while a new analysis is under way the old charge instructions are gone', async (t) => {
  const { storefront } = await aStorefront(t, [anAnswer(4_98), anAnswer(5_00)]);
  await storefront.analyze(aRequest(1));
  storefront.accept();

  const analysis = storefront.analyze(aRequest(2));

  assert.equal(storefront.acceptance, null);
  assert.equal((await analysis).chargeInstructions?.amount, 5_00);
});

test('an offer that vanishes after acceptance is a reset, then an offer', async (t) => {
  const { storefront, heard, names } = await aStorefront(t, [anAnswer(), aRefusal()]);
  await storefront.analyze(aRequest(1));
  storefront.accept();

  await storefront.analyze(aRequest(2));

  assert.deepEqual(names().slice(-3), ['loading', 'reset', 'offer']);
  assert.equal(heard.at(-2)?.[1].reason, 'cart_total_too_low');
  assert.equal(heard.at(-2)?.[1].chargeInstructions, null);
});

test('a failure after acceptance is a reset', async (t) => {
  const { storefront, names } = await aStorefront(t, [anAnswer(), 500]);
  await storefront.analyze(aRequest(1));
  storefront.accept();

  const protection = await storefront.analyze(aRequest(2));

  assert.ok(names().includes('reset'));
  assert.equal(protection.reason, 'http_500');
});

test('an offer that vanishes without acceptance is no reset', async (t) => {
  const { storefront, names } = await aStorefront(t, [anAnswer(), aRefusal()]);
  await storefront.analyze(aRequest(1));

  await storefront.analyze(aRequest(2));

  assert.ok(!names().includes('reset'));
});

test('a material rise is a reset, and confirming it is a change', async (t) => {
  const { storefront, names } = await aStorefront(t, [anAnswer(4_98), anAnswer(9_98)]);
  await storefront.analyze(aRequest(1));
  storefront.accept();

  const protection = await storefront.analyze(aRequest(2));
  assert.deepEqual([protection.view, protection.reason], ['reconfirm', 'price_rose']);
  storefront.accept();

  assert.deepEqual(names().slice(-3), ['reset', 'offer', 'change']);
  assert.equal(storefront.acceptance?.chargeInstructions.amount, 9_98);
});

test('the same request while its offer stands asks nothing', async (t) => {
  const { storefront, received } = await aStorefront(t, [anAnswer(), anAnswer()]);

  await storefront.analyze(aRequest(1));
  storefront.accept();
  const protection = await storefront.analyze(aRequest(1));

  assert.equal(received.length, 1);
  assert.equal(protection.view, 'shown');
});

test('the same request after a failure asks again', async (t) => {
  const { storefront, received } = await aStorefront(t, [500, anAnswer()]);

  await storefront.analyze(aRequest(1));
  const protection = await storefront.analyze(aRequest(1));

  assert.equal(received.length, 2);
  assert.equal(protection.view, 'shown');
});

test('two rapid changes both resolve with the answer to the last one', async (t) => {
  const { storefront } = await aStorefront(t, [anAnswer(1), anAnswer(2)]);

  const [first, second] = await Promise.all([storefront.analyze(aRequest(1)), storefront.analyze(aRequest(2))]);

  assert.equal(first.view, 'shown');
  assert.deepEqual(first, second);
});

test('another cart starts another session and forgets the acceptance', async (t) => {
  const { storefront, received, names } = await aStorefront(t, [anAnswer(), anAnswer()]);
  await storefront.analyze(aRequest(1, { cartId: 'cart-1' }));
  storefront.accept();

  await storefront.analyze(aRequest(1, { cartId: 'cart-2' }));

  assert.equal(received[1]?.body.sessionId, undefined);
  assert.equal(storefront.acceptance, null);
  assert.deepEqual(names().slice(-3), ['reset', 'loading', 'offer']);
});

test('an acceptance kept from an earlier page is confirmed by the first analysis', async (t) => {
  const { storefront, received } = await aStorefront(t, [anAnswer(4_98)]);

  storefront.restore(anOffer(4_98));
  assert.equal(storefront.acceptance, null);
  const protection = await storefront.analyze(aRequest());

  assert.equal(received[0]?.body.sessionId, SESSION);
  assert.equal(protection.accepted, true);
});

test('nonsense kept from an earlier page restores nothing', async (t) => {
  const { storefront } = await aStorefront(t, [anAnswer()]);

  for (const nonsense of [null, 'yes', {}, { ...anOffer(), mode: ['moonCoverage'] }]) storefront.restore(nonsense);
  const protection = await storefront.analyze(aRequest());

  assert.equal(protection.accepted, false);
});

test('a listener that throws keeps nobody from hearing', async (t) => {
  t.mock.method(console, 'error', () => {});
  const { storefront, names } = await aStorefront(t, [anAnswer()]);
  storefront.subscribe(() => {
    throw new Error('shop bug');
  });

  await storefront.analyze(aRequest());

  assert.deepEqual(names(), ['loading', 'offer']);
});

test('plain JavaScript that hands over nothing gets a hidden offer', async () => {
  const protection = await new Storefront().analyze(undefined as never);

  assert.equal(protection.view, 'hidden');
});

test('who stopped listening hears nothing', async (t) => {
  const { storefront } = await aStorefront(t, [anAnswer()]);
  let heard = 0;
  storefront.subscribe(() => (heard += 1))();

  await storefront.analyze(aRequest());

  assert.equal(heard, 0);
});
