import { model } from '@medusajs/framework/utils';

/** Where the report of one order stands, by the order's id. The row, not an event, is the truth. */
export const OrderguardReport = model.define('orderguard_report', {
  id: model.text().primaryKey(),
  name: model.text(),
  session: model.text().nullable(),
  /** Something is to be reported. */
  is_due: model.boolean().default(false),
  /** Counts what happened to the order, so that a change during a push is not taken for reported. */
  changes: model.number().default(0),
  /** A hash of what Orderguard has; empty when it has nothing. */
  pushed: model.text().default(''),
  pushed_at: model.dateTime().nullable(),
  /** Orderguard read the order and refuses it. */
  is_refused: model.boolean().default(false),
  /** Why the last push failed; null after a success. */
  why: model.text().nullable(),
  /** When the order was last read for a push. */
  seen_at: model.dateTime().nullable(),
});
