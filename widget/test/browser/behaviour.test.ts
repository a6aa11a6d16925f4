/** The element in a real browser, under a policy without inline anything. */

import assert from 'node:assert/strict';
import { after, test } from 'node:test';
import { ordinaryAnswer } from '../../dev/pretend_shop.mjs';
import { aShopper, closeBrowser, heard, heldBack, inView, PATIENT, PATIENT_SKELETON, theBox, theCard, type Analysis } from './shopper.ts';
import type { Page } from 'playwright-core';

after(closeBrowser);

const add = (page: Page) => page.getByRole('button', { name: 'Add a lamp' }).click();
const remove = (page: Page) => page.getByRole('button', { name: 'Remove a lamp' }).click();
const fee = (page: Page) => page.locator('#fee').textContent();
const status = (page: Page) => page.locator('order-protection [role=status]').textContent();
/** Waits until so many analyses have ended. */
const offersHeard = (page: Page, number: number) =>
  page.waitForFunction((number) => {
    const { heard } = window as unknown as { heard: Array<{ occurrence: string }> };
    return heard.filter(({ occurrence }) => occurrence === 'offer').length === number;
  }, number);

/** From now on, notes what screen readers are told, by whichever element. */
async function whatIsSaid(page: Page): Promise<() => Promise<string[]>> {
  await page.evaluate(() => {
    const said = ((window as any).said = [] as string[]);
    for (const element of document.querySelectorAll('order-protection')) {
      const status = element.shadowRoot!.querySelector('[role=status]')!;
      new MutationObserver(() => status.textContent && said.push(status.textContent)).observe(status, {
        childList: true, characterData: true, subtree: true,
      });
    }
  });
  return () => page.evaluate(() => (window as any).said);
}
const occurrences = async (page: Page) => (await heard(page)).map(({ occurrence }) => occurrence);

test('the offer is off by default, and says its price and that it is optional', async (t) => {
  const { page, complaints } = await aShopper(t);
  await inView(page, 'shown');

  assert.equal(await theBox(page).isChecked(), false);
  assert.equal(await page.getByRole('checkbox', { name: 'Order protection Optional · $4.98' }).count(), 1);
  assert.equal(await fee(page), '');
  assert.equal(await status(page), '');
  const describedBy = await theBox(page).evaluate((box) =>
    box.getAttribute('aria-describedby')!.split(' ').map((id) =>
      (box.getRootNode() as ShadowRoot).getElementById(id)?.textContent).join(' '));
  assert.match(describedBy, /^Covers returns, and loss, theft and damage/);
  assert.deepEqual(complaints, []);
});

test('a click puts the fee on, another takes it off, and both are changes', async (t) => {
  const { page } = await aShopper(t);
  await theBox(page).check();
  assert.equal(await fee(page), '$4.98');
  await theBox(page).uncheck();

  assert.equal(await fee(page), '');
  assert.deepEqual(await occurrences(page), ['loading', 'offer', 'change', 'change']);
});

test('a keyboard is enough', async (t) => {
  const { page } = await aShopper(t);
  await inView(page, 'shown');

  await page.keyboard.press('Tab');
  await page.keyboard.press('Tab');
  await page.keyboard.press('Tab');
  await page.keyboard.press('Space');

  assert.equal(await fee(page), '$4.98');
  const outline = await theBox(page).evaluate((box) => getComputedStyle(box).outlineStyle);
  assert.equal(outline, 'solid');
});

test('price and "optional" have the same visual weight', async (t) => {
  const { page } = await aShopper(t);
  await inView(page, 'shown');

  const [optional, price] = await page.locator('order-protection .terms > *').evaluateAll((parts) =>
    parts.map((part) => {
      const { fontSize, fontWeight, color, opacity } = getComputedStyle(part);
      return { fontSize, fontWeight, color, opacity };
    }),
  );

  assert.deepEqual(optional, price);
});

test('a price change without a click emits no change event', async (t) => {
  const cheaper = (request: Analysis, number: number) => ({
    ...ordinaryAnswer({ cart: { ...request.cart, subtotalAmount: number === 1 ? 50_00 : 52_00 } }),
  });
  const { page } = await aShopper(t, { answerTo: cheaper });
  await theBox(page).check();

  await add(page);
  await page.getByText('$5.18').first().waitFor();

  assert.deepEqual((await occurrences(page)).slice(-2), ['loading', 'offer']);
  assert.equal(await theBox(page).isChecked(), true);
  assert.equal(await fee(page), '$5.18');
  assert.equal(await status(page), 'Order protection now costs $5.18.');
});

test('a price change is said once, however many elements show it', async (t) => {
  const { page } = await aShopper(t);
  await inView(page, 'shown');
  await page.evaluate(() => {
    const twin = document.createElement('order-protection') as HTMLElement & { storefront: unknown };
    twin.storefront = (document.querySelector('order-protection') as typeof twin).storefront;
    document.body.append(twin);
  });
  const said = await whatIsSaid(page);

  await add(page);
  await page.getByText('$9.98').first().waitFor();
  await theBox(page).first().check();
  await add(page);
  await inView(page, 'reconfirm');

  const [first, second, ...more] = await said();
  assert.equal(first, 'Order protection now costs $9.98.');
  assert.match(second ?? '', /price has changed.*now costs \$14\.98/);
  assert.deepEqual(more, []);
});

test('an element that is gone leaves the word to the next', async (t) => {
  const { page } = await aShopper(t);
  await inView(page, 'shown');
  await page.evaluate(() => {
    const first = document.querySelector('order-protection') as HTMLElement & { storefront: any; cart: any };
    const twin = document.createElement('order-protection') as typeof first;
    twin.storefront = first.storefront;
    first.after(twin);
    first.remove();
  });
  const said = await whatIsSaid(page);

  await page.evaluate(() => {
    const [element] = document.getElementsByTagName('order-protection') as any;
    const cart = { lines: [{}], currencyCode: 'USD', subtotalAmount: 100_00, itemCount: 2 };
    void element.analyze(cart);
  });
  await page.getByText('$9.98').first().waitFor();

  assert.deepEqual(await said(), ['Order protection now costs $9.98.']);
});

test('a material price change unticks, says why and takes the fee off', async (t) => {
  const { page } = await aShopper(t);
  await theBox(page).check();

  await add(page);
  await inView(page, 'reconfirm');

  assert.equal(await theBox(page).isChecked(), false);
  assert.equal(await fee(page), '');
  assert.match((await status(page)) ?? '', /price has changed.*now costs \$9\.98/);
  assert.deepEqual((await occurrences(page)).slice(-3), ['loading', 'reset', 'offer']);
  await theBox(page).check();
  assert.equal(await fee(page), '$9.98');
});

test('fewer modes ask again, with a description that is true', async (t) => {
  const atOnePrice = (request: Analysis) => {
    const { body } = ordinaryAnswer(request) as { body: { chargeInstructions: object } };
    return { body: { ...body, chargeInstructions: { ...body.chargeInstructions, amount: 498 } } };
  };
  const { page } = await aShopper(t, { answerTo: atOnePrice, query: 'quantity=3' });
  await theBox(page).check();

  await add(page);
  await inView(page, 'reconfirm');

  assert.equal(await theBox(page).isChecked(), false);
  assert.equal(await fee(page), '');
  await page.getByText('Covers the return of items in this order.').waitFor();
});

test('an offer that becomes ineligible takes the fee off and is not on when it returns', async (t) => {
  const { page } = await aShopper(t, { query: 'quantity=4' });
  await theBox(page).check();

  await add(page);
  await inView(page, 'hidden');
  assert.equal(await theCard(page).isVisible(), false);
  assert.equal(await fee(page), '');
  assert.match((await status(page)) ?? '', /no longer available/);
  await remove(page);
  await inView(page, 'shown');

  assert.equal(await theBox(page).isChecked(), false);
});

test('focus stays on the box while the cart is analyzed again, and the box cannot be moved', async (t) => {
  const { answerTo, letGo } = heldBack(ordinaryAnswer, 2);
  const { page } = await aShopper(t, { answerTo, query: PATIENT });
  await theBox(page).focus();

  await page.evaluate(() => document.getElementById('more')!.click());
  await inView(page, 'loading');
  await page.keyboard.press('Space');
  assert.equal(await theBox(page).isChecked(), false);
  letGo();
  await inView(page, 'shown');

  const focused = await page.evaluate(() => document.activeElement?.shadowRoot?.activeElement?.id);
  assert.equal(focused, 'box');
});

test('while loading, no price is on the page', async (t) => {
  const { answerTo, letGo } = heldBack(ordinaryAnswer, 2);
  const { page } = await aShopper(t, { answerTo, query: PATIENT });
  await theBox(page).check();

  await add(page);
  await inView(page, 'loading');

  assert.equal(await page.locator('order-protection .price').textContent(), '');
  assert.equal(await fee(page), '');
  letGo();
});

test('two rapid changes answered out of order show the last one', async (t) => {
  const backwards = (request: Analysis, number: number) => ({
    ...ordinaryAnswer(request),
    delayMs: number === 2 ? 500 : 0,
  });
  const { page } = await aShopper(t, { answerTo: backwards, query: 'w-debounce-ms=0' });
  await inView(page, 'shown');

  await add(page);
  await add(page);
  await page.getByText('$14.98', { exact: true }).waitFor();
  await page.waitForTimeout(600);

  assert.equal(await page.locator('order-protection .price').textContent(), '$14.98');
});

const FAILURES: ReadonlyArray<readonly [what: string, answer: object, reason: string]> = [
  ['answers 500', { status: 500, body: {} }, 'http_500'],
  ['sends a login page', { raw: '<!doctype html>' }, 'malformed'],
  ['is slow', { body: {}, delayMs: 2_000 }, 'timeout'],
];

for (const [what, answer, reason] of FAILURES) {
  test(`a server that ${what} costs the shopper nothing`, async (t) => {
    const { page, complaints } = await aShopper(t, { answerTo: () => answer, query: 'w-budget-ms=200' });
    await inView(page, 'hidden');

    assert.equal(await page.locator('order-protection').getAttribute('data-reason'), reason);
    assert.equal(await theCard(page).isVisible(), false);
    assert.deepEqual(complaints, []);
    await page.getByRole('button', { name: 'Place order' }).click();
    await page.waitForURL('**/order');
  });
}

test('with the server dead, the order goes through', async (t) => {
  const { page } = await aShopper(t, { query: `w-endpoint=${encodeURIComponent('/orderguard/gone')}` });
  await page.route('**/orderguard/gone', (route) => route.abort());
  await page.reload();
  await inView(page, 'hidden');

  await page.getByRole('button', { name: 'Place order' }).click();
  await page.waitForURL('**/order');
});

test('without JavaScript the order goes through', async (t) => {
  const { page } = await aShopper(t, { context: { javaScriptEnabled: false } });

  await page.getByRole('button', { name: 'Place order' }).click();
  await page.waitForURL('**/order');
});

test('hostile text stays text', async (t) => {
  const hostile = '<img src=x onerror="document.title=1">';
  const { page, complaints } = await aShopper(t, { query: `w-text-title=${encodeURIComponent(hostile)}` });
  await inView(page, 'shown');

  assert.equal(await page.locator('order-protection img').count(), 0);
  assert.equal(await page.getByText(hostile).count(), 1);
  assert.deepEqual(complaints, []);
});

/** From now on, notes where the button below the offer is in every frame; returns how to ask. */
async function whereTheButtonWas(page: Page): Promise<() => Promise<number[]>> {
  await page.evaluate(() => {
    const seen = ((window as any).seen = new Set<number>());
    const look = () => {
      seen.add(document.getElementById('place')!.getBoundingClientRect().y);
      requestAnimationFrame(look);
    };
    look();
  });
  return () => page.evaluate(() => [...(window as any).seen]);
}

for (const width of [1280, 375, 320]) {
  for (const language of ['lang=en', 'lang=de&currency=EUR', 'lang=ar&dir=rtl', 'lang=ja&currency=JPY']) {
    test(`in a reserved place nothing moves, whatever becomes of the offer: ${width} px, ${language}`, async (t) => {
      const { answerTo, letGo } = heldBack((request) => ({ ...ordinaryAnswer(request), delayMs: 150 }));
      const { page } = await aShopper(t, {
        answerTo,
        query: `${PATIENT_SKELETON}&${language}`,
        context: { viewport: { width, height: 800 } },
      });
      await inView(page, 'loading');
      const places = await whereTheButtonWas(page);
      letGo();

      // It appears, is repriced twice, covers less, ends, and comes back
      const visible = [true];
      for (const change of [add, add, add, add, remove]) {
        const before = visible.length;
        await offersHeard(page, before);
        await change(page);
        await offersHeard(page, before + 1);
        visible.push(await theCard(page).isVisible());
      }

      assert.deepEqual(visible, [true, true, true, true, false, true]);
      assert.equal((await places()).length, 1);
    });
  }
}

test('a reserved place stays when Orderguard is dead', async (t) => {
  const { answerTo, letGo } = heldBack(() => ({ status: 500, body: {} }));
  const { page } = await aShopper(t, { answerTo, query: PATIENT_SKELETON });
  await inView(page, 'loading');
  const places = await whereTheButtonWas(page);
  letGo();

  await inView(page, 'hidden');

  assert.equal(await theCard(page).isVisible(), false);
  assert.equal((await places()).length, 1);
});

test('without a reserved place an offer that is hidden takes none', async (t) => {
  const { page } = await aShopper(t, { answerTo: () => ({ status: 500, body: {} }) });
  await inView(page, 'hidden');

  assert.equal(await page.locator('order-protection').evaluate((element) => element.clientHeight), 0);
});

test('re-analysis moves nothing while it lasts', async (t) => {
  const { answerTo, letGo } = heldBack(ordinaryAnswer, 2);
  const { page } = await aShopper(t, { answerTo, query: PATIENT });
  await inView(page, 'shown');
  const before = (await page.locator('#place').boundingBox())?.y;

  await add(page);
  await inView(page, 'loading');

  assert.equal((await page.locator('#place').boundingBox())?.y, before);
  letGo();
});

test('the page gives the language, even when it changes late, and right-to-left follows', async (t) => {
  const { page } = await aShopper(t, { query: 'lang=ar&dir=rtl' });
  await inView(page, 'shown');

  assert.equal(await theCard(page).getAttribute('dir'), 'rtl');
  await page.getByText('حماية الطلب').waitFor();
  const box = (await theBox(page).boundingBox())!;
  assert.ok(box.x > 187, 'the box is on the right');
});

for (const [currency, price] of [['JPY', '¥498'], ['KWD', 'KWD 0.498'], ['HUF', 'HUF 4.98'], ['IQD', 'IQD 0.498']] as const) {
  test(`498 minor units of ${currency} read ${price}, whatever the browser counts in cash`, async (t) => {
    const { page } = await aShopper(t, { query: `currency=${currency}` });
    await inView(page, 'shown');

    const shown = (await page.locator('order-protection .price').textContent()) ?? '';

    assert.equal(shown.replace(/\s/g, ' '), price);
  });
}

test('words that cannot be had hide the offer', async (t) => {
  const { page } = await aShopper(t);
  await page.route('**/copy/fr.js', (route) => route.abort());
  await page.goto(`${new URL(page.url()).origin}/?lang=fr`);
  await inView(page, 'hidden');

  assert.equal(await page.locator('order-protection').getAttribute('data-reason'), 'not_prepared');
});

test('the default is refused where it is unlawful and where the shop did not decide', async (t) => {
  for (const [region, named, on] of [['DE', 'DE', false], ['US-OH', '', false], ['US-OH', 'US-OH', true]] as const) {
    const { page } = await aShopper(t, { query: `w-region=${region}&w-default-on=${named}` });
    await inView(page, 'shown');

    assert.equal(await theBox(page).isChecked(), on, `${region}, "${named}"`);
  }
});

test('two elements with one storefront show one choice', async (t) => {
  const { page } = await aShopper(t);
  await inView(page, 'shown');
  await page.evaluate(() => {
    const twin = document.createElement('order-protection') as HTMLElement & { storefront: unknown };
    twin.storefront = (document.querySelector('order-protection') as typeof twin).storefront;
    document.body.append(twin);
  });

  await theBox(page).first().check();

  assert.equal(await theBox(page).nth(1).isChecked(), true);
});

test('what was set before the element was defined counts', async (t) => {
  const { page } = await aShopper(t);
  await page.route('**/dist/order_protection.js', async (route) => {
    await new Promise((resolve) => setTimeout(resolve, 300));
    await route.continue();
  });
  await page.addInitScript(() => {
    document.addEventListener('readystatechange', () => {
      const element = document.querySelector('order-protection') as any;
      if (!element || customElements.get('order-protection')) return;
      element.words = { title: 'Early words' };
      element.region = 'NZ';
    });
  });
  const [request] = await Promise.all([page.waitForRequest('**/orderguard/analyze'), page.reload()]);

  assert.equal(request.postDataJSON().region, 'NZ');
  await page.getByText('Early words').waitFor();
});

test('two elements with storefronts of their own know nothing of each other', async (t) => {
  const sessions: Record<string, string> = { left: 'lop_a1b2c3d4e5f6g7h8i9j0', right: 'lop_k1l2m3n4o5p6q7r8s9t0' };
  const asked: Analysis[] = [];
  const ofItsOwn = (request: Analysis) => {
    asked.push(request);
    const { body } = ordinaryAnswer(request) as { body: object };
    return { body: { ...body, sessionId: sessions[request.cartId as string] } };
  };
  const { page, complaints } = await aShopper(t, { answerTo: ofItsOwn, query: 'w-cart-id=left' });
  await inView(page, 'shown');

  // Given another element for another cart, at the same moment as a change of the first
  await page.evaluate(async () => {
    const one = document.querySelector('order-protection') as any;
    const { cart } = one;
    const other = one.cloneNode() as any;
    other.setAttribute('cart-id', 'right');
    document.body.append(other);
    await Promise.all([one.analyze({ ...cart, subtotalAmount: 60_00 }), other.analyze(cart)]);
  });
  await theBox(page).nth(1).check();

  // Then each has its price, its choice and its session
  assert.deepEqual(await page.locator('order-protection .price').allTextContents(), ['$5.98', '$4.98']);
  assert.equal(await theBox(page).first().isChecked(), false);
  const acceptances = await page.evaluate(() =>
    [...document.querySelectorAll('order-protection')].map((each: any) => each.acceptance?.sessionId ?? null),
  );
  assert.deepEqual(acceptances, [null, sessions.right]);
  assert.deepEqual(asked.filter(({ cartId }) => cartId === 'right').map(({ sessionId }) => sessionId), [undefined]);
  assert.deepEqual(complaints, []);
});

for (const [reducedMotion, moves] of [['reduce', false], ['no-preference', true]] as const) {
  test(`with motion "${reducedMotion}" the wait ${moves ? 'pulses' : 'stands still'}`, async (t) => {
    const { answerTo, letGo } = heldBack(ordinaryAnswer);
    const { page } = await aShopper(t, { answerTo, query: PATIENT_SKELETON, context: { reducedMotion } });
    await inView(page, 'loading');

    const animations = await page.locator('order-protection').evaluate((element) => element.shadowRoot!.getAnimations().length);
    letGo();

    assert.equal(animations > 0, moves);
  });
}

test('with forced colours the wait, the frame and the box are seen', async (t) => {
  const { answerTo, letGo } = heldBack(ordinaryAnswer);
  const { page } = await aShopper(t, { answerTo, query: PATIENT_SKELETON, context: { forcedColors: 'active' } });
  await inView(page, 'loading');
  const look = (pseudo?: string) =>
    theCard(page).evaluate((card, pseudo) => {
      const { backgroundColor, borderTopColor, color } = getComputedStyle(card, pseudo);
      const page = getComputedStyle(document.body).backgroundColor;
      return { backgroundColor, borderTopColor, color, page };
    }, pseudo);

  const bar = await look('::before');
  letGo();
  await inView(page, 'shown');
  const card = await look();
  await page.keyboard.press('Tab');
  await theBox(page).focus();

  assert.notEqual(bar.backgroundColor, card.backgroundColor);
  assert.equal(card.borderTopColor, card.color);
  await page.screenshot({ path: 'build/looks/forced-colours.png' });
});

test('at 400 % zoom nothing has to be scrolled sideways', async (t) => {
  // 1280 px at 400 % are 320 CSS pixels.
  const { page } = await aShopper(t, {
    query: 'lang=de',
    context: { viewport: { width: 320, height: 256 }, deviceScaleFactor: 4 },
  });
  await inView(page, 'shown');

  assert.ok(await page.evaluate(() => document.documentElement.scrollWidth <= innerWidth));
});

test('a change of the form inside the element stays inside', async (t) => {
  const { page } = await aShopper(t);
  await inView(page, 'shown');
  await page.evaluate(() => {
    (window as any).leaks = 0;
    for (const name of ['input', 'change']) {
      document.addEventListener(name, () => ((window as any).leaks += 1));
    }
  });

  await theBox(page).check();

  assert.equal(await page.evaluate(() => (window as any).leaks), 0);
});
