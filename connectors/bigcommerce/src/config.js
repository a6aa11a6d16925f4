/**
 * The settings of the app's process.
 *
 * @typedef {object} Config
 * @property {string} clientId of the app in BigCommerce's Developer Portal
 * @property {string} clientSecret signs BigCommerce's callbacks, and encrypts what the app keeps
 * @property {string} url where merchants and shoppers reach this app, without a slash at the end
 * @property {string} folder keeps one folder per store
 * @property {string} host
 * @property {number} port
 * @property {string} api
 * @property {string} login
 * @property {string[]} [servers] the addresses that merchants may enter; any address without them
 */

/** OAuth scopes by their names in the protocol, with their names in the Developer Portal. */
export const SCOPES = {
  store_v2_orders: 'Orders: modify',
  store_cart: 'Carts: modify',
  store_checkout: 'Checkouts: modify',
  store_content_checkout: 'Checkout content: modify',
  store_v2_products_read_only: 'Products: read-only',
  store_v2_information_read_only: 'Information & settings: read-only',
};

/**
 * Reads the settings of the process.
 *
 * @param {Record<string, string | undefined>} env
 * @returns {Config}
 * @throws {Error} that names the missing settings
 */
export function readConfig(env) {
  const missing = ['BIGCOMMERCE_CLIENT_ID', 'BIGCOMMERCE_CLIENT_SECRET', 'APP_URL', 'APP_FOLDER'].filter((name) => !env[name]);
  if (missing.length) throw new Error(`Set ${missing.join(', ')}.`);
  const url = readAddress(env.APP_URL);
  if (!url) throw new Error('APP_URL has to be an address such as https://protection.example.');
  const servers = (env.ORDERGUARD_SERVERS ?? '').split(/[\s,]+/).filter(Boolean);
  if (!servers.every(readAddress)) throw new Error('ORDERGUARD_SERVERS has to be addresses such as https://orderguard.example, with commas between them.');
  return {
    clientId: env.BIGCOMMERCE_CLIENT_ID,
    clientSecret: env.BIGCOMMERCE_CLIENT_SECRET,
    url,
    folder: env.APP_FOLDER,
    host: env.APP_HOST || '127.0.0.1',
    port: Number(env.APP_PORT || 8090),
    api: env.BIGCOMMERCE_API || 'https://api.bigcommerce.com',
    login: env.BIGCOMMERCE_LOGIN || 'https://login.bigcommerce.com',
    servers: servers.map(readAddress),
  };
}

/**
 * An address without slashes at its end, or null for a text that is none.
 *
 * @param {string} [text]
 * @returns {string | null}
 */
export function readAddress(text) {
  let address;
  try {
    address = new URL(String(text).trim());
  } catch {
    return null;
  }
  const { protocol, host, pathname, search, hash, username } = address;
  if (!['http:', 'https:'].includes(protocol) || !host || search || hash || username) return null;
  return `${protocol}//${host}${pathname}`.replace(/\/+$/, '');
}

/**
 * Why no request is sent to the address that a merchant entered; '' when it is right.
 *
 * @param {string} text
 * @param {string[]} [servers] the addresses that may be entered; any address without them
 * @returns {string}
 */
export function addressFault(text, servers = []) {
  const address = readAddress(text);
  if (!address) return `${text} is no address. It begins with https:// and has no question mark.`;
  return !servers.length || servers.includes(address) ? '' : `${text} is not a server of this app's operator. Enter ${servers.join(' or ')}.`;
}
