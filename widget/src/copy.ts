/** Which words the shopper reads. English is built in; every other language is a module of its own. */

import english from './copy/en.ts';
import type { Words } from './copy/language.ts';

export type { Words };
export { english };

/** The keys a shop may override, each also as an attribute: `newPrice` is `text-new-price`. */
export type WordKey = Exclude<keyof Words, 'language'>;
export const WORD_KEYS = Object.keys(english).filter((key) => key !== 'language') as WordKey[];

// Spelled out, because bundlers and browsers can both follow a literal path.
const MODULES: Record<string, () => Promise<{ default: Words }>> = {
  ar: () => import('./copy/ar.ts'),
  cs: () => import('./copy/cs.ts'),
  da: () => import('./copy/da.ts'),
  de: () => import('./copy/de.ts'),
  es: () => import('./copy/es.ts'),
  fi: () => import('./copy/fi.ts'),
  fr: () => import('./copy/fr.ts'),
  he: () => import('./copy/he.ts'),
  it: () => import('./copy/it.ts'),
  ja: () => import('./copy/ja.ts'),
  nb: () => import('./copy/nb.ts'),
  nl: () => import('./copy/nl.ts'),
  pl: () => import('./copy/pl.ts'),
  pt: () => import('./copy/pt.ts'),
  sv: () => import('./copy/sv.ts'),
};

// Older names of the same languages, and Norwegian in general.
const SYNONYMS: Record<string, string> = { iw: 'he', no: 'nb', nn: 'nb' };

export const LANGUAGES: readonly string[] = ['en', ...Object.keys(MODULES)];

/** The words for a locale; English where we have none. Rejects when a language could not be loaded. */
export async function wordsFor(locale: string): Promise<Words> {
  const language = locale.toLowerCase().split(/[-_]/)[0] ?? '';
  const load = MODULES[SYNONYMS[language] ?? language];
  return load ? (await load()).default : english;
}

export function isRightToLeft(language: string): boolean {
  return /^(ar|he|iw|fa|ur)\b/i.test(language);
}
