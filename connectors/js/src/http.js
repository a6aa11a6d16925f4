/**
 * An answer over HTTP; status 0 without one, and then `why`. The body is null when it is no JSON, `date` is the
 * header of the answer.
 *
 * @typedef {{ status: number, body: any, why: string, date?: string | null }} Said
 */

/**
 * Send a request to Orderguard. Never throws.
 *
 * @param {string} method
 * @param {string} url
 * @param {{ agent: string, key?: string, body?: object, ms: number }} options `agent` names the connector and its
 *   version, `ms` are the milliseconds until the connector gives up
 * @returns {Promise<Said>}
 */
export async function send(method, url, { agent, key, body, ms }) {
  try {
    const response = await fetch(url, {
      method,
      headers: {
        ...(key && { 'X-Authorization': key }),
        'User-Agent': agent,
        ...(body && { 'Content-Type': 'application/json' }),
      },
      body: body && JSON.stringify(body),
      redirect: 'manual',
      signal: AbortSignal.timeout(ms),
    });
    const text = await response.text();
    return { status: response.status, body: parsed(text), why: '', date: response.headers.get('Date') };
  } catch (/** @type {any} */ error) {
    return { status: 0, body: null, why: error.cause?.message || error.message };
  }
}

/** @param {string} text */
function parsed(text) {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}
