'use strict';
// A real Vendure with the plugin from its tarball. Says its address on the first line, and serves until it is stopped.
// What a test does behind the scenes is POST /control {do, with}.

const { Controller, Post, Body } = require('@nestjs/common');
const core = require('@vendure/core');
const { InMemoryJobQueueStrategy } = require('@vendure/core/dist/job-queue/in-memory-job-queue-strategy');
const { seed } = require('./seed.cjs');

const {
  DefaultLogger,
  JobQueueService,
  LogLevel,
  Order,
  PaymentMethodHandler,
  PluginCommonModule,
  TransactionalConnection,
  VendurePlugin,
} = core;

const [, , mode, database] = process.argv;
const isPluginOn = mode !== 'without';
const isNew = !database || !require('node:fs').existsSync(database);

/** The owner's settings per channel, as the tests say. */
let settings = {};
const setting = (name) => (ctx) => settings[ctx.channel.token]?.[name];

const card = new PaymentMethodHandler({
  code: 'test-card',
  description: [{ languageCode: 'en', value: 'A card that does what the test says' }],
  args: {},
  createPayment: (_ctx, _order, amount, _args, { state }) => ({ amount, state: state ?? 'Settled', transactionId: 't' }),
  settlePayment: () => ({ success: true }),
  createRefund: () => ({ state: 'Settled', transactionId: 'r' }),
});

let app;
let noted = Promise.resolve();

const controls = {
  settings(changed) {
    settings = changed;
  },
  /** How long a page waits for an offer and a push for its answer, in seconds: long, because test machines are busy. */
  timeouts(offer = 20, order = 20) {
    Object.assign(OrderguardPlugin.options, { offerTimeoutMs: offer * 1000, orderTimeoutMs: order * 1000 });
  },
  /** Everything of earlier tests is over: nothing waits, and no old order has a session. */
  async forget() {
    const { OrderguardReport } = require('@orderguard/vendure/lib/entity/report.entity');
    await controls.run_queue();
    const connection = app.get(TransactionalConnection).rawConnection;
    await connection.getRepository(OrderguardReport).clear();
    await connection.query(`UPDATE "order" SET "customFieldsOrderguardsession" = NULL`);
    await connection.query(`UPDATE "order" SET "orderPlacedAt" = '2020-01-01 00:00:00' WHERE "orderPlacedAt" IS NOT NULL`);
  },
  /** Until nothing is noted, queued or running. */
  async run_queue() {
    for (let quiet = 0; quiet < 3; quiet += 1) {
      await new Promise((resolve) => setImmediate(resolve));
      await noted;
      const { items } = await jobQueueStrategy.findMany();
      if (items.some(({ queueName, isSettled }) => queueName === 'orderguard' && !isSettled)) {
        quiet = -1;
        await new Promise((resolve) => setTimeout(resolve, 10));
      }
    }
  },
  async sweep() {
    const { SweepService } = require('@orderguard/vendure/lib/service/sweep.service');
    return app.get(SweepService).run();
  },
  /** Answers of Orderguard that are kept for this order become older. */
  async age(code, seconds) {
    const orders = app.get(TransactionalConnection).rawConnection.getRepository(Order);
    const order = await orders.findOneOrFail({ where: { code } });
    const terms = JSON.parse(order.customFields.orderguardTerms);
    if (!terms) return;
    terms.at -= seconds * 1000;
    await orders.update(order.id, { customFields: { orderguardTerms: JSON.stringify(terms) } });
  },
  /** The rest after a silence is over: the next page asks. */
  rested() {
    const { Server } = require('@orderguard/vendure/lib/service/server');
    app.get(Server, { strict: false }).breakers.clear();
  },
  /** A change that no request made. */
  async script_removes(code) {
    const ctx = await app.get(core.RequestContextService).create({ apiType: 'admin' });
    const order = await app.get(core.OrderService).findOneByCode(ctx, code);
    await app.get(core.OrderService).removeItemFromOrder(ctx, order.id, order.lines[0].id);
  },
  /** Vendure ends at a signal without waiting for files. */
  async save() {
    await app.get(TransactionalConnection).rawConnection.driver.save();
  },
  /** Names of tables, with their columns. */
  async schema() {
    const rows = await app.get(TransactionalConnection).rawConnection.query('SELECT sql FROM sqlite_master WHERE sql IS NOT NULL');
    return rows.map(({ sql }) => sql);
  },
};

class Control {
  async run({ do: name, with: given }) {
    return { answer: (await controls[name](...given)) ?? null };
  }
}
Body()(Control.prototype, 'run', 0);
Post('control')(Control.prototype, 'run', Object.getOwnPropertyDescriptor(Control.prototype, 'run'));
Controller()(Control);
class ControlPlugin {}
VendurePlugin({ imports: [PluginCommonModule], controllers: [Control], compatibility: '^3.0.0' })(ControlPlugin);

const jobQueueStrategy = new InMemoryJobQueueStrategy({ pollInterval: 10 });
const { OrderguardPlugin, ReportService } = isPluginOn ? require('@orderguard/vendure') : {};

const config = {
  apiOptions: { port: 0, hostname: '127.0.0.1', adminApiPath: 'admin-api', shopApiPath: 'shop-api' },
  authOptions: {
    tokenMethod: 'bearer',
    requireVerification: false,
    superadminCredentials: { identifier: 'owner', password: 'owner' },
    cookieOptions: { secret: 'secret' },
  },
  defaultChannelToken: 'net',
  dbConnectionOptions: {
    type: 'sqljs',
    synchronize: isNew || process.env.MIGRATE === 'yes',
    logging: false,
    ...(database && { location: database, autoSave: false }),
  },
  jobQueueOptions: { jobQueueStrategy },
  paymentOptions: { paymentMethodHandlers: [card] },
  orderOptions: { orderItemsLimit: 100_000 },
  importExportOptions: { importAssetsDir: __dirname },
  logger: new DefaultLogger({ level: LogLevel.Warn, timestamp: false }),
  plugins: [
    ControlPlugin,
    ...(isPluginOn
      ? [
          OrderguardPlugin.init({
            url: setting('url'),
            cartKey: setting('cart_key'),
            ordersKey: setting('orders_key'),
            country: 'US',
            feeTaxCategory: setting('tax_category'),
          }),
        ]
      : []),
  ],
};

(async () => {
  app = await core.bootstrap(config);
  if (isPluginOn) {
    const reports = app.get(ReportService);
    for (const name of ['noteChange', 'noteDeletion']) {
      const note = reports[name].bind(reports);
      reports[name] = (...given) => {
        const done = note(...given);
        noted = Promise.allSettled([noted, done]);
        return done;
      };
    }
  }
  await app.get(JobQueueService).start();
  const url = `http://127.0.0.1:${app.getHttpServer().address().port}`;
  if (isNew) await seed(app, url, require('node:path').join(__dirname, 'products.csv'));
  console.log(`READY ${url}`);
})().catch((error) => {
  console.error(error);
  process.exit(1);
});

process.on('SIGTERM', async () => {
  await app?.close();
  process.exit(0);
});
// A test that dies leaves no shop behind.
process.stdin.on('end', () => process.exit(0)).resume();
