/** The page in BigCommerce's control panel. Plain HTML without a script; every text is escaped. */

export const STYLE = `body{font:16px/1.5 system-ui,sans-serif;max-width:42rem;margin:2rem auto;padding:0 1rem;color:#313440}
label{display:block;margin:1rem 0 .25rem;font-weight:600}input,select{width:100%;box-sizing:border-box;padding:.5rem;font:inherit}
small{color:#5e637a}button{margin:1.5rem .5rem 0 0;padding:.5rem 1.25rem;font:inherit}
.right::before{content:"OK: ";font-weight:600;color:#1a7a2e}.wrong::before{content:"Wrong: ";font-weight:600;color:#b3261e}`;

/**
 * @param {object} page
 * @param {any} page.store
 * @param {{ url: string, hasCartKey: boolean, hasOrdersKey: boolean, taxClass: number | null }} page.entered
 * @param {string} page.token names the store in the posted form
 * @param {{ ok: boolean, text: string }[]} page.steps
 * @param {any[]} page.waiting
 */
export function settingsPage({ store, entered, token, steps, waiting }) {
  const classes = [`<option value="">The store's own tax class for fees</option>`, ...(store.taxClasses ?? []).map(({ id, name }) => option(id, name, entered.taxClass))];
  return html(
    'Order protection',
    `<h1>Order protection</h1>
${steps.length ? `<ul role="status">${steps.map(({ ok, text }) => `<li class="${ok ? 'right' : 'wrong'}">${escape(text)}</li>`).join('')}</ul>` : ''}
<form method="post" action="settings">
<input type="hidden" name="token" value="${escape(token)}">
<label for="url">Address of your Orderguard server</label>
<input id="url" name="url" inputmode="url" value="${escape(entered.url)}" placeholder="https://orderguard.example">
<label for="cart_key">Cart key</label>
<input id="cart_key" name="cart_key" type="password" autocomplete="off"${kept(entered.hasCartKey)}>
<small>Made by <code>orderguard keys issue SHOP --scope cart</code></small>
<label for="orders_key">Orders key</label>
<input id="orders_key" name="orders_key" type="password" autocomplete="off"${kept(entered.hasOrdersKey)}>
<small>Made by <code>orderguard keys issue SHOP --scope orders</code></small>
<label for="tax_class">Tax class of the fee</label>
<select id="tax_class" name="tax_class">${classes.join('')}</select>
<small>Where prices are shown with tax, take a class without tax: the shopper pays exactly the price of the offer.</small>
<div><button name="do" value="save">Save</button><button name="do" value="test">Save and test</button><button name="do" value="send">Send waiting orders now</button></div>
</form>
${health(store, waiting)}`,
  );
}

/** @param {string} title @param {string} text */
export const messagePage = (title, text) => html(title, `<h1>${escape(title)}</h1><p>${escape(text)}</p>`);

function health({ health: said = {}, ensuredAt, fault }, waiting) {
  const refused = waiting.filter(({ isRefused }) => isRefused);
  const rows = [
    ['Orders waiting', String(waiting.length - refused.length)],
    ['Orders refused', refused.length ? refused.slice(0, 20).map(({ order, why }) => `${order}: ${why}`).join('; ') : '0'],
    ['Last order reported', at(said.lastPushedAt)],
    ['Last failure', said.why ? `${at(said.lastFailureAt)}: ${said.why}` : 'none'],
    ['Webhooks and checkout script checked', at(ensuredAt)],
    ...(fault ? [['To do', fault]] : []),
  ];
  return `<h2>Health</h2><table>${rows.map(([name, value]) => `<tr><th scope="row">${escape(name)}</th><td>${escape(value)}</td></tr>`).join('')}</table>`;
}

const html = (title, body) =>
  `<!doctype html><html lang="en"><meta charset="utf-8"><meta name="viewport" content="width=device-width"><title>${escape(title)}</title><link rel="stylesheet" href="style.css"><main>${body}</main></html>`;

const option = (id, name, chosen) => `<option value="${escape(id)}"${id === chosen ? ' selected' : ''}>${escape(name)}</option>`;

/** The attributes of the field of a stored key: it is never shown again, and an empty field keeps it. */
const kept = (isKept) => (isKept ? ' placeholder="kept; enter another to replace it"' : '');

const at = (time) => (time ? `${new Date(time).toISOString().slice(0, 16).replace('T', ' ')} UTC` : 'never');

const escape = (text) => String(text ?? '').replace(/[&<>"']/g, (letter) => `&#${letter.charCodeAt(0)};`);
