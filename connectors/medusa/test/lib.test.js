/** The decisions of the plugin that need no Medusa. The package is where `tools/build_medusa.py` packed it. */

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { pathToFileURL } from 'node:url';

const at = (file) => import(pathToFileURL(`${process.env.ORDERGUARD_PACKAGE}/.medusa/server/src/lib/${file}`).href);
const [{ readCart }, fees, memories, { plain, ShopMoney }, { readOrder }, { stateOf }, { Settings }] = await Promise.all(
  ['cart_reader.js', 'fee_line.js', 'memory.js', 'numbers.js', 'order_reader.js', 'states.js', 'settings.js'].map(at),
);

const TERMS = { session: 'lop_00000000000000000000', amount: 498, currency: 'USD', modes: ['returnCoverage'] };
const FEE = { id: 'fee', amount: 498, currency: 'USD', isTaxInclusive: false, region: 'us' };
const YES = { ...memories.NOTHING, choice: { agreed: TERMS, notice: null }, fee: FEE };

const lamp = (more = {}) => ({
  id: 'lamp', variant_id: 'v', product_id: 'p', variant_sku: 'LAMP', product_title: 'Lamp', quantity: 2, unit_price: 50,
  subtotal: 100, total: 119, original_total: 119, discount_subtotal: 0, tax_total: 19, is_tax_inclusive: false, requires_shipping: true,
  ...more,
}); // prettier-ignore
const line = (more = {}) => ({
  ...fees.lineFor(TERMS, { title: 'Order protection', isTaxInclusive: false }), id: 'fee', variant_id: null, total: 4.98, ...more,
}); // prettier-ignore
const cart = (items, more = {}) => ({ id: 'cart_1', currency_code: 'usd', region_id: 'us', items, ...more });
const how = { fee: null, isTaxShown: false, country: 'us', deliveryMethods: ['PICKUP'] };

test('amounts are read whatever form Medusa gives them', () => {
  const money = new ShopMoney('kwd');
  for (const amount of [1.255, '1.255', { raw: { value: '1.255', precision: 20 } }, { value: '1.255' }]) {
    assert.equal(money.toMinor(amount), 1255);
  }
  assert.equal(plain(null), 0);
});

test('the cart is priced without our fee, in the prices that the shop shows', () => {
  const net = readCart(cart([lamp({ discount_subtotal: 10 }), line()]), how);
  assert.deepEqual([net.cart.totalAmount, net.cart.subtotalAmount, net.cart.totalTaxAmount], [9000, 10000, 1900]);
  assert.deepEqual([net.cart.lines.length, net.cart.itemCount, net.region.country], [1, 2, 'US']);
  assert.equal(readCart(cart([lamp(), line()]), { ...how, isTaxShown: true }).cart.totalAmount, 11900);
});

test('goods that nobody ships are digital; shipped ones go as their methods say', () => {
  const methods = (item, deliveryMethods) =>
    readCart(cart([item]), { ...how, deliveryMethods }).deliveryGroups.map((group) => group.deliveryMethod);
  assert.deepEqual(methods(lamp(), ['PICKUP']), ['PICKUP']);
  assert.deepEqual(methods(lamp({ requires_shipping: false }), ['PICKUP']), ['PICKUP']);
  assert.deepEqual(methods(lamp({ requires_shipping: false }), []), ['DIGITAL']);
  assert.deepEqual(methods(lamp(), []), ['SHIPPING']);
});

test('a line of a variant is never our fee, whatever its metadata says', () => {
  assert.ok(fees.isFee(line()));
  assert.ok(!fees.isFee(lamp({ metadata: line().metadata })));
  assert.ok(fees.isFee(line({ metadata: {} }), FEE), 'known by its id');
});

test('the line of the fee may be taken off, and not changed', () => {
  assert.ok(fees.mayChange(line(), { quantity: 0 }));
  assert.ok(fees.mayChange(line(), { quantity: 1 }));
  assert.ok(fees.mayChange(lamp(), { quantity: 5, metadata: {} }));
  for (const change of [{ quantity: 2 }, { quantity: 1, metadata: {} }, { quantity: 1, unit_price: 1 }]) {
    assert.ok(!fees.mayChange(line(), change), JSON.stringify(change));
  }
});

test('a cart is completed with the fee that was agreed to, or with none', () => {
  assert.ok(fees.isAsAgreed(cart([lamp()]), YES));
  assert.ok(fees.isAsAgreed(cart([lamp(), line()]), YES));
  for (const wrong of [{ quantity: 2 }, { unit_price: 5.98 }, { id: 'other' }, { is_tax_inclusive: true }]) {
    assert.ok(!fees.isAsAgreed(cart([lamp(), line(wrong)]), YES), JSON.stringify(wrong));
  }
  assert.ok(!fees.isAsAgreed(cart([line(), line({ id: 'second' })]), YES));
  assert.ok(!fees.isAsAgreed(cart([line()]), memories.NOTHING), 'nobody agreed');
  assert.ok(!fees.isAsAgreed(cart([line()], { currency_code: 'eur' }), YES));
});

test('a line that the shopper removed is a no; one that Medusa removed is none', () => {
  assert.equal(memories.afterRemoval(YES, cart([lamp()])).choice.agreed, null);
  assert.equal(memories.afterRemoval(YES, cart([lamp()], { region_id: 'fr' })).choice.agreed, TERMS);
  assert.equal(memories.afterRemoval(YES, cart([line()])), YES);
});

test('a memory survives its row, and rubbish is none', () => {
  const { id, ...row } = memories.rowOf('cart_1', { ...YES, asked: 'x', at: 5 });
  assert.deepEqual(memories.readMemory({ id, ...row }), { ...YES, asked: 'x', at: 5 });
  assert.deepEqual(memories.readMemory({ asked: 'x', choice: { agreed: { amount: -1 } }, fee: 'x' }).choice.agreed, null);
  assert.deepEqual(memories.readMemory(undefined), memories.NOTHING);
});

test('an order is paid when a collection was captured whole', () => {
  const paid = { amount: 59.98, captured_amount: 59.98, refunded_amount: 0, authorized_amount: 59.98, status: 'completed' };
  const state = (collections, more = {}, covers = false) =>
    stateOf({ status: 'pending', total: 59.98, payment_collections: collections, ...more }, covers);
  assert.equal(state([paid]), 'paid');
  assert.equal(state([{ ...paid, captured_amount: 0 }]), 'unpaid');
  assert.equal(state([{ ...paid, captured_amount: 0 }], {}, true), 'paid');
  assert.equal(state([{ ...paid, captured_amount: 30 }]), 'unpaid');
  assert.equal(state([paid, { amount: 10, captured_amount: 0, status: 'not_paid' }]), 'paid', 'an edit made it dearer');
  assert.equal(state([{ ...paid, refunded_amount: 59.98 }]), 'ended');
  assert.equal(state([{ ...paid, refunded_amount: 3 }]), 'paid');
  assert.equal(state([paid], { status: 'canceled' }), 'ended');
  assert.equal(state([], { total: 0 }), 'paid');
  assert.equal(state([]), 'unpaid');
  assert.equal(state([paid], { status: 'draft' }), null);
});

const refunded = (amounts, returns = [], items = [lamp({ tax_total: 0, total: 100, original_total: 100 }), line()]) =>
  readOrder(
    {
      ...cart(items), id: 'order_1', display_id: 7, total: 104.98, tax_total: 0, shipping_total: 0, shipping_subtotal: 0,
      created_at: '2026-12-01T00:00:00Z',
      payment_collections: [{ payments: [{ refunds: amounts.map((amount, at) => ({ id: `ref_${at}`, amount, created_at: `2026-12-0${at + 1}` })) }] }],
    },
    { status: 'active', session: TERMS.session, returns, pricesWithTax: undefined, isFeeRefund: undefined },
  ).refunds.map(({ type, amount, line_items }) => [type, amount.amount, line_items?.[0].quantity]); // prettier-ignore

test('money that went back is for goods that came back, for the fee, or something else', () => {
  const back = (quantity) => [{ id: 'return_1', created_at: '2026-12-01', items: [{ item_id: 'lamp', received_quantity: quantity }] }];
  assert.deepEqual(refunded([]), []);
  assert.deepEqual(refunded([4.98]), [['fee', '4.98', undefined]]);
  assert.deepEqual(refunded([3]), [['other', '3.00', undefined]]);
  assert.deepEqual(refunded([], back(1)), [], 'goods are back, and no money yet');
  assert.deepEqual(refunded([50], back(1)), [['line_item', '50.00', 1]]);
  assert.deepEqual(refunded([54.98], back(1)), [['line_item', '50.00', 1], ['fee', '4.98', undefined]]); // prettier-ignore
});

test('an order says what was charged', () => {
  const order = { ...cart([lamp({ detail: { return_received_quantity: 1 }, subtotal: 50 }), line()]), id: 'order_1', display_id: 7, total: 104.98,
    tax_total: 19, shipping_total: 0, shipping_subtotal: 0, created_at: '2026-12-01T00:00:00Z', payment_collections: [] }; // prettier-ignore
  const body = readOrder(order, { status: 'active', session: null, returns: [] });
  assert.deepEqual([body.line_items[0].unit_price.amount, body.line_items[0].quantity], ['50.00', 2]);
  assert.deepEqual(body.fees, [{ name: 'Order protection', accepted_offer_mode: ['returnCoverage'], amount: { amount: '4.98', currency_code: 'USD' } }]);
  assert.deepEqual([body.name, body.metadata, body.taxes_included], ['#7', [], false]);
});

test('settings that cannot be used are told once, and offer nothing', async () => {
  const told = [];
  const settings = new Settings({ url: 'orderguard.example', cartKey: 'a', ordersKey: () => 'b' }, (sentence) => told.push(sentence));
  assert.equal(await settings.connection({}), null);
  assert.equal(await settings.connection({}), null);
  assert.equal(told.length, 1);
  const right = new Settings({ url: 'https://og.example/ ', cartKey: 'a', ordersKey: ({ region_id }) => region_id }, assert.fail);
  assert.deepEqual(await right.connection({ region_id: 'us' }), { url: 'https://og.example', cartKey: 'a', ordersKey: 'us' });
  assert.equal(await new Settings({}, assert.fail).connection({}), null);
});
