import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';

const LANGUAGES = ['ar', 'cs', 'da', 'de', 'en', 'es', 'fi', 'fr', 'he', 'it', 'ja', 'nb', 'nl', 'pl', 'pt', 'sv'];

/**
 * The checkout script, its integrity hash, and the path that has the hash in it: a changed script has
 * another URL.
 *
 * @returns {Promise<{ script: string, integrity: string, path: string }>}
 */
export async function readBox() {
  const script = await readFile(new URL('../box/checkout.js', import.meta.url), 'utf8');
  const digest = createHash('sha384').update(script);
  const bytes = digest.digest();
  return { script, integrity: `sha384-${bytes.toString('base64')}`, path: `/box/${bytes.toString('hex').slice(0, 20)}/checkout.js` };
}

/**
 * The words of the box in the language of the page; English for languages that we do not have.
 *
 * @param {unknown} language such as `de-AT`
 * @param {string[]} modes
 * @param {string | null} notice
 */
export async function wordsFor(language, modes, notice) {
  const wanted = String(language ?? '').slice(0, 2).toLowerCase();
  const { default: copy } = await import(`./copy/${LANGUAGES.includes(wanted) ? wanted : 'en'}.js`);
  const [kind] = modes;
  const about = modes.length > 1 ? copy.both : kind === 'returnCoverage' ? copy.return : copy.shipping;
  const why = { price_rose: copy.priceRose, currency_changed: copy.priceRose, modes_changed: copy.modesChanged, gone: copy.gone };
  return { language: copy.language, title: copy.title, optional: copy.optional, about, notice: notice ? why[notice] : null };
}
