// On every page: says that scripts run, and keeps the drawer up to date.
document.cookie = 'fjord_script=1; path=/; SameSite=Lax';

// Our own pages are escaped on the server; this is the only place where text becomes markup.
const ownPages = globalThis.trustedTypes?.createPolicy('own-pages', { createHTML: (text) => text });

/** Show what the shop and Orderguard have said to each other since the page was made. */
export async function refreshDrawer() {
  const answer = await fetch('/what-just-happened');
  if (!answer.ok) return;
  const text = await answer.text();
  const page = new DOMParser().parseFromString(ownPages ? ownPages.createHTML(text) : text, 'text/html');
  document.getElementById('exchanges').replaceChildren(...page.body.childNodes);
}

// Which of them were left open is a matter of taste, so pages of one visit remember it.
for (const each of document.querySelectorAll('body > details')) {
  const name = `open-${each.className}`;
  each.open = sessionStorage.getItem(name) === 'yes';
  each.addEventListener('toggle', () => sessionStorage.setItem(name, each.open ? 'yes' : 'no'));
}
