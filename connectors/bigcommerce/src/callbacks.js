import { addressFault, readAddress, SCOPES } from './config.js';
import { BigCommerceError } from './bigcommerce.js';
import { json, page } from './http.js';
import { messagePage, settingsPage } from './page.js';
import { signToken, storeOf, verifyToken } from './secrets.js';
import { testConnection } from './test_connection.js';

const OWN = 'orderguard-settings';
const OWN_SECONDS = 3_600;
const LOGIN_MS = 15_000;
const REPLAY_MS = 60_000;
const NOT_GENUINE = ['Order protection', 'This address is opened by BigCommerce only. Open the app in the control panel of your store.'];

/**
 * The routes that BigCommerce calls when a merchant installs, opens or uninstalls the app, and the settings
 * page.
 */
export class Callbacks {
  #parts;

  /** @param {any} parts */
  constructor(parts) {
    this.#parts = parts;
  }

  /** Install: exchanges the code for an access token, stores it, and sets up the store. Idempotent. */
  async auth(query) {
    const { stores, vault, ensureStore, queue, now, log } = this.#parts;
    const hash = storeOf(query.get('context'));
    const said = hash && query.get('code') ? await this.#exchange(query) : null;
    if (!said || storeOf(said.context) !== hash || typeof said.access_token !== 'string') return page(messagePage(...NOT_GENUINE), 401);
    const missing = missingScopes(said.scope);
    await stores.change(hash, ({ installedAt, sweptTo }) => ({
      token: vault.seal(said.access_token),
      installedAt: installedAt ?? now(),
      authorizedAt: now(),
      uninstalledAt: null,
      sweptTo: sweptTo ?? now(),
      sweptAt: 0,
      fault: null,
    }));
    await ensureStore(hash).catch((error) => log(`${hash}: ${error.message}`));
    queue.sweep(hash).then(() => queue.run(hash)).catch((error) => log(`${hash}: ${error.message}`));
    return this.#page(hash, missing.map((name) => ({ ok: false, text: `The app lacks a scope: ${name}. Add it in the Developer Portal.` })));
  }

  async load(query) {
    const claims = this.#genuine(query);
    const hash = claims && storeOf(claims.sub);
    const store = hash ? await this.#parts.connect(hash) : null;
    if (!store?.shop) return page(messagePage(...(hash ? ['Order protection', 'The app is not installed in this store. Install it again.'] : NOT_GENUINE)), 401);
    return this.#page(hash, []);
  }

  /**
   * Uninstall: the token is of no use any more and is forgotten, as is everything else but orders that wait; keys go when
   * these are reported, after a week at the latest. BigCommerce takes webhooks and the script away by itself.
   */
  async uninstall(query) {
    const { stores, queue, now, log } = this.#parts;
    const claims = this.#genuine(query);
    const hash = claims && storeOf(claims.sub);
    const store = hash ? await stores.read(hash) : null;
    // A callback lives a day; one of before the last installation is a replay.
    if (!store || claims.iat * 1_000 < store.authorizedAt - REPLAY_MS) return json({ error: 'Not genuine.' }, 401);
    await stores.change(hash, () => ({
      token: null,
      hookSecret: null,
      country: null,
      currency: null,
      taxClasses: null,
      fault: null,
      uninstalledAt: now(),
    }));
    queue.run(hash).catch((error) => log(`${hash}: ${error.message}`));
    return json({ uninstalled: true });
  }

  /** Remove a user: does nothing, because no data about users are stored. */
  removeUser(query) {
    return this.#genuine(query) ? json({ removed: true }) : json({ error: 'Not genuine.' }, 401);
  }

  /**
   * Handles the form of the settings page, which names its store by a signed token that is valid for an
   * hour.
   */
  async settings(form) {
    const { config, stores, vault, connect, ensureStore, queue, orderguard, now, log } = this.#parts;
    const claims = verifyToken(form.get('token'), config.clientSecret, { audience: OWN, issuer: OWN, now: now() / 1_000 });
    const hash = claims && storeOf(claims.sub);
    const store = hash ? await connect(hash) : null;
    if (!store?.shop) return page(messagePage('Order protection', 'This page is too old. Open the app again.'), 401);
    const url = (form.get('url') ?? '').trim();
    const tax = form.get('tax_class') ?? '';
    const sealed = (name, before) => (form.get(name)?.trim() ? vault.seal(form.get(name).trim()) : before);
    await stores.change(hash, ({ settings }) => ({
      settings: {
        url: readAddress(url) ?? url,
        cartKey: sealed('cart_key', settings?.cartKey),
        ordersKey: sealed('orders_key', settings?.ordersKey),
        taxClass: /^\d{1,9}$/.test(tax) ? Number(tax) : null,
      },
    }));
    const steps = [];
    const now_ = await connect(hash);
    if (form.get('do') === 'test') steps.push(...(await testConnection(now_, now_.entered, { orderguard, ensure: () => ensureStore(hash), now, servers: config.servers })));
    else {
      const fault = url && addressFault(url, config.servers);
      steps.push({ ok: !fault, text: fault || 'Saved.' });
    }
    if (form.get('do') === 'send') {
      await queue.sweep(hash).catch((error) => steps.push({ ok: false, text: error.message }));
      steps.push({ ok: true, text: `${await queue.noteAll(hash)} orders are sent.` });
    }
    queue.run(hash).catch((error) => log(`${hash}: ${error.message}`));
    return this.#page(hash, steps);
  }

  async #page(hash, steps) {
    const { config, stores, connect, now } = this.#parts;
    const store = await connect(hash);
    const seconds = Math.floor(now() / 1_000);
    const token = signToken({ aud: OWN, iss: OWN, sub: `stores/${hash}`, exp: seconds + OWN_SECONDS }, config.clientSecret);
    const { url, cartKey, ordersKey } = store.entered;
    const entered = { url, hasCartKey: Boolean(cartKey), hasOrdersKey: Boolean(ordersKey), taxClass: store.taxClass };
    return page(settingsPage({ store, entered, token, steps, waiting: await stores.waiting(hash) }));
  }

  #genuine(query) {
    const { config, now } = this.#parts;
    const expected = { audience: config.clientId, issuer: 'bc', now: now() / 1_000 };
    return verifyToken(query.get('signed_payload_jwt'), config.clientSecret, expected);
  }

  /** The access token for the code that BigCommerce gave; null when the code is not genuine. */
  async #exchange(query) {
    const { config, log } = this.#parts;
    const body = {
      client_id: config.clientId,
      client_secret: config.clientSecret,
      code: query.get('code'),
      context: query.get('context'),
      scope: query.get('scope') ?? '',
      grant_type: 'authorization_code',
      redirect_uri: `${config.url}/auth`,
    };
    try {
      const response = await fetch(`${config.login}/oauth2/token`, {
        method: 'POST',
        headers: { 'Content-Type': 'application/json', Accept: 'application/json' },
        body: JSON.stringify(body),
        redirect: 'manual',
        signal: AbortSignal.timeout(LOGIN_MS),
      });
      if (response.ok) return await response.json();
      log(`BigCommerce's login answered ${response.status} to an installation.`);
      return null;
    } catch (error) {
      throw new BigCommerceError(0, `BigCommerce's login did not answer (${error.cause?.message ?? error.message}).`);
    }
  }
}

/** The scopes that an installation lacks; a scope to modify contains the one to read. */
function missingScopes(granted) {
  const has = new Set(String(granted ?? '').split(/[\s+]+/));
  const isThere = (scope) => has.has(scope) || has.has(scope.replace(/_read_only$/, ''));
  return Object.entries(SCOPES).filter(([scope]) => !isThere(scope)).map(([, name]) => name);
}
