import { model } from '@medusajs/framework/utils';

/** How far the sweep has looked for changes. */
export const OrderguardMark = model.define('orderguard_mark', {
  id: model.text().primaryKey(),
  until: model.dateTime(),
});
