// A pretend shop for looking at the element: pages, built files, and a proxy that answers by itself.
import { readFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import { extname, join, normalize } from 'node:path';

// npm runs scripts in the folder of the package; this file may be bundled into a test elsewhere.
const ROOT = process.cwd();
const TYPES = { '.html': 'text/html', '.js': 'text/javascript', '.css': 'text/css', '.json': 'application/json' };

/** What every page of the shop insists on: nothing inline, nothing from elsewhere. */
export const POLICY =
  "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; form-action 'self'; " +
  "require-trusted-types-for 'script'";

/** Both modes for a cart of up to three lamps, returns alone for four, nothing above. */
export function ordinaryAnswer({ cart }) {
  const offered = cart.itemCount <= 4;
  const mode = cart.itemCount <= 3 ? ['returnCoverage', 'shippingProtection'] : ['returnCoverage'];
  const amount = Math.round(cart.subtotalAmount / 10) - 2;
  return {
    body: {
      sessionId: 'lop_a1b2c3d4e5f6g7h8i9j0',
      eligible: offered,
      reason: offered ? 'eligible' : 'cart_too_valuable',
      ...(offered && { mode }),
      chargeInstructions: offered ? { amount, currencyCode: cart.currencyCode, method: 'fee' } : null,
      metadata: { priceBreakdown: [], sessionCreated: false, analysisCount: 1, experimentCohort: null },
    },
  };
}

export async function openShop({ answerTo = ordinaryAnswer, port = 0 } = {}) {
  let analyses = 0;
  const server = createServer(async (request, response) => {
    if (request.method === 'POST') {
      let text = '';
      for await (const chunk of request) text += chunk;
      if (request.url === '/order') return response.end('<!doctype html><title>Thank you</title>');
      const { status = 200, body, raw, delayMs = 0 } = await answerTo(JSON.parse(text), (analyses += 1));
      await new Promise((resolve) => setTimeout(resolve, delayMs));
      response.writeHead(status, { 'content-type': 'application/json' });
      return response.end(raw ?? JSON.stringify(body));
    }
    const path = normalize(new URL(request.url, 'http://shop').pathname);
    const file = join(ROOT, path.startsWith('/dist/') ? path : `dev/${path === '/' ? 'shop.html' : path}`);
    try {
      const content = await readFile(file);
      response.writeHead(200, {
        'content-type': `${TYPES[extname(file)]}; charset=utf-8`,
        'content-security-policy': POLICY,
      });
      response.end(content);
    } catch {
      response.writeHead(404).end();
    }
  });
  await new Promise((resolve) => server.listen(port, '127.0.0.1', resolve));
  const close = () => {
    server.closeAllConnections();
    return new Promise((resolve) => server.close(resolve));
  };
  return { url: `http://127.0.0.1:${server.address().port}/`, close };
}
