// While the order is on its way to Orderguard: looks again, and says what became of it. Nothing moves but that.
import { pageAt, refreshDrawer } from '/static/shop.js';

const AGAIN_AFTER_MS = 3000;

for (let awaited = document.querySelector('[data-awaited]'); awaited; ) {
  await new Promise((resolve) => setTimeout(resolve, AGAIN_AFTER_MS));
  const now = (await pageAt(location.pathname))?.querySelector('[aria-labelledby=protection]');
  if (!now || now.matches('[data-awaited]')) continue;
  // The same words again would be read out again.
  if (now.textContent !== awaited.textContent) awaited.replaceChildren(...now.childNodes);
  awaited = null;
  await refreshDrawer();
}
