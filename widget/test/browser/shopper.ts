/** A shopper with a real browser in the pretend shop. */

import { existsSync } from 'node:fs';
import type { TestContext } from 'node:test';
import { chromium, type Browser, type BrowserContextOptions, type Page } from 'playwright-core';
import { openShop } from '../../dev/pretend_shop.mjs';

export interface Analysis {
  readonly cart: { readonly itemCount: number; readonly subtotalAmount: number; readonly currencyCode: string };
  readonly [member: string]: unknown;
}

export interface Shop {
  readonly answerTo?: (request: Analysis, number: number) => object | Promise<object>;
  /** The query of the page: `lang`, `dark`, `quantity`, and `w-<attribute>` for the element. */
  readonly query?: string;
  readonly context?: BrowserContextOptions;
}

/** Debian calls it one way, Ubuntu the other. */
const CHROMIUM = ['/usr/bin/chromium', '/usr/bin/chromium-browser'].find(existsSync) ?? 'chromium';

let browser: Promise<Browser> | undefined;

export function theBrowser(): Promise<Browser> {
  return (browser ??= chromium.launch({
    executablePath: process.env.CHROMIUM ?? CHROMIUM,
    args: [
      ...['--no-sandbox', '--disable-gpu', '--disable-quic', '--no-first-run'],
      ...['--disable-background-networking', '--disable-component-update', '--disable-sync'],
    ],
  }));
}

export async function closeBrowser(): Promise<void> {
  await (await browser)?.close();
}

export async function aShopper(t: TestContext, { answerTo, query = '', context = {} }: Shop = {}) {
  const shop = await openShop(answerTo ? { answerTo } : {});
  const window = await (await theBrowser()).newContext({ viewport: { width: 375, height: 800 }, ...context });
  const page = await window.newPage();
  const complaints: string[] = [];
  page.on('pageerror', (error) => complaints.push(String(error)));
  page.on('console', (message) => {
    // A failed answer is logged by the browser itself; everything else is ours.
    if (message.type() === 'error' && !message.text().startsWith('Failed to load')) complaints.push(message.text());
  });
  t.after(async () => {
    await window.close();
    await shop.close();
  });
  await page.goto(`${shop.url}?${query}`);
  return { page, complaints, shop };
}

/** Answers that wait, from the given one on, until they are let go: no state has to be caught in passing. */
export function heldBack(answerTo: (request: Analysis, number: number) => object, from = 1) {
  let letGo = () => {};
  const gone = new Promise<void>((resolve) => (letGo = resolve));
  return {
    letGo,
    answerTo: async (request: Analysis, number: number) => {
      if (number >= from) await gone;
      return answerTo(request, number);
    },
  };
}

/** For the query of the page: the element waits for what is held back. */
export const PATIENT = 'w-budget-ms=60000';
export const PATIENT_SKELETON = `w-skeleton&${PATIENT}`;

export const theBox = (page: Page) => page.getByRole('checkbox');
export const theCard = (page: Page) => page.locator('order-protection .card');

/** Waits until the element is in this view. */
export async function inView(page: Page, view: string): Promise<void> {
  await page.locator(`order-protection[data-view=${view}]`).first().waitFor({ state: 'attached', timeout: 5_000 });
}

export const heard = (page: Page): Promise<Array<Record<string, any>>> =>
  page.evaluate(() => (window as unknown as { heard: [] }).heard);
