// While the order is on its way to Orderguard: reloads and shows its state. Nothing else on the page moves.
import { pageAt, refreshDrawer } from '/static/shop.js';

const AGAIN_AFTER_MS = 3000;

// The first answer is usually a moment away, the next may be a while.
let afterMs = AGAIN_AFTER_MS / 10;
for (let awaited = document.querySelector('[data-awaited]'); awaited; afterMs = AGAIN_AFTER_MS) {
  await new Promise((resolve) => setTimeout(resolve, afterMs));
  const now = (await pageAt(location.pathname))?.querySelector('[aria-labelledby=protection]');
  if (!now || now.matches('[data-awaited]')) continue;
  // A screen reader would read the same words again.
  if (now.textContent !== awaited.textContent) awaited.replaceChildren(...now.childNodes);
  awaited = null;
  await refreshDrawer();
}
