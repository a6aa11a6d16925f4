'use strict';
// A real Medusa with the plugin from its tarball. Says its address on a line, and serves until it is stopped.
// What a test does behind the scenes is POST /control {do, with}.

const express = require('express');
const flows = require('@medusajs/medusa/core-flows');
const { ContainerRegistrationKeys, Modules } = require('@medusajs/framework/utils');
const bus = require('@medusajs/event-bus-local/dist/services/event-bus-local').default;
const load = require('@medusajs/medusa/loaders/index').default;
const { seed } = require('./seed.cjs');

const [, , mode] = process.argv;
process.env.MODE = mode;
globalThis.shop = { settings: {}, regions: {} };

/** What subscribers are doing, so that a test can wait for it. */
let running = 0;
const { subscribe } = bus.prototype;
bus.prototype.subscribe = function (event, subscriber, context) {
  const counted = async (data) => {
    running += 1;
    try {
      return await subscriber(data);
    } finally {
      running -= 1;
    }
  };
  return subscribe.call(this, event, Object.assign(counted, { subscriberId: subscriber.subscriberId }), context);
};

let container;
let plugin;
const run = async (workflow, input) => (await workflow(container).run({ input })).result;
const sql = (text, given = []) => container.resolve(ContainerRegistrationKeys.PG_CONNECTION).raw(text, given).then(({ rows }) => rows);
const order = async (id) => {
  const fields = ['id', 'total', 'status', 'items.*', 'payment_collections.payments.*'];
  return (await container.resolve('query').graph({ entity: 'order', fields, filters: { id } })).data[0];
};
const paymentOf = async (id) => (await order(id)).payment_collections[0].payments[0].id;
const goodsOf = async (id) => (await order(id)).items.filter((item) => item.variant_id);

const controls = {
  seed: () => seed(container),
  settings(changed) {
    globalThis.shop.settings = changed;
  },
  options(changed) {
    Object.assign(globalThis.orderguardOptions, changed);
  },
  /** How long a page waits for an offer and a push for its answer, in seconds: long, because test machines are busy. */
  timeouts(offer = 20, push = 20) {
    Object.assign(globalThis.orderguardOptions, { offerTimeoutMs: offer * 1000, orderTimeoutMs: push * 1000 });
  },
  /** Everything of earlier tests is over. */
  async forget() {
    await controls.run_queue();
    for (const table of ['orderguard_cart', 'orderguard_report', 'orderguard_mark']) await sql(`DELETE FROM ${table}`);
    await sql(`INSERT INTO orderguard_mark (id, until) VALUES ('sweep', now())`);
    for (const table of ['order', 'return', 'capture', 'refund']) await sql(`UPDATE "${table}" SET updated_at = now() - interval '1 day'`);
  },
  /** Until no subscriber works. */
  async run_queue() {
    for (let quiet = 0; quiet < 4; quiet += 1) {
      await new Promise((resolve) => setTimeout(resolve, 20));
      if (running) quiet = -1;
    }
  },
  sweep: () => plugin.sweep(container),
  /** The last sweep was an hour ago. */
  rewind: () => sql(`UPDATE orderguard_mark SET until = now() - interval '1 hour'`),
  /** Answers of Orderguard that are kept for this cart become older. */
  age: (id, seconds) => sql('UPDATE orderguard_cart SET asked_at = (asked_at::numeric - ?)::text WHERE id = ?', [seconds * 1000, id]),
  /** The rest after a silence is over: the clock of the plugin is ten minutes ahead of where it was. */
  rested() {
    const now = Date.now;
    Date.now = () => now() + 600_000;
  },
  /** No event reaches a subscriber: a process that died, a bus that lost them. */
  async deaf(isDeaf) {
    const emitter = container.resolve(Modules.EVENT_BUS).eventEmitter_;
    controls.emit ??= emitter.emit;
    emitter.emit = isDeaf ? () => true : controls.emit;
  },
  order,
  async capture(id) {
    await run(flows.capturePaymentWorkflow, { payment_id: await paymentOf(id) });
  },
  async refund(id, amount) {
    await run(flows.refundPaymentWorkflow, { payment_id: await paymentOf(id), amount });
  },
  async cancel(id) {
    await run(flows.cancelOrderWorkflow, { order_id: id });
  },
  /** Pieces of the first line come back. */
  async give_back(id, quantity) {
    const [line] = await goodsOf(id);
    const { return_id } = await run(flows.beginReturnOrderWorkflow, { order_id: id });
    const items = [{ id: line.id, quantity }];
    await run(flows.requestItemReturnWorkflow, { return_id, items });
    await run(flows.confirmReturnRequestWorkflow, { return_id });
    await run(flows.beginReceiveReturnWorkflow, { return_id });
    await run(flows.receiveItemReturnRequestWorkflow, { return_id, items });
    await run(flows.confirmReturnReceiveWorkflow, { return_id });
  },
  async fulfil(id) {
    const items = (await goodsOf(id)).map((item) => ({ id: item.id, quantity: item.quantity }));
    const [place] = await container.resolve(Modules.STOCK_LOCATION).listStockLocations();
    await run(flows.createOrderFulfillmentWorkflow, { order_id: id, items, location_id: place.id });
  },
  /** An edit: the first line has another quantity. */
  async edit(id, quantity) {
    const [line] = await goodsOf(id);
    await run(flows.beginOrderEditOrderWorkflow, { order_id: id });
    await run(flows.orderEditUpdateItemQuantityWorkflow, { order_id: id, items: [{ id: line.id, quantity }] });
    await run(flows.confirmOrderEditRequestWorkflow, { order_id: id, confirmed_by: 'owner' });
  },
  /** What only the shop's own code can do to a line: another price, another quantity. */
  async tamper(id, change) {
    await container.resolve(Modules.CART).updateLineItems([{ id, ...change }]);
  },
  /** A change that no request of the Store API made. */
  async script_adds(cart_id, variant_id, quantity) {
    await run(flows.addToCartWorkflow, { cart_id, items: [{ variant_id, quantity }] });
  },
  /** An order that code of the shop makes, such as at a webhook of a payment. */
  complete: (id) => run(flows.completeCartWorkflow, { id }),
  async uninstall() {
    const file = require('node:path').join(__dirname, 'node_modules/@orderguard/medusa/.medusa/server/src/scripts/uninstall.js');
    await (await import(file)).default({ container });
  },
  tables: () => sql(`SELECT table_name FROM information_schema.tables WHERE table_name LIKE 'orderguard%' ORDER BY 1`),
  notifications: () => container.resolve(Modules.NOTIFICATION).listNotifications(),
};

(async () => {
  const app = express();
  // A shop with a handler of its own: Medusa takes one per hook.
  if (mode === 'own') flows.updateLineItemInCartWorkflow.hooks.validate(() => undefined);
  app.post('/control', express.json(), async (req, res) => {
    try {
      res.json({ answer: (await controls[req.body.do](...req.body.with)) ?? null });
    } catch (error) {
      res.status(500).json({ error: String(error.stack ?? error.message ?? JSON.stringify(error)) });
    }
  });
  ({ container } = await load({ directory: __dirname, expressApp: app }));
  if (mode !== 'without') plugin = await import('@orderguard/medusa');
  const server = app.listen(0, '127.0.0.1', async () => {
    for (const { id, name } of await container.resolve(Modules.REGION).listRegions()) globalThis.shop.regions[id] = name;
    console.log(`READY http://127.0.0.1:${server.address().port}`);
  });
})().catch((error) => {
  console.error(error);
  process.exit(1);
});

process.on('SIGTERM', () => process.exit(0));
// A test that dies leaves no shop behind.
process.stdin.on('end', () => process.exit(0)).resume();
