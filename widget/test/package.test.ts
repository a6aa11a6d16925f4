/** What a shop installs or links to. */

import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, mkdtempSync, readFileSync, symlinkSync, mkdirSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { test } from 'node:test';

const read = (file: string) => readFileSync(file, 'utf8');

test('the lock file installs from any registry', () => {
  assert.doesNotMatch(read('package-lock.json'), /"resolved": "http|https?:\/\/[^"]*registry/);
});

test('every file a shop can import is built', () => {
  const { exports } = JSON.parse(read('package.json')) as { exports: Record<string, Record<string, string>> };
  for (const target of Object.values(exports).flatMap((entry) => Object.values(entry))) {
    assert.ok(existsSync(target.replace('*', 'de')), target);
  }
});

test('the integrity hashes are those of the built files', () => {
  const hashes = JSON.parse(read('dist/integrity.json')) as Record<string, string>;
  for (const [file, integrity] of Object.entries(hashes)) {
    const digest = createHash('sha384').update(readFileSync(`dist/${file}`)).digest('base64');
    assert.equal(integrity, `sha384-${digest}`, file);
  }
});

test('the element carries English only', () => {
  const bundle = read('dist/order_protection.js');
  assert.match(bundle, /Order protection/);
  assert.doesNotMatch(bundle, /Bestellschutz|Directive 2011/);
});

test('nothing in the bundle parses text as markup or as code', () => {
  for (const file of ['order_protection.js', 'storefront.js']) {
    assert.doesNotMatch(read(`dist/${file}`), /innerHTML|outerHTML|insertAdjacentHTML|document\.write|eval\(|new Function/);
  }
});

test('the element can be imported where there is no DOM', async () => {
  await import(resolve('dist/order_protection.js'));
});

test('a shop in strict TypeScript can use the package', () => {
  const shop = mkdtempSync(join(tmpdir(), 'shop-'));
  mkdirSync(join(shop, 'node_modules/@orderguard'), { recursive: true });
  symlinkSync(resolve('.'), join(shop, 'node_modules/@orderguard/storefront'));
  writeFileSync(join(shop, 'package.json'), '{"type": "module"}');
  writeFileSync(
    join(shop, 'shop.ts'),
    `import { Storefront, minorFromMajor, mayBePreticked } from '@orderguard/storefront';
     import type { OrderProtection } from '@orderguard/storefront/element';
     import de from '@orderguard/storefront/copy/de';
     const fee: number = minorFromMajor('4.98', 'USD');
     const element = document.querySelector('order-protection') as OrderProtection;
     element.words = { title: de.title };
     element.addEventListener('protection-change', ({ detail }) => detail.chargeInstructions?.amount ?? fee);
     const { allowed }: { allowed: boolean } = mayBePreticked({ region: 'DE' });
     // @ts-expect-error the budget is a number
     new Storefront({ budgetMs: allowed });`,
  );
  const { stdout, status } = spawnSync(
    process.execPath,
    [resolve('node_modules/typescript/bin/tsc'), '--noEmit', '--strict', '--module', 'nodenext', '--target', 'es2023', 'shop.ts'],
    { cwd: shop, encoding: 'utf8' },
  );
  assert.equal(status, 0, stdout);
});
