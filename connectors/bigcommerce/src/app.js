import { readBox, wordsFor } from './box.js';
import { BigCommerce, BigCommerceError } from './bigcommerce.js';
import { Callbacks } from './callbacks.js';
import { addressFault } from './config.js';
import { ensure, SECRET_HEADER } from './ensure.js';
import { Facts } from './facts.js';
import { asset, json, page, readBody, readObject, Refusal } from './http.js';
import { Offers } from './offer.js';
import { Orderguard } from './orderguard.js';
import { messagePage, STYLE } from './page.js';
import { isSweepDue, Queue } from './queue.js';
import { isSame, Vault } from './secrets.js';
import { Stores } from './stores.js';

export const VERSION = '0.1.0';
/** Requests of checkouts that are answered at the same time; further ones get a 503. */
const BUSY_AT_MOST = 200;
const CHECKOUT = /^[A-Za-z0-9-]{8,64}$/;

/**
 * The app: answers requests, and works through its queue when `tick` is called.
 *
 * @param {import('./config.js').Config} config
 * @param {{ now?: () => number, log?: (text: string) => void, sleep?: (ms: number) => Promise<unknown>, offerMs?: number, orderMs?: number }} [options]
 */
export async function createApp(config, options = {}) {
  const { now = Date.now, log = console.error, sleep = (ms) => new Promise((done) => setTimeout(done, ms)) } = options;
  const vault = new Vault(config.clientSecret);
  const stores = new Stores(config.folder);
  const box = await readBox();
  const orderguard = new Orderguard({ now, log, version: VERSION, ...options });
  const facts = new Facts({ now, log });

  /** A store with its API clients: `shop` while the app is installed, `connection` once keys are entered. */
  async function connect(hash) {
    const store = await stores.read(hash);
    if (!store) return null;
    const token = vault.open(store.token);
    const { url = '', cartKey, ordersKey, taxClass = null } = store.settings ?? {};
    const [cart, orders] = [vault.open(cartKey), vault.open(ordersKey)];
    return {
      ...store,
      taxClass,
      hookSecret: vault.open(store.hookSecret),
      shop: token ? new BigCommerce(`${config.api}/stores/${hash}`, token, sleep) : null,
      connection: url && cart && orders && !addressFault(url, config.servers) ? { url, cartKey: cart, ordersKey: orders } : null,
      entered: { url, cartKey: cart, ordersKey: orders },
    };
  }

  /**
   * Creates or repairs the store's webhooks, script and settings (see `ensure`); an error is stored for the
   * settings page, and thrown.
   */
  async function ensureStore(hash) {
    const store = await connect(hash);
    if (!store?.shop) return;
    try {
      const { hookSecret, ...found } = await ensure(store, { url: config.url, box, now });
      await stores.change(hash, () => ({ ...found, hookSecret: vault.seal(hookSecret), boxPath: box.path, fault: null }));
    } catch (error) {
      if (!(error instanceof BigCommerceError)) throw error;
      await stores.change(hash, () => ({ fault: error.message }));
      throw error;
    }
  }

  const tell = (hash, text) => stores.change(hash, () => ({ fault: text }));
  const queue = new Queue({ stores, connect, orderguard, facts, now, log });
  const offers = new Offers({ connect, orderguard, facts, now, log, tell });
  const callbacks = new Callbacks({ config, stores, vault, connect, ensureStore, queue, orderguard, now, log });
  const app = { config, box, stores, queue, offers, callbacks, connect, ensureStore, now, log };
  return { ...app, handle: (request, response) => handle(app, request, response), tick: () => tick(app), round: (hash) => round(app, hash) };
}

/** One round of the work beside requests, for every store. */
async function tick(app) {
  for (const hash of await app.stores.list()) await round(app, hash);
}

/** Reports due orders; once a day, and after an update of the app, also repairs webhooks and script and sweeps. */
async function round({ stores, queue, ensureStore, box, now, log }, hash) {
  try {
    const store = await stores.read(hash);
    const isDue = isSweepDue(store, now());
    // An installation that BigCommerce interrupted has no secret yet, or an earlier box.
    if (store.token && (isDue || !store.hookSecret || store.boxPath !== box.path)) await ensureStore(hash).catch((error) => log(`${hash}: ${error.message}`));
    if (store.token && isDue) await queue.sweep(hash);
    await queue.run(hash);
  } catch (error) {
    log(`${hash}: ${error.message}`);
  }
}

async function handle(app, request, response) {
  let answer;
  try {
    answer = await route(app, request);
  } catch (error) {
    if (error instanceof Refusal) answer = json({ error: error.message }, error.status);
    else {
      app.log(`${request.method} ${request.url?.split('?')[0]}: ${error instanceof BigCommerceError ? error.message : error.stack}`);
      answer = json({ error: 'Try again later.' }, 503);
    }
  }
  response.writeHead(answer.status, { 'X-Content-Type-Options': 'nosniff', ...answer.headers });
  response.end(answer.body);
}

async function route(app, request) {
  const { pathname, searchParams } = new URL(request.url, 'http://app');
  const [, first, second, third, ...more] = pathname.split('/');
  if (more.length) throw new Refusal(404, 'Not found.');
  const { callbacks, box } = app;
  if (request.method === 'GET') {
    if (pathname === box.path) return asset(box.script, 'text/javascript');
    if (pathname === '/style.css') return asset(STYLE, 'text/css');
    if (pathname === '/healthz') return json({ status: 'ok' });
    if (pathname === '/auth') return callbacks.auth(searchParams);
    if (pathname === '/load') return callbacks.load(searchParams);
    if (pathname === '/uninstall') return callbacks.uninstall(searchParams);
    if (pathname === '/remove-user') return callbacks.removeUser(searchParams);
    return page(messagePage('Order protection', 'Open this app in the control panel of your store.'), pathname === '/' ? 200 : 404);
  }
  if (request.method === 'OPTIONS' && first === 'offer') return json({}, 200);
  if (request.method !== 'POST') throw new Refusal(405, 'Not allowed.');
  if (pathname === '/settings') return callbacks.settings(new URLSearchParams(await readBody(request)));
  if (first === 'webhooks' && second && !third) return webhook(app, second, request);
  if (first === 'offer' && third && CHECKOUT.test(third)) return offer(app, second, third, request);
  throw new Refusal(404, 'Not found.');
}

let busy = 0;

/**
 * Answers the box: the offer of its checkout, after the shopper's choice if the request has one. The amount
 * never comes from the browser.
 */
async function offer({ offers, stores }, hash, checkoutId, request) {
  const { accepted, token, language } = readObject(await readBody(request));
  if (!/^[a-z0-9]{1,40}$/.test(hash) || !(await stores.read(hash))?.token) throw new Refusal(404, 'The app is not installed in this store.');
  if (busy >= BUSY_AT_MOST) throw new Refusal(503, 'Busy.');
  busy += 1;
  try {
    const seen =
      typeof accepted === 'boolean' ? await offers.choose(hash, checkoutId, accepted, String(token ?? '')) : await offers.look(hash, checkoutId);
    const words = await wordsFor(language, seen.offer?.modes ?? [], seen.notice);
    return json({ ...seen, words });
  } catch (error) {
    if (error instanceof BigCommerceError && error.status === 404) throw new Refusal(404, 'There is no such checkout.');
    throw error;
  } finally {
    busy -= 1;
  }
}

/** Answers a webhook at once: the order's id is queued, and the order is read later. */
async function webhook({ connect, queue, log }, hash, request) {
  const text = await readBody(request);
  const store = /^[a-z0-9]{1,40}$/.test(hash) ? await connect(hash) : null;
  const secret = request.headers[SECRET_HEADER.toLowerCase()];
  if (!store?.hookSecret || !isSame(secret, store.hookSecret)) throw new Refusal(401, 'Not a webhook of this app.');
  const { producer, data } = readObject(text);
  if (producer !== `stores/${hash}`) throw new Refusal(401, 'A webhook of another store.');
  if (data?.type === 'order' && Number.isSafeInteger(data.id) && data.id > 0) {
    await queue.note(hash, data.id);
    queue.run(hash).catch((error) => log(`${hash}: ${error.message}`));
  }
  return json({ noted: true });
}
