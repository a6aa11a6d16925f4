// On every page: says that scripts run, loads what can wait, and keeps the drawer up to date.
document.cookie = 'fjord_script=1; path=/; SameSite=Lax';

// Our own pages are escaped on the server; this is the only place where text becomes markup.
const ownPages = globalThis.trustedTypes?.createPolicy('own-pages', { createHTML: (text) => text });

/** One of the shop's pages as a document, or null when the shop does not answer. */
export async function pageAt(path) {
  const answer = await fetch(path).catch(() => null);
  if (!answer?.ok) return null;
  const text = await answer.text();
  return new DOMParser().parseFromString(ownPages ? ownPages.createHTML(text) : text, 'text/html');
}

/** Show the exchanges between the shop and Orderguard since the page was rendered. */
export async function refreshDrawer() {
  const page = await pageAt('/what-just-happened');
  if (page) document.getElementById('exchanges').replaceChildren(...page.body.childNodes);
}

// What can wait is loaded when the page is complete and the browser idle, or after a second of loading. No
// event of a page waits for an import, so a shop is as fast with a server that is slow, gone, or takes calls
// and never answers.
const whenIdle = globalThis.requestIdleCallback ?? setTimeout;
const complete = new Promise((resolve) => {
  addEventListener('load', resolve);
  setTimeout(resolve, 1000);
});
for (const { dataset } of document.querySelectorAll('[data-modules]')) {
  const load = () => dataset.modules.split(' ').forEach((url) => import(url).catch(console.warn));
  void complete.then(() => whenIdle(load, { timeout: 200 }));
}

// Keep an opened drawer open on the next page, too.
const drawer = document.querySelector('.drawer');
drawer.open = sessionStorage.getItem('drawer') === 'open';
drawer.addEventListener('toggle', () => sessionStorage.setItem('drawer', drawer.open ? 'open' : 'closed'));
