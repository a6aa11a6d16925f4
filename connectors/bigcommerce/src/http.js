/** The limit of a request body in bytes. */

const BODY_AT_MOST = 65_536;

/** An error with the response that ends a request. */
export class Refusal extends Error {
  /** @param {number} status @param {string} message */
  constructor(status, message) {
    super(message);
    this.status = status;
  }
}

/**
 * @param {import('node:http').IncomingMessage} request
 * @returns {Promise<string>}
 * @throws {Refusal} for a body of more than 64 KiB
 */
export async function readBody(request) {
  const parts = [];
  let size = 0;
  for await (const part of request) {
    size += part.length;
    if (size > BODY_AT_MOST) throw new Refusal(413, 'Too large.');
    parts.push(part);
  }
  return Buffer.concat(parts).toString('utf8');
}

/** @param {string} text @throws {Refusal} for a text that is no JSON object */
export function readObject(text) {
  try {
    const value = text ? JSON.parse(text) : {};
    if (value && typeof value === 'object' && !Array.isArray(value)) return value;
  } catch {
    // Said below.
  }
  throw new Refusal(400, 'Not a JSON object.');
}

/** For pages inside BigCommerce's control panel, which is the only place that may frame them. */
const PAGE_HEADERS = {
  'Content-Security-Policy':
    "default-src 'none'; style-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors https://*.bigcommerce.com https://*.mybigcommerce.com",
  'Referrer-Policy': 'no-referrer',
  'Cache-Control': 'no-store',
};

/** Shoppers' pages are on the store's own address, which may be any. No cookie is involved. */
const CORS = { 'Access-Control-Allow-Origin': '*', 'Access-Control-Allow-Headers': 'Content-Type', 'Access-Control-Max-Age': '86400' };

export const page = (body, status = 200) => ({ status, body, headers: { 'Content-Type': 'text/html; charset=utf-8', ...PAGE_HEADERS } });

export const json = (body, status = 200) => ({
  status,
  body: JSON.stringify(body),
  headers: { 'Content-Type': 'application/json', 'Cache-Control': 'no-store', ...CORS },
});

export const asset = (body, type) => ({
  status: 200,
  body,
  headers: { 'Content-Type': `${type}; charset=utf-8`, 'Cache-Control': 'public, max-age=31536000, immutable', ...CORS },
});
