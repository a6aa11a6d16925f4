// The glue of a shop: tell the element about the cart, and the server about the shopper's choice.
// No money is computed here, and no key is known here.
import { refreshDrawer } from '/static/shop.js';

const element = document.querySelector('order-protection');
const form = document.getElementById('change');
const byId = (id) => document.getElementById(id);
const { cart, kept, pickup, b2b, agreed } = element.dataset;

// A page without the element keeps the plain checkbox; nothing below may then run.
await customElements.whenDefined('order-protection');

const hidden = (name, value) => Object.assign(document.createElement('input'), { type: 'hidden', name, value });
const choice = hidden('protection', agreed ? 'yes' : 'no');
const terms = hidden('agreed', agreed);
element.replaceChildren();
form.append(choice, terms);

let noted = 0;
let noting = Promise.resolve();

/** Set the choice in the form, and the order total from the server. */
function note({ accepted, sessionId, mode, chargeInstructions: charge }) {
  choice.value = accepted ? 'yes' : 'no';
  terms.value = accepted ? [sessionId, charge.amount, charge.currencyCode, mode.join('+')].join(' ') : '';
  if (!accepted) show(null);
  const number = (noted += 1);
  // One after the other, or an older choice could reach the server last; and only the last is shown.
  noting = noting.then(async () => {
    if (number !== noted) return;
    const body = new URLSearchParams(new FormData(form));
    const answer = await fetch('/checkout/protection', { method: 'POST', body }).catch(() => null);
    const sums = answer?.ok ? await answer.json() : null;
    if (sums && number === noted) show(sums);
  });
}

function show(sums) {
  byId('fee').textContent = sums?.fee ?? '';
  byId('fee-row').hidden = !sums?.fee;
  byId('total').textContent = sums?.total ?? byId('total').dataset.without;
}

element.addEventListener('protection-change', ({ detail }) => note(detail));
element.addEventListener('protection-reset', ({ detail }) => note(detail));
element.addEventListener('protection-offer', ({ detail }) => {
  // Another tab has changed the cart, so this page shows an outdated cart.
  if (detail.reason === 'http_409') location.reload();
  else if (detail.accepted) note(detail);
  void refreshDrawer();
  // The shop's time-out ends a moment after the element's.
  if (detail.reason === 'timeout') setTimeout(refreshDrawer, 300);
});

// A shopper who accepted and buys before the new price arrives waits for it, at most the element's budget.
form.addEventListener('submit', async (event) => {
  if (element.dataset.view !== 'loading' || choice.value !== 'yes') return;
  event.preventDefault();
  await element.settled;
  form.requestSubmit(event.submitter);
});

element.deliveryGroups = [{ deliveryMethod: pickup === 'yes' ? 'PICKUP' : 'SHIPPING' }];
element.customer = { isB2B: b2b === 'yes' };
element.restore(JSON.parse(kept));
void element.analyze(JSON.parse(cart));
