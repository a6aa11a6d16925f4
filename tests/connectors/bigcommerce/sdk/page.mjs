// The store's checkout page, on BigCommerce's real Checkout SDK: totals are what the SDK says.
import { createCheckoutService } from '@bigcommerce/checkout-sdk/essential';

const service = createCheckoutService();
const [id] = [document.cookie.match(/cart=([\w-]+)/)[1]];
const draw = ({ data }) => {
  const checkout = data.getCheckout();
  if (!checkout) return;
  document.querySelector('#total').textContent = String(checkout.outstandingBalance);
  document.querySelector('#fees').textContent = JSON.stringify(checkout.fees);
};
service.subscribe(draw);
globalThis.loads = 0;
const load = () => service.loadCheckout(id).then(() => void (globalThis.loads += 1));
document.addEventListener('orderguard:changed', (event) => {
  event.preventDefault();
  load();
});
document.querySelector('#coupon').addEventListener('click', () => service.applyCoupon('TEN').catch((error) => (globalThis.fault = String(error))));
load().catch((error) => (globalThis.fault = String(error)));
