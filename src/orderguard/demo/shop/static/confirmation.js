// While the order is on its way to Orderguard: looks again, and says what became of it. Nothing moves but that.
import { pageAt, refreshDrawer } from '/static/shop.js';

const AGAIN_AFTER_MS = 3000;

// The first answer is usually a moment away, the next may be a while.
let afterMs = AGAIN_AFTER_MS / 10;
for (let awaited = document.querySelector('[data-awaited]'); awaited; afterMs = AGAIN_AFTER_MS) {
  await new Promise((resolve) => setTimeout(resolve, afterMs));
  const now = (await pageAt(location.pathname))?.querySelector('[aria-labelledby=protection]');
  if (!now || now.matches('[data-awaited]')) continue;
  // The same words again would be read out again.
  if (now.textContent !== awaited.textContent) awaited.replaceChildren(...now.childNodes);
  awaited = null;
  await refreshDrawer();
}
