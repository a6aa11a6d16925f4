import assert from 'node:assert/strict';
import { test } from 'node:test';
import { setTimeout as pause } from 'node:timers/promises';
import { AnalysisClient, type AnalysisRequest } from '../src/client.ts';
import { anAnswer, anEmptyRequest, aRefusal, aRequest, SESSION } from './examples.ts';
import { aShopProxy, type Answer } from './shop_proxy.ts';

const OTHER_SESSION = 'lop_00000000000000000000';

test('an offer is parsed from the answer of the proxy', async (t) => {
  const { endpoint, received } = await aShopProxy(t, () => ({ body: anAnswer(4_98) }));
  const client = new AnalysisClient({ endpoint });

  const outcome = await client.analyze(aRequest(50_00, { cartId: 'cart-1' }));

  assert.ok(outcome.name === 'answered' && outcome.offer.eligible);
  assert.equal(outcome.offer.chargeInstructions.amount, 4_98);
  assert.equal(received[0]?.body.cartId, 'cart-1');
  assert.equal(received[0]?.headers['x-authorization'], undefined);
});

test('an ineligible answer is an answer', async (t) => {
  const { endpoint } = await aShopProxy(t, () => ({ body: aRefusal('empty_cart') }));

  const outcome = await new AnalysisClient({ endpoint }).analyze(aRequest());

  assert.deepEqual(outcome, { name: 'answered', offer: { eligible: false, reason: 'empty_cart' } });
});

test('an origin-bound key is sent when there is one', async (t) => {
  const { endpoint, received } = await aShopProxy(t, () => ({ body: anAnswer() }));

  await new AnalysisClient({ endpoint, browserKey: 'og_example' }).analyze(aRequest());

  assert.equal(received[0]?.headers['x-authorization'], 'og_example');
});

test('the session of the last answer is used again', async (t) => {
  const { endpoint, received } = await aShopProxy(t, () => ({ body: anAnswer() }));
  const client = new AnalysisClient({ endpoint, debounceMs: 0 });

  await client.analyze(aRequest(1));
  await client.analyze(aRequest(2));

  assert.equal(received[0]?.body.sessionId, undefined);
  assert.equal(received[1]?.body.sessionId, SESSION);
});

test('a malformed session from the shop is not sent', async (t) => {
  const { endpoint, received } = await aShopProxy(t, () => ({ body: anAnswer() }));

  await new AnalysisClient({ endpoint, sessionId: 'lop_short' }).analyze(aRequest());

  assert.equal(received[0]?.body.sessionId, undefined);
});

test('an evicted session is replaced within the same call', async (t) => {
  const { endpoint, received } = await aShopProxy(t, ({ body }) =>
    body.sessionId ? { status: 404, body: { error: { code: 'session_not_found' } } } : { body: anAnswer() },
  );
  const client = new AnalysisClient({ endpoint, sessionId: OTHER_SESSION });

  const outcome = await client.analyze(aRequest());

  assert.equal(outcome.name, 'answered');
  assert.equal(received.length, 2);
  assert.equal(client.sessionId, SESSION);
});

test('an endpoint that is not there is asked once', async (t) => {
  const { endpoint, received } = await aShopProxy(t, () => ({ status: 404, body: {} }));

  const outcome = await new AnalysisClient({ endpoint }).analyze(aRequest());

  assert.deepEqual(outcome, { name: 'failed', reason: 'http_404' });
  assert.equal(received.length, 1);
});

test('a cart without lines is not worth a request', async (t) => {
  const { endpoint, received } = await aShopProxy(t, () => ({ body: anAnswer() }));

  const outcome = await new AnalysisClient({ endpoint }).analyze(anEmptyRequest());

  assert.deepEqual(outcome, { name: 'answered', offer: { eligible: false, reason: 'empty_cart' } });
  assert.equal(received.length, 0);
});

const charged = (chargeInstructions: unknown) => ({ ...anAnswer(), chargeInstructions });
const MALFORMED: ReadonlyArray<readonly [what: string, answer: Answer]> = [
  ['no JSON', { text: '<!doctype html><title>Log in</title>' }],
  ['nothing', { text: '' }],
  ['half a document', { text: '{"sessionId": "lop_' }],
  ['null', { body: null }],
  ['a list', { body: [anAnswer()] }],
  ['no session', { body: { ...anAnswer(), sessionId: undefined } }],
  ['a malformed session', { body: { ...anAnswer(), sessionId: 'lop_short' } }],
  ['eligible as text', { body: { ...anAnswer(), eligible: 'true' } }],
  ['no reason', { body: { ...anAnswer(), reason: undefined } }],
  ['no modes', { body: { ...anAnswer(), mode: undefined } }],
  ['an empty list of modes', { body: { ...anAnswer(), mode: [] } }],
  ['a mode we have no words for', { body: { ...anAnswer(), mode: ['returnCoverage', 'moonCoverage'] } }],
  ['no charge instructions', { body: charged(null) }],
  ['a fraction of a cent', { body: charged({ amount: 4.98, currencyCode: 'USD', method: 'fee' }) }],
  ['an amount as text', { body: charged({ amount: '498', currencyCode: 'USD', method: 'fee' }) }],
  ['an amount of nothing', { body: charged({ amount: 0, currencyCode: 'USD', method: 'fee' }) }],
  ['a negative amount', { body: charged({ amount: -498, currencyCode: 'USD', method: 'fee' }) }],
  ['a currency that does not exist', { body: charged({ amount: 498, currencyCode: 'XXQ', method: 'fee' }) }],
  ['another currency than the cart', { body: charged({ amount: 498, currencyCode: 'EUR', method: 'fee' }) }],
  ['no currency', { body: charged({ amount: 498, method: 'fee' }) }],
  ['an unknown method', { body: charged({ amount: 498, currencyCode: 'USD', method: 'debit' }) }],
];

for (const [what, answer] of MALFORMED) {
  test(`an answer with ${what} is a failure`, async (t) => {
    const { endpoint } = await aShopProxy(t, () => answer);

    const outcome = await new AnalysisClient({ endpoint }).analyze(aRequest());

    assert.deepEqual(outcome, { name: 'failed', reason: 'malformed' });
  });
}

test('members we do not know are tolerated', async (t) => {
  const { endpoint } = await aShopProxy(t, () => ({ body: { ...anAnswer(), weather: { tomorrow: 'sun' } } }));

  const outcome = await new AnalysisClient({ endpoint }).analyze(aRequest());

  assert.equal(outcome.name, 'answered');
});

test('any reason but "eligible" hides, whatever else is said', async (t) => {
  const { endpoint } = await aShopProxy(t, () => ({ body: { ...anAnswer(), reason: 'system_error' } }));

  const outcome = await new AnalysisClient({ endpoint }).analyze(aRequest());

  assert.deepEqual(outcome, { name: 'answered', offer: { eligible: false, reason: 'system_error' } });
});

for (const status of [400, 401, 429, 500, 503]) {
  test(`status ${status} is a failure`, async (t) => {
    const { endpoint } = await aShopProxy(t, () => ({ status, body: anAnswer() }));

    const outcome = await new AnalysisClient({ endpoint }).analyze(aRequest());

    assert.deepEqual(outcome, { name: 'failed', reason: `http_${status}` });
  });
}

test('a dropped connection is a failure', async (t) => {
  const { endpoint } = await aShopProxy(t, () => ({ dropsConnection: true }));

  assert.deepEqual(await new AnalysisClient({ endpoint }).analyze(aRequest()), { name: 'failed', reason: 'network' });
});

test('a dead server is a failure', async () => {
  const client = new AnalysisClient({ endpoint: 'http://127.0.0.1:9/analyze' });

  assert.deepEqual(await client.analyze(aRequest()), { name: 'failed', reason: 'network' });
});

const SLOW: ReadonlyArray<readonly [what: string, answer: Answer]> = [
  ['answers late', { body: anAnswer(), delayMs: 400 }],
  ['stalls in the middle of a body', { body: anAnswer(), stalls: true }],
];

for (const [what, answer] of SLOW) {
  test(`a server that ${what} costs the budget and no more`, async (t) => {
    const { endpoint } = await aShopProxy(t, () => answer);
    const client = new AnalysisClient({ endpoint, budgetMs: 80 });
    const startedAt = performance.now();

    const outcome = await client.analyze(aRequest());

    assert.deepEqual(outcome, { name: 'failed', reason: 'timeout' });
    const tookMs = performance.now() - startedAt;
    assert.ok(tookMs > 70 && tookMs < 250, `${tookMs} ms`);
  });
}

test('a fetch that ignores the abort signal cannot stretch the budget', async () => {
  const client = new AnalysisClient({ budgetMs: 40, fetch: () => new Promise(() => {}) });

  assert.deepEqual(await client.analyze(aRequest()), { name: 'failed', reason: 'timeout' });
});

test('an older answer neither arrives nor leaves its session behind', async (t) => {
  const { endpoint } = await aShopProxy(t, (_, number) =>
    number === 1 ? { body: anAnswer(1, { sessionId: OTHER_SESSION }), delayMs: 150 } : { body: anAnswer(2) },
  );
  const client = new AnalysisClient({ endpoint, debounceMs: 0 });

  const older = client.analyze(aRequest(1));
  await pause(30);
  const newer = await client.analyze(aRequest(2));

  assert.deepEqual(await older, { name: 'superseded' });
  assert.ok(newer.name === 'answered' && newer.offer.eligible);
  assert.equal(newer.offer.chargeInstructions.amount, 2);
  await pause(200);
  assert.equal(client.sessionId, SESSION);
});

test('a burst of changes is two requests: the first at once, and the last', async (t) => {
  const { endpoint, received } = await aShopProxy(t, () => ({ body: anAnswer() }));
  const client = new AnalysisClient({ endpoint, debounceMs: 60 });

  const outcomes = [];
  for (const subtotal of [1, 2, 3, 4]) {
    outcomes.push(client.analyze(aRequest(subtotal)));
    await pause(10);
  }
  await Promise.all(outcomes);

  assert.deepEqual(
    received.map(({ body }) => body.cart.subtotalAmount),
    [1, 4],
  );
});

test('a single change is sent without waiting for a pause', async (t) => {
  const { endpoint } = await aShopProxy(t, () => ({ body: anAnswer() }));
  const client = new AnalysisClient({ endpoint, debounceMs: 300 });
  const startedAt = performance.now();

  await client.analyze(aRequest());

  assert.ok(performance.now() - startedAt < 200);
});

test('what cannot be sent is a failure, not an exception', async () => {
  const cart: Record<string, unknown> = { ...aRequest().cart };
  cart.self = cart;

  const outcome = await new AnalysisClient().analyze({ ...aRequest(), cart } as unknown as AnalysisRequest);

  assert.deepEqual(outcome, { name: 'failed', reason: 'network' });
});

for (const nonsense of [undefined, null, 7, {}, { cart: null }, { cart: { lines: 'lamp' } }]) {
  test(`a request of ${JSON.stringify(nonsense)} does not throw`, async (t) => {
    const { endpoint } = await aShopProxy(t, () => ({ status: 400, body: {} }));

    const outcome = await new AnalysisClient({ endpoint }).analyze(nonsense as unknown as AnalysisRequest);

    assert.notEqual(outcome.name, 'superseded');
  });
}

test('what was to be prepared and failed is a failure', async (t) => {
  const { endpoint } = await aShopProxy(t, () => ({ body: anAnswer() }));
  const prepare = () => Promise.reject(new Error('words gone'));

  const outcome = await new AnalysisClient({ endpoint, prepare }).analyze(aRequest());

  assert.deepEqual(outcome, { name: 'failed', reason: 'not_prepared' });
});

test('what takes too long to prepare is a timeout', async (t) => {
  const { endpoint } = await aShopProxy(t, () => ({ body: anAnswer() }));
  const prepare = () => new Promise(() => {});

  const outcome = await new AnalysisClient({ endpoint, prepare, budgetMs: 60 }).analyze(aRequest());

  assert.deepEqual(outcome, { name: 'failed', reason: 'timeout' });
});
