const SECONDS = 10;
const ATTEMPTS = 3;
const LONGEST_WAIT_MS = 10_000;
/** BigCommerce's lists have at most 250 entries a page; some routes give 50 for any limit. */
const PAGE = 50;
const PAGES_AT_MOST = 200;
/** The most entries read of a list; the rest is left out. */
export const ENTRIES_AT_MOST = PAGE * PAGES_AT_MOST;

/** BigCommerce refused a request, or did not answer: status 0. */
export class BigCommerceError extends Error {
  /**
   * @param {number} status
   * @param {string} message
   */
  constructor(status, message) {
    super(message);
    this.status = status;
  }
}

/** BigCommerce's REST Management API for one store. */
export class BigCommerce {
  #base;
  #token;
  #sleep;

  /**
   * @param {string} base `https://api.bigcommerce.com/stores/HASH`
   * @param {string} token
   * @param {(ms: number) => Promise<unknown>} sleep
   */
  constructor(base, token, sleep) {
    this.#base = base;
    this.#token = token;
    this.#sleep = sleep;
  }

  /**
   * The decoded body; null for an answer without one. Waits for a spent rate limit, and repeats a GET after a fault.
   *
   * @param {string} method
   * @param {string} path from `/v2` or `/v3` on
   * @param {object} [body]
   * @throws {BigCommerceError}
   */
  async call(method, path, body) {
    for (let attempt = 1; ; attempt += 1) {
      const { status, headers, text } = await this.#send(method, path, body);
      if (status >= 200 && status < 300) return parsed(text);
      const isBusy = status === 429;
      if (attempt === ATTEMPTS || !(isBusy || (method === 'GET' && (status === 0 || status >= 500)))) {
        throw new BigCommerceError(status, explained(method, path, status, text));
      }
      const wait = isBusy ? Number(headers.get('X-Rate-Limit-Time-Reset-Ms')) || 1_000 : 200 * attempt;
      if (wait > LONGEST_WAIT_MS) throw new BigCommerceError(status, explained(method, path, status, text));
      await this.#sleep(wait);
    }
  }

  /**
   * All entries of a V2 list. The page after the last is 204 without a body.
   *
   * @param {string} path
   * @returns {Promise<any[]>}
   */
  async everyPage(path) {
    const found = [];
    for await (const entries of this.pages(path)) found.push(...entries);
    return found;
  }

  /**
   * The pages of a V2 list, or of a V3 list below `data`.
   *
   * @param {string} path
   */
  async *pages(path) {
    for (let page = 1; page <= PAGES_AT_MOST; page += 1) {
      const mark = path.includes('?') ? '&' : '?';
      const body = await this.call('GET', `${path}${mark}limit=${PAGE}&page=${page}`);
      const entries = body?.data ?? body ?? [];
      if (!Array.isArray(entries) || !entries.length) return;
      yield entries;
      if (entries.length < PAGE) return;
    }
  }

  async #send(method, path, body) {
    try {
      const response = await fetch(this.#base + path, {
        method,
        headers: {
          'X-Auth-Token': this.#token,
          Accept: 'application/json',
          ...(body && { 'Content-Type': 'application/json' }),
        },
        body: body && JSON.stringify(body),
        redirect: 'manual',
        signal: AbortSignal.timeout(SECONDS * 1_000),
      });
      return { status: response.status, headers: response.headers, text: await response.text() };
    } catch (error) {
      return { status: 0, headers: new Headers(), text: error.cause?.message ?? error.message };
    }
  }
}

function parsed(text) {
  if (!text) return null;
  try {
    return JSON.parse(text);
  } catch {
    throw new BigCommerceError(0, 'BigCommerce answered with a body that is no JSON.');
  }
}

function explained(method, path, status, text) {
  if (status === 0) return `BigCommerce did not answer (${text}).`;
  if (status === 401) return 'BigCommerce does not accept the access token of this store any more (401). Install the app again.';
  if (status === 403) return `The app has no scope for ${method} ${path.split('?')[0]} (403). Give it the scopes of the guide, and install it again.`;
  return `BigCommerce answered ${status} to ${method} ${path.split('?')[0]}.`;
}
