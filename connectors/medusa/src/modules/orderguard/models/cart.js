import { model } from '@medusajs/framework/utils';

/** The memory of one cart, by the cart's id; see lib/memory.js. */
export const OrderguardCart = model.define('orderguard_cart', {
  id: model.text().primaryKey(),
  asked: model.text(),
  asked_at: model.text(),
  answer: model.json().nullable(),
  choice: model.json().nullable(),
  fee: model.json().nullable(),
});
