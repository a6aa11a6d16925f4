// With the types that openapi-typescript makes: analyse a cart, push the order, read the coverages.
// `node flow.js URL KEY` prints what they come to, as JSON.
import createClient from 'openapi-fetch';
import type { paths } from './api.js';

declare const process: { argv: string[] };
declare const console: { log(text: string): void };

const [url = '', key = ''] = process.argv.slice(2);
const client = createClient<paths>({ baseUrl: url, headers: { 'X-Authorization': key } });

function known<T>(value: T | null | undefined, what: string): T {
  if (value === null || value === undefined) throw new Error(`${what} is missing`);
  return value;
}

const { data: offer } = await client.POST('/v1/analyze', {
  body: {
    platform: 'custom',
    region: 'US',
    cart: {
      lines: [
        { id: 'line-1', productId: 'p-1', title: 'Lamp', quantity: 2, totalPrice: 5000, originalTotalPrice: 5000 },
      ],
      currencyCode: 'USD',
      subtotalAmount: 5000,
      totalDiscountAmount: 0,
      discountedSubtotalAmount: 5000,
      totalTaxAmount: 0,
      totalAmount: 5000,
      itemCount: 2,
    },
  },
});
const charged = known(offer?.chargeInstructions, 'the charge').amount;

const { data: pushed } = await client.POST('/api/v1/orders', {
  body: {
    external_id: 'generated-typescript',
    name: '#2',
    status: 'active',
    taxes_included: false,
    total_price: { amount: 5000 + charged, currency_code: 'USD' },
    line_items: [
      { external_id: 'line-1', title: 'Lamp', quantity: 2, unit_price: { amount: 2500, currency_code: 'USD' } },
    ],
    fees: [
      {
        name: 'Order protection',
        amount: { amount: charged, currency_code: 'USD' },
        accepted_offer_mode: known(offer?.mode, 'the modes'),
      },
    ],
    metadata: [{ key: 'session_id', value: known(offer, 'the offer').sessionId }],
  },
});

const order = Number(known(pushed, 'the order').order.id);
const { data: found } = await client.GET('/api/v1/coverages', { params: { query: { order_id: order } } });
const covered = Object.fromEntries(known(found, 'coverages').coverages.map((each) => [each.mode, each.amount.amount]));
console.log(JSON.stringify({ charged, covered }));
