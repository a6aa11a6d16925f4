import { createCipheriv, createDecipheriv, createHmac, hkdfSync, randomBytes, timingSafeEqual } from 'node:crypto';

const LEEWAY_SECONDS = 60;

/** Encrypts tokens and keys for the disk. AES-256-GCM, with a key made of the app's client secret. */
export class Vault {
  #key;

  /** @param {string} secret */
  constructor(secret) {
    this.#key = Buffer.from(hkdfSync('sha256', secret, 'orderguard-bigcommerce', 'kept on disk', 32));
  }

  /** @param {string} text */
  seal(text) {
    const nonce = randomBytes(12);
    const cipher = createCipheriv('aes-256-gcm', this.#key, nonce);
    const sealed = Buffer.concat([cipher.update(text, 'utf8'), cipher.final()]);
    return Buffer.concat([nonce, cipher.getAuthTag(), sealed]).toString('base64');
  }

  /**
   * @param {string | null | undefined} sealed
   * @returns {string | null} null also when the text was sealed under another client secret
   */
  open(sealed) {
    if (!sealed) return null;
    const bytes = Buffer.from(sealed, 'base64');
    try {
      const decipher = createDecipheriv('aes-256-gcm', this.#key, bytes.subarray(0, 12));
      decipher.setAuthTag(bytes.subarray(12, 28));
      return Buffer.concat([decipher.update(bytes.subarray(28)), decipher.final()]).toString('utf8');
    } catch {
      return null;
    }
  }
}

/**
 * The claims of a JSON web token signed with HMAC-SHA256, or null when it is invalid.
 *
 * @param {unknown} token
 * @param {string} secret
 * @param {{ audience: string, issuer: string, now: number }} expected `now` in seconds
 * @returns {Record<string, any> | null}
 */
export function verifyToken(token, secret, { audience, issuer, now }) {
  const parts = typeof token === 'string' && token.length < 8_192 ? token.split('.') : [];
  if (parts.length !== 3) return null;
  const [header, claims] = [decoded(parts[0]), decoded(parts[1])];
  // The algorithm is ours to choose: a token that names another, or none, is refused before its signature is looked at.
  if (header?.alg !== 'HS256' || !claims) return null;
  if (!isSame(parts[2], signatureOf(parts[0], parts[1], secret))) return null;
  const isFor = [claims.aud].flat().includes(audience) && claims.iss === issuer;
  const isNow = claims.exp > now - LEEWAY_SECONDS && !(claims.nbf > now + LEEWAY_SECONDS);
  return isFor && isNow ? claims : null;
}

/**
 * @param {object} claims
 * @param {string} secret
 */
export function signToken(claims, secret) {
  const [header, body] = [{ alg: 'HS256', typ: 'JWT' }, claims].map((part) => Buffer.from(JSON.stringify(part)).toString('base64url'));
  return `${header}.${body}.${signatureOf(header, body, secret)}`;
}

/** Whether two texts are equal, compared in constant time. */
export function isSame(one, other) {
  const [a, b] = [Buffer.from(String(one)), Buffer.from(String(other))];
  return a.length === b.length && timingSafeEqual(a, b);
}

/** The store of a `sub` or `context` such as `stores/abc123`, or null. */
export const storeOf = (text) => /^stores\/([a-z0-9]{1,40})$/.exec(String(text))?.[1] ?? null;

const signatureOf = (header, body, secret) => createHmac('sha256', secret).update(`${header}.${body}`).digest('base64url');

function decoded(part) {
  try {
    const value = JSON.parse(Buffer.from(part, 'base64url').toString('utf8'));
    return value && typeof value === 'object' ? value : null;
  } catch {
    return null;
  }
}
