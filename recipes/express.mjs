/**
 * A route for shops on Express, or on plain node:http: the browser asks the shop, and the shop asks
 * Orderguard. Needs Node 18 or newer, and nothing else.
 *
 *     app.post('/orderguard/analyze', orderguardProxy('https://orderguard.example', process.env.KEY));
 */

const BODY_BYTES_AT_MOST = 256 * 1024;
// What a shopper may decide. Not debug; and who the customer is, is for the shop to say.
const ALLOWED = ['platform', 'region', 'cart', 'cartId', 'sessionId', 'locale', 'deliveryGroups',
  'experimentationConsent', 'offerOrigin', 'mountTarget', 'cartExperience'];
const HIDDEN = '{"eligible": false, "reason": "system_error", "chargeInstructions": null}';

export function orderguardProxy(baseUrl, key, customerOf = () => null, budgetMs = 700) {
  // The budget is a little less than the 800 ms for which the element waits.
  return async (request, response) => {
    const [status, body] = await answerTo(request).catch((error) => {
      console.warn(`No answer from Orderguard: ${error.name}`); // after any error checkout goes on
      return [503, HIDDEN];
    });
    response.writeHead(status, {
      'Content-Type': 'application/json',
      'Cache-Control': 'no-store',
      ...(status === 413 && { Connection: 'close' }), // an unread body is not waited for
    });
    response.end(body);
  };

  async function answerTo(request) {
    if (request.method !== 'POST') return [405, HIDDEN];
    const text = await textOf(request);
    if (text === null) return [413, HIDDEN];
    const asked = parsed(text);
    if (!asked) return [400, HIDDEN];
    const body = Object.fromEntries(ALLOWED.filter((name) => name in asked).map((name) => [name, asked[name]]));
    body.customer = (await customerOf(request)) ?? {};
    const { origin } = request.headers;
    const answer = await fetch(new URL('/v1/analyze', baseUrl), {
      method: 'POST',
      // A key that is bound to the shop's origin refuses the pages of everybody else.
      headers: { 'X-Authorization': key, 'Content-Type': 'application/json', ...(origin && { Origin: origin }) },
      body: JSON.stringify(body),
      redirect: 'manual',
      signal: AbortSignal.timeout(budgetMs),
    });
    if ([200, 400, 404].includes(answer.status)) return [answer.status, await answer.text()];
    console.warn(`Orderguard answered ${answer.status}`);
    return [503, HIDDEN];
  }
}

/** The body as text, or null when it is too large. `express.json()` may have read it already. */
async function textOf(request) {
  if (request.body !== undefined) return JSON.stringify(request.body);
  const chunks = [];
  let size = 0;
  for await (const chunk of request.iterator({ destroyOnReturn: false })) {
    size += chunk.length;
    if (size > BODY_BYTES_AT_MOST) return null;
    chunks.push(chunk);
  }
  return Buffer.concat(chunks).toString();
}

function parsed(text) {
  try {
    const value = JSON.parse(text);
    return typeof value === 'object' && !Array.isArray(value) ? value : null;
  } catch {
    return null;
  }
}
