import { cartRequest, explained, exponentOf, readAnswer, toMajor } from './core/index.js';
import { BigCommerceError } from './bigcommerce.js';
import { PLATFORM } from './cart.js';
import { addressFault, readAddress } from './config.js';

const SECONDS = 5;
const CLOCK_SECONDS = 60;
const SWAPPED = 'The two keys are swapped: the key entered as cart key is the orders key.';
const NO_OFFERS = {
  configuration_missing: 'this merchant has published no configuration in Orderguard yet',
  order_protection_disabled: 'protection is switched off in Orderguard',
  currency_not_supported: 'the configuration in Orderguard has no prices in the currency of this store',
};

/**
 * The Test button: goes the whole way, and names the first fault in words. Stores nothing, and makes no order.
 *
 * @typedef {{ ok: boolean, text: string }} Step
 * @param {any} store connected to BigCommerce
 * @param {{ url: string, cartKey: string, ordersKey: string }} entered
 * @param {{ orderguard: import('./orderguard.js').Orderguard, ensure: () => Promise<void>, now: () => number, servers?: string[] }} parts
 * @returns {Promise<Step[]>}
 */
export async function testConnection(store, entered, { orderguard, ensure, now, servers }) {
  const steps = [];
  for (const step of [
    () => tryAddress(entered, servers),
    () => tryServer(entered, orderguard, now),
    () => tryCartKey(store, entered, orderguard),
    () => tryOrdersKey(entered, orderguard),
    () => tryStore(ensure),
  ]) {
    steps.push(await step());
    if (!steps.at(-1).ok) break;
  }
  return steps;
}

function tryAddress({ url, cartKey, ordersKey }, servers) {
  if (!url) return wrong('Enter the address of your Orderguard server first.');
  const fault = addressFault(url, servers);
  if (fault) return wrong(fault);
  const missing = [cartKey ? '' : 'the cart key', ordersKey ? '' : 'the orders key'].filter(Boolean);
  return missing.length ? wrong(`Enter ${missing.join(' and ')} first.`) : right('The address is well formed.');
}

async function tryServer({ url }, orderguard, now) {
  const said = await orderguard.send('GET', `${readAddress(url)}/readyz`, '', undefined, SECONDS * 1_000);
  if (said.status !== 200) return wrong(explained(said));
  const off = said.date ? Math.abs(new Date(said.date).getTime() - now()) / 1_000 : 0;
  return off > CLOCK_SECONDS
    ? wrong(`The clocks of this app and of Orderguard differ by ${Math.round(off)} seconds.`)
    : right('The server answers.');
}

async function tryCartKey({ currency, country }, { url, cartKey }, orderguard) {
  if (exponentOf(currency) === null) return wrong(`Orderguard cannot count in ${currency || 'the currency of this store'}.`);
  const said = await orderguard.send('POST', `${readAddress(url)}/v1/analyze`, cartKey, sample(currency, country), SECONDS * 1_000);
  const answer = said.status === 200 ? readAnswer(said.body) : null;
  if (!answer) return wrong((await isOrdersKey(orderguard, url, cartKey)) ? SWAPPED : `Cart key: ${explained(said)}`);
  if (answer.offer) {
    return right(`The cart key works. A sample cart would be offered protection for ${toMajor(answer.offer.amount, answer.offer.currency)} ${answer.offer.currency}.`);
  }
  if (NO_OFFERS[answer.reason]) return wrong(`The cart key works, but ${NO_OFFERS[answer.reason]}.`);
  return right(`The cart key works. The sample cart gets no offer (${answer.reason}); other carts may.`);
}

async function tryOrdersKey({ url, ordersKey }, orderguard) {
  const said = await orders(orderguard, url, ordersKey);
  return said.status === 200 ? right('The orders key works.') : wrong(`Orders key: ${explained(said)}`);
}

const orders = (orderguard, url, key) => orderguard.send('GET', `${readAddress(url)}/api/v1/orders?limit=1`, key, undefined, SECONDS * 1_000);

/** Whether a key is one for orders. */
const isOrdersKey = async (orderguard, url, key) => (await orders(orderguard, url, key)).status === 200;

async function tryStore(ensure) {
  try {
    await ensure();
    return right('BigCommerce has the webhooks and the checkout script.');
  } catch (error) {
    if (!(error instanceof BigCommerceError)) throw error;
    return wrong(error.message);
  }
}

/** One piece for 50 whole units of the currency. */
function sample(currency, country) {
  const amount = 50 * 10 ** exponentOf(currency);
  const line = { id: 'test', productId: 'test', title: 'Test', quantity: 1, totalPrice: amount, originalTotalPrice: amount, requiresShipping: true };
  return cartRequest({
    platform: PLATFORM,
    currency,
    lines: [line],
    taxes: 0,
    deliveryMethods: ['SHIPPING'],
    more: { region: { country: country || 'US' }, cartId: 'bigcommerce-test', offerOrigin: 'connection_test' },
  });
}

const right = (text) => ({ ok: true, text });
const wrong = (text) => ({ ok: false, text });
