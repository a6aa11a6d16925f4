// An app with nothing but the recipe. Reads one JSON step per line, [method, ...arguments]; says what came of it.
import { createInterface } from 'node:readline';
import { orderguardForBigCommerce } from '../../recipes/bigcommerce.mjs';

const { ORDERGUARD_URL, KEY, ORDERS_KEY, BIGCOMMERCE_URL } = process.env;
const kept = new Map();
const sessions = { get: async (id) => kept.get(id), set: async (id, value) => void kept.set(id, value) };
const protection = orderguardForBigCommerce({
  orderguard: ORDERGUARD_URL, key: KEY, ordersKey: ORDERS_KEY, api: BIGCOMMERCE_URL, token: 'secret', home: 'US', sessions,
});
for await (const line of createInterface({ input: process.stdin })) {
  const [method, ...values] = JSON.parse(line);
  const answer = await protection[method](...values).catch((error) => ({ error: error.message }));
  console.log(JSON.stringify(answer));
}
