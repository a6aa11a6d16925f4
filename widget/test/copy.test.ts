import assert from 'node:assert/strict';
import { readdirSync } from 'node:fs';
import { test } from 'node:test';
import { english, isRightToLeft, LANGUAGES, WORD_KEYS, wordsFor } from '../src/copy.ts';

test('there are at least twelve languages, one of them right-to-left', () => {
  assert.ok(LANGUAGES.length >= 12);
  assert.ok(LANGUAGES.some(isRightToLeft));
});

test('every module of words can be chosen by a locale', () => {
  const modules = readdirSync('src/copy').map((file) => file.replace('.ts', ''));

  assert.deepEqual([...LANGUAGES].sort(), modules.filter((name) => name !== 'language').sort());
});

for (const language of LANGUAGES) {
  test(`the words of ${language} are complete`, async () => {
    const words = await wordsFor(language);

    assert.equal(words.language, language);
    assert.deepEqual(Object.keys(words), ['language', ...WORD_KEYS]);
    for (const key of WORD_KEYS) assert.ok(words[key].trim(), key);
    assert.equal(new Set(Object.values(words)).size, WORD_KEYS.length + 1, 'each says something of its own');
  });

  test(`${language} names the price once, where it is announced`, async () => {
    const words = await wordsFor(language);

    for (const key of WORD_KEYS) {
      assert.equal(words[key].split('{price}').length - 1, key === 'newPrice' ? 1 : 0, key);
    }
  });

  test(`the words of ${language} are plain text without pressure`, async () => {
    for (const text of Object.values(await wordsFor(language))) assert.doesNotMatch(text, /[<>!！¡&]/);
  });
}

const CHOSEN: ReadonlyArray<readonly [locale: string, language: string]> = [
  ['de-AT', 'de'],
  ['pt_BR', 'pt'],
  ['AR-eg', 'ar'],
  ['iw', 'he'],
  ['nn-NO', 'nb'],
  ['no', 'nb'],
  ['tlh', 'en'],
  ['', 'en'],
  ['constructor', 'en'],
];

for (const [locale, language] of CHOSEN) {
  test(`a shopper with "${locale}" reads ${language}`, async () => {
    assert.equal((await wordsFor(locale)).language, language);
  });
}

test('English is built in', async () => {
  assert.equal(await wordsFor('en-GB'), english);
});
