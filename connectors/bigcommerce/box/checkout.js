/**
 * Orderguard's box in a BigCommerce checkout. It shows the app's answers and sends clicks; prices and terms are the
 * app's. A checkout of your own says where the box goes with <div data-orderguard>, and listens to `orderguard:changed`
 * on the document to load its totals again: `event.preventDefault()` keeps the page from being loaded anew.
 */
(() => {
  const source = document.currentScript && document.currentScript.src;
  if (!source || window.orderguardBox) return;
  window.orderguardBox = true;
  const address = new URL(source);
  const base = address.href.split('/box/')[0];
  const store = address.searchParams.get('store');
  const WAIT_MS = 20_000;
  const QUIET_MS = 300;
  const RELOADS_A_MINUTE = 3;
  // The places of BigCommerce's own checkout, beside the totals; below the page's title where there are none.
  const PLACES = ['[data-orderguard]', 'aside.layout-cart', '.cartDrawer', '.layout-main', '#checkout-app', '#checkout-app-container'];
  const CHANGES = /\/api\/storefront\/(checkouts?|carts?)\//;

  const host = document.createElement('section');
  host.hidden = true;
  host.setAttribute('data-orderguard-box', '');
  const root = host.attachShadow({ mode: 'open' });
  root.innerHTML = `<style>
    :host{display:block;margin:1rem 0;padding:.75rem 1rem;border:1px solid #d9dce9;border-radius:4px;font:inherit}
    :host([hidden]){display:none}label{display:flex;gap:.5rem;align-items:baseline;cursor:pointer}
    b{flex:1}p{margin:.25rem 0 0;font-size:.875em}#notice:empty{display:none}
  </style><p id="notice" role="status"></p><label><input type="checkbox" aria-describedby="about"><b></b><span id="price"></span></label><p id="about"></p>`;
  const find = (selector) => root.querySelector(selector);
  const [box, title, price, about, notice, label] = ['input', 'b', '#price', '#about', '#notice', 'label'].map(find);

  let checkoutId = null;
  let shown = null;
  let last = 0;
  let isChanged = false;

  function put() {
    const place = PLACES.map((selector) => document.querySelector(selector)).find(Boolean);
    if (!place) return false;
    if (place.matches('[data-orderguard]')) place.replaceChildren(host);
    else if (/^checkout-app/.test(place.id)) place.before(host);
    else place.append(host);
    return true;
  }

  /**
   * Asks the app. An answer that arrives after a later request is not shown; its change of the fee still
   * counts.
   */
  async function ask(body) {
    const turn = (last += 1);
    try {
      const response = await fetch(`${base}/offer/${store}/${encodeURIComponent(checkoutId)}`, {
        method: 'POST',
        body: JSON.stringify({ ...body, language: document.documentElement.lang || navigator.language }),
        signal: AbortSignal.timeout(WAIT_MS),
      });
      const text = await response.text();
      const seen = response.ok ? JSON.parse(text) : null;
      isChanged = isChanged || Boolean(seen && seen.isChanged);
      if (turn === last) show(seen);
      else if (isChanged) look();
    } catch {
      // Without an answer there is no box; a fee stays as the total says.
      if (turn === last) show(null);
    }
  }

  function show(seen) {
    shown = seen && seen.offer;
    const says = (seen && seen.words && seen.words.notice) || '';
    host.hidden = !shown && !says;
    notice.textContent = says;
    label.hidden = about.hidden = !shown;
    label.style.display = shown ? '' : 'none';
    box.disabled = false;
    box.checked = Boolean(seen && seen.accepted);
    if (shown) {
      host.lang = seen.words.language;
      host.dir = ['ar', 'he'].includes(host.lang) ? 'rtl' : 'ltr';
      title.textContent = seen.words.title;
      price.textContent = money(shown);
      about.textContent = `${seen.words.optional}. ${seen.words.about}`;
    }
    if (!host.isConnected) put();
    if (isChanged) tell();
  }

  function money({ price, currency, decimals }) {
    const digits = { minimumFractionDigits: decimals, maximumFractionDigits: decimals };
    return new Intl.NumberFormat(document.documentElement.lang || undefined, { style: 'currency', currency, ...digits }).format(Number(price));
  }

  /**
   * Tells the page that the total has changed. BigCommerce's checkout shows changes from outside only when
   * it is loaded again.
   */
  function tell() {
    isChanged = false;
    const event = new CustomEvent('orderguard:changed', { cancelable: true, detail: { checkoutId } });
    if (!document.dispatchEvent(event)) return;
    const minute = Math.floor(Date.now() / 60_000);
    const [when, times] = (sessionStorage.getItem('orderguardReloads') || '').split(' ').map(Number);
    if (when === minute && times >= RELOADS_A_MINUTE) return;
    sessionStorage.setItem('orderguardReloads', `${minute} ${when === minute ? times + 1 : 1}`);
    location.reload();
  }

  box.addEventListener('change', () => {
    box.disabled = true;
    ask({ accepted: box.checked, token: shown ? shown.token : '' });
  });

  let timer = 0;
  function look() {
    clearTimeout(timer);
    timer = setTimeout(() => ask({}), QUIET_MS);
  }

  async function begin() {
    const place = document.querySelector('[data-orderguard][data-checkout]');
    if (place) checkoutId = place.dataset.checkout;
    else {
      const response = await fetch('/api/storefront/carts', { headers: { Accept: 'application/json' } });
      const [cart] = response.ok ? await response.json() : [];
      checkoutId = cart && cart.id;
    }
    if (!checkoutId) return;
    // Every change of a checkout is a request of the page: an address, a shipping option, a coupon.
    new PerformanceObserver((list) => list.getEntries().some(({ name }) => CHANGES.test(name)) && look()).observe({ type: 'resource' });
    // React draws its page again and again; the box goes back to its place.
    new MutationObserver(() => host.isConnected || put()).observe(document.documentElement, { childList: true, subtree: true });
    await ask({});
  }
  begin().catch(() => {});
})();
