// The glue a shop writes: analyze when the cart changes, put the fee on or off as the element says.
import { formatMoney } from '/dist/storefront.js';

const LAMP_CENTS = 50_00;
const query = new URLSearchParams(location.search);
const element = document.querySelector('order-protection');
const byId = (id) => document.getElementById(id);

document.documentElement.lang = query.get('lang') ?? 'en';
document.documentElement.dir = query.get('dir') ?? 'ltr';
document.documentElement.classList.toggle('dark', query.has('dark'));
for (const [name, value] of query) if (name.startsWith('w-')) element.setAttribute(name.slice(2), value);

let quantity = Number(query.get('quantity') ?? 1);
window.heard = [];

function cart() {
  const subtotalAmount = quantity * LAMP_CENTS;
  return {
    lines: quantity
      ? [{ id: '1', productId: 'lamp', quantity, totalPrice: subtotalAmount, originalTotalPrice: subtotalAmount, title: 'Lamp' }]
      : [],
    currencyCode: query.get('currency') ?? 'USD',
    subtotalAmount,
    totalDiscountAmount: 0,
    discountedSubtotalAmount: subtotalAmount,
    totalTaxAmount: 0,
    totalAmount: subtotalAmount,
    itemCount: quantity,
  };
}

function show() {
  const { subtotalAmount, currencyCode } = cart();
  const fee = element.acceptance?.chargeInstructions;
  const money = (amount) => formatMoney(amount, currencyCode, document.documentElement.lang);
  byId('lines').replaceChildren(Object.assign(document.createElement('li'), { textContent: `${quantity} × Lamp` }));
  byId('subtotal').textContent = money(subtotalAmount);
  byId('fee').textContent = fee ? money(fee.amount) : '';
  byId('total').textContent = money(subtotalAmount + (fee?.amount ?? 0));
  for (const row of document.querySelectorAll('.fee')) row.classList.toggle('absent', !fee);
}

function change(by) {
  quantity = Math.max(0, quantity + by);
  void element.analyze(cart());
  show();
}

for (const occurrence of ['loading', 'reset', 'offer', 'change']) {
  document.addEventListener(`protection-${occurrence}`, ({ detail }) => {
    window.heard.push({ occurrence, ...detail });
    show();
  });
}
byId('more').addEventListener('click', () => change(+1));
byId('fewer').addEventListener('click', () => change(-1));
await customElements.whenDefined('order-protection');
change(0);
