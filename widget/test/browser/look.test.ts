/** Screenshots of every state into build/looks/, for people to look at; and axe in every state. */

import assert from 'node:assert/strict';
import { mkdirSync, readFileSync } from 'node:fs';
import { after, test } from 'node:test';
import { ordinaryAnswer } from '../../dev/pretend_shop.mjs';
import { aShopper, closeBrowser, inView, theBox, type Analysis } from './shopper.ts';
import type { Page } from 'playwright-core';

after(closeBrowser);
mkdirSync('build/looks', { recursive: true });

const AXE = readFileSync('node_modules/axe-core/axe.min.js', 'utf8');

/** The second analysis takes as long as the look at it. */
const slowSecond = (request: Analysis, number: number) => ({
  ...ordinaryAnswer(request),
  delayMs: number === 2 ? 5_000 : 0,
});
const dead = () => ({ status: 500, body: {} });
const ineligible = (request: Analysis) => ordinaryAnswer({ cart: { ...request.cart, itemCount: 9 } });
const always = (delayMs: number) => (request: Analysis) => ({ ...ordinaryAnswer(request), delayMs });

type Act = (page: Page) => Promise<void>;
const tick: Act = (page) => theBox(page).check();
const more: Act = (page) => page.getByRole('button', { name: 'Add a lamp' }).click();

const STATES: ReadonlyArray<{
  name: string;
  view: string;
  acts?: Act[];
  answerTo?: (request: Analysis, number: number) => object;
  query?: string;
}> = [
  { name: 'off', view: 'shown' },
  { name: 'on', view: 'shown', acts: [tick] },
  { name: 'skeleton', view: 'loading', answerTo: always(5_000), query: 'w-skeleton&w-budget-ms=9000' },
  { name: 'loading-again', view: 'loading', acts: [tick, more], answerTo: slowSecond, query: 'w-budget-ms=9000' },
  { name: 'reconfirm-price', view: 'reconfirm', acts: [tick, more] },
  { name: 'reconfirm-modes', view: 'reconfirm', acts: [tick, more], query: 'quantity=3' },
  { name: 'ineligible', view: 'hidden', answerTo: ineligible },
  { name: 'dead', view: 'hidden', answerTo: dead },
  { name: 'timeout', view: 'hidden', answerTo: always(1_000), query: 'w-budget-ms=100' },
  { name: 'gone-after-acceptance', view: 'hidden', acts: [tick, more], query: 'quantity=4' },
  { name: 'arabic', view: 'reconfirm', acts: [tick, more], query: 'lang=ar&dir=rtl' },
  { name: 'hebrew-in-ltr-page', view: 'shown', query: 'lang=en&w-locale=he' },
  { name: 'german', view: 'reconfirm', acts: [tick, more], query: 'lang=de&currency=EUR' },
  { name: 'japanese', view: 'shown', query: 'lang=ja&currency=JPY' },
  { name: 'dinar', view: 'shown', query: 'currency=KWD' },
];

const WIDTHS = [1280, 375, 320];

for (const { name, view, acts = [], answerTo, query = '' } of STATES) {
  for (const scheme of ['light', 'dark']) {
    test(`axe finds nothing: ${name}, ${scheme}`, async (t) => {
      const { page, complaints } = await aShopper(t, {
        ...(answerTo && { answerTo }),
        query: `${query}&${scheme}`,
        // The page's own policy forbids injected scripts, and axe is one.
        context: { bypassCSP: true },
      });
      for (const act of acts) {
        await inView(page, 'shown');
        await act(page);
      }
      await inView(page, view);

      for (const width of scheme === 'dark' ? [375] : WIDTHS) {
        await page.setViewportSize({ width, height: 640 });
        await page.screenshot({ path: `build/looks/${name}-${scheme}-${width}.png` });
        const wide = await page.evaluate(() => document.documentElement.scrollWidth > innerWidth);
        assert.ok(!wide, `scrolls sideways at ${width} px`);
      }
      await page.evaluate(AXE);
      const violations = await page.evaluate(async () => {
        const { axe } = globalThis as unknown as { axe: { run(options: object): Promise<{ violations: any[] }> } };
        const result = await axe.run({ runOnly: ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'best-practice'] });
        return result.violations.map(({ id, nodes }) => `${id}: ${nodes.map((node: any) => node.html).join()}`);
      });
      assert.deepEqual(violations, []);
      assert.deepEqual(complaints, []);
    });
  }
}
