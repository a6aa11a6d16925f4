import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { exponentOf, formatMoney, majorFromMinor, minorFromMajor } from '../src/money.ts';

/** The server's table of today's currencies, read from its source: the one truth. */
const SOURCE = readFileSync('../src/orderguard/domain/iso4217.py', 'utf8');
const LISTED = new Set([...SOURCE.matchAll(/^ +"([A-Z]{3})",$/gm)].map(([, code]) => code));
const SERVER = new Map(
  [...SOURCE.matchAll(/^ +(\d): \(([^)]*)\),$/gm)].flatMap(([, exponent, codes]) =>
    (codes?.match(/[A-Z]{3}/g) ?? [])
      .filter((code) => LISTED.has(code))
      .map((code): [string, number] => [code, Number(exponent)]),
  ),
);

test('the decimals of every currency agree with the server', () => {
  assert.ok(SERVER.size > 150);
  for (const [code, exponent] of SERVER) assert.equal(exponentOf(code), exponent, code);
});

test('there is no currency the server does not know', () => {
  const letters = [...'ABCDEFGHIJKLMNOPQRSTUVWXYZ'];
  for (const a of letters) {
    for (const b of letters) {
      for (const c of letters) assert.equal(exponentOf(a + b + c), SERVER.get(a + b + c));
    }
  }
});

const SAME: ReadonlyArray<readonly [amount: number, currency: string, major: string]> = [
  [498, 'USD', '4.98'],
  [5, 'USD', '0.05'],
  [0, 'USD', '0.00'],
  [-498, 'USD', '-4.98'],
  [500, 'JPY', '500'],
  [4980, 'KWD', '4.980'],
  [1, 'KWD', '0.001'],
  [1, 'CLF', '0.0001'],
  [9007199254740991, 'EUR', '90071992547409.91'],
];

for (const [amount, currency, major] of SAME) {
  test(`${amount} ${currency} is ${major}`, () => {
    assert.equal(majorFromMinor(amount, currency), major);
    assert.equal(minorFromMajor(major, currency), amount);
  });
}

test('there and back is the same amount, in every currency', () => {
  // A fixed sequence, so that a failure can be repeated.
  let seed = 20_260_425;
  const random = () => (seed = (seed * 48_271) % 2_147_483_647);
  for (const [code] of SERVER) {
    for (let round = 0; round < 200; round += 1) {
      const amount = (random() % 10 ** (1 + (round % 9))) * (round % 5 ? 1 : -1) || 0;
      const major = majorFromMinor(amount, code);
      assert.equal(minorFromMajor(major, code), amount, `${amount} ${code}`);
      assert.equal((major.split('.')[1] ?? '').length, SERVER.get(code));
    }
  }
});

test('missing decimals are filled up and superfluous zeros dropped', () => {
  assert.equal(minorFromMajor('5', 'USD'), 500);
  assert.equal(minorFromMajor('4.9', 'USD'), 490);
  assert.equal(minorFromMajor('4.9800', 'USD'), 498);
  assert.equal(minorFromMajor('500.00', 'JPY'), 500);
});

for (const text of ['4.985', '', ' 1', '1,00', '1e3', '.5', '5.', '--5', '0x10', 'NaN', '99999999999999999']) {
  test(`"${text}" is no amount of dollars`, () => {
    assert.throws(() => minorFromMajor(text, 'USD'), RangeError);
  });
}

for (const amount of [4.98, NaN, Infinity, 2 ** 53]) {
  test(`${amount} is no whole number of cents`, () => {
    assert.throws(() => majorFromMinor(amount, 'USD'), RangeError);
  });
}

test('a currency that does not exist is refused', () => {
  assert.throws(() => majorFromMinor(1, 'EDA'), /EDA is not an ISO 4217 currency/);
  assert.throws(() => minorFromMajor('1', 'usd'), RangeError);
});

const FORMATTED: ReadonlyArray<readonly [amount: number, currency: string, locale: string, expected: string]> = [
  [498, 'USD', 'en-US', '$4.98'],
  [498, 'EUR', 'de-DE', '4,98 €'],
  [498, 'EUR', 'de_AT', '€ 4,98'],
  [500, 'JPY', 'ja', '¥500'],
  [4980, 'KWD', 'en', 'KWD 4.980'],
  [500, 'USD', 'not a locale', '$5.00'],
  // Intl would show none of these decimals: CLDR counts what is used in cash, ISO 4217 what an amount has.
  [49_800, 'HUF', 'en', 'HUF 498.00'],
  [49_800, 'HUF', 'hu', '498,00 Ft'],
  [7_500_000, 'IDR', 'en', 'IDR 75,000.00'],
  [4980, 'IQD', 'en', 'IQD 4.980'],
  [49_800, 'COP', 'en', 'COP 498.00'],
];

for (const [amount, currency, locale, expected] of FORMATTED) {
  test(`${amount} ${currency} reads ${expected} in ${locale}`, () => {
    // Intl separates with no-break spaces and, in Japanese, a full-width sign.
    const actual = formatMoney(amount, currency, locale).replace(/\s/g, ' ').replace('￥', '¥');
    assert.equal(actual, expected);
  });
}

test('every currency shows exactly its own decimals', () => {
  for (const [code, exponent] of SERVER) {
    const shown = /\.(\d+)$/.exec(formatMoney(1_234_567, code, 'en'))?.[1] ?? '';
    assert.equal(shown.length, exponent, code);
  }
});
