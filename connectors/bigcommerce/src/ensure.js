import { randomBytes } from 'node:crypto';

export const SECRET_HEADER = 'X-Orderguard-Secret';
export const EVENTS = ['store/order/created', 'store/order/updated', 'store/order/statusUpdated', 'store/order/refund/created', 'store/order/archived'];
const SCRIPT = 'Orderguard order protection';

/**
 * Registers and repairs webhooks and the checkout script with its integrity hash, and reads country, currency and tax
 * classes of the store. Changes only wrong or missing parts. Runs when the app is installed, daily, and on Test.
 *
 * @param {any} store connected
 * @param {{ url: string, box: { path: string, integrity: string }, now: () => number }} parts
 * @returns {Promise<object>} the members of the store that change
 * @throws {import('./bigcommerce.js').BigCommerceError}
 */
export async function ensure({ hash, shop, hookSecret }, { url, box, now }) {
  const secret = hookSecret ?? randomBytes(24).toString('base64url');
  await ensureHooks(shop, `${url}/webhooks/${hash}`, secret, !hookSecret);
  await ensureScript(shop, `${url}${box.path}?store=${hash}`, box.integrity);
  const { country_code, currency } = (await shop.call('GET', '/v2/store')) ?? {};
  const taxClasses = (await shop.everyPage('/v2/tax_classes')).map(({ id, name }) => ({ id: Number(id), name: String(name) }));
  return { hookSecret: secret, country: country_code ?? '', currency: currency ?? '', taxClasses, ensuredAt: now() };
}

/** BigCommerce switches a webhook off after two days without an answer. It never gives a webhook's headers back. */
async function ensureHooks(shop, destination, secret, isSecretNew) {
  const hooks = [];
  for await (const page of shop.pages('/v3/hooks')) hooks.push(...page);
  // BigCommerce lists this app's webhooks only. One of this store at another address is of before the app moved.
  const moved = hooks.filter((hook) => hook.destination !== destination && hook.destination.endsWith(new URL(destination).pathname));
  for (const { id } of moved) await shop.call('DELETE', `/v3/hooks/${id}`);
  for (const scope of EVENTS) {
    const [mine, ...more] = hooks.filter((hook) => hook.scope === scope && hook.destination === destination);
    for (const { id } of more) await shop.call('DELETE', `/v3/hooks/${id}`);
    const wanted = { scope, destination, is_active: true, headers: { [SECRET_HEADER]: secret } };
    if (!mine) await shop.call('POST', '/v3/hooks', wanted);
    else if (!mine.is_active || isSecretNew) await shop.call('PUT', `/v3/hooks/${mine.id}`, wanted);
  }
}

async function ensureScript(shop, src, integrity) {
  const found = (await shop.call('GET', '/v3/content/scripts?limit=50'))?.data ?? [];
  const [mine, ...more] = found.filter(({ name }) => name === SCRIPT);
  for (const { uuid } of more) await shop.call('DELETE', `/v3/content/scripts/${uuid}`);
  const wanted = {
    name: SCRIPT,
    description: 'Offers order protection in the checkout.',
    kind: 'src',
    src,
    integrity_hashes: [integrity],
    load_method: 'defer',
    location: 'footer',
    visibility: 'checkout',
    consent_category: 'essential',
    auto_uninstall: true,
    enabled: true,
  };
  const isRight = mine && mine.src === src && mine.integrity_hashes?.join() === integrity && mine.visibility === 'checkout';
  if (!mine) await shop.call('POST', '/v3/content/scripts', wanted);
  else if (!isRight) await shop.call('PUT', `/v3/content/scripts/${mine.uuid}`, wanted);
}
