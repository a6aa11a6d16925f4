// What a shopper downloads before the offer can be shown must stay small: 8 KB gzipped, words included.
import { readFileSync } from 'node:fs';
import { gzipSync } from 'node:zlib';

const LIMIT_BYTES = 8 * 1024;
const gzippedBytes = (file) => gzipSync(readFileSync(`dist/${file}`), { level: 9 }).length;

const element = gzippedBytes('order_protection.js');
const languages = Object.keys(JSON.parse(readFileSync('dist/integrity.json', 'utf8')))
  .filter((file) => file.startsWith('copy/') && file !== 'copy/en.js')
  .map((file) => [file, gzippedBytes(file)])
  .sort(([, a], [, b]) => b - a);
const [largest, bytes] = languages[0];

console.log(`element with English: ${element} bytes gzipped; largest language: ${largest}, ${bytes} bytes`);
console.log(`headless client: ${gzippedBytes('storefront.js')} bytes gzipped`);
if (element + bytes > LIMIT_BYTES) {
  console.error(`The element and a language are ${element + bytes} bytes gzipped; the limit is ${LIMIT_BYTES}.`);
  process.exit(1);
}
