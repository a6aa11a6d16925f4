import { rateOf, toMajor } from '../core/index.js';
import { factsOf, goodsOf, isTaxInside, PLATFORM, pricesOf, titleOf } from './cart_reader.js';
import { isFee, modesOf } from './fee_line.js';
import { count, ShopMoney } from './numbers.js';

const NAME_AT_MOST = 100;

/** What an order has to be loaded with. */
export const ORDER_FIELDS = [
  'id', 'display_id', 'status', 'is_draft_order', 'currency_code', 'region_id', 'sales_channel_id', 'email',
  'created_at', 'updated_at', 'total', 'tax_total', 'shipping_total', 'shipping_subtotal', 'metadata',
  'items.*', 'items.detail.*', 'items.tax_lines.*', 'items.adjustments.*',
  'items.product.id', 'items.product.tags.value', 'items.product.collection.handle',
  'items.product.categories.handle',
  'shipping_methods.*', 'shipping_methods.tax_lines.*', 'shipping_methods.adjustments.*',
  'payment_collections.*', 'payment_collections.payments.*', 'payment_collections.payments.refunds.*',
]; // prettier-ignore

/** What a return has to be loaded with. */
export const RETURN_FIELDS = ['id', 'status', 'order_id', 'created_at', 'items.*'];

/**
 * The body of `PUT /api/v1/orders`: the whole order as it is now.
 *
 * @param {any} order with `ORDER_FIELDS`
 * @param {object} more
 * @param {string} more.status
 * @param {string | null} more.session
 * @param {boolean | undefined} more.pricesWithTax the shop's setting
 * @param {any[]} more.returns of this order, with `RETURN_FIELDS`
 * @param {((order: any, refund: any) => boolean) | undefined} more.isFeeRefund
 */
export function readOrder(order, { status, session, pricesWithTax, returns, isFeeRefund }) {
  const money = new ShopMoney(order.currency_code);
  const fees = order.items.filter((item) => isFee(item) && count(item.quantity) > 0);
  // The fee says how the shopper saw prices, also after the shop's setting changed.
  const isTaxShown = fees.length ? Boolean(fees[0].is_tax_inclusive) : (pricesWithTax ?? isTaxInside(order));
  const shown = (amount) => ({ amount: toMajor(Math.max(0, amount), money.currency), currency_code: money.currency });
  const view = { order, money, fees, isTaxShown, shown };
  return {
    external_id: order.id,
    name: `#${order.display_id ?? order.id}`.slice(0, NAME_AT_MOST),
    status,
    source: PLATFORM,
    taxes_included: isTaxShown,
    total_price: shown(money.toMinor(order.total)),
    total_taxes: shown(money.toMinor(order.tax_total)),
    total_shipping: shown(money.toMinor(isTaxShown ? order.shipping_total : order.shipping_subtotal)),
    line_items: goodsOf(order).map((item) => ({
      external_id: item.id,
      title: titleOf(item),
      quantity: count(item.quantity),
      unit_price: { amount: unitOf(item, view), currency_code: money.currency },
      sku: item.variant_sku || undefined,
      variant: item.variant_id ? { external_id: item.variant_id } : undefined,
      product: item.product_id ? { external_id: item.product_id } : undefined,
      ...factsOf(item),
    })),
    fees: fees.map((item) => ({
      name: String(item.title).slice(0, NAME_AT_MOST),
      accepted_offer_mode: modesOf(item),
      amount: shown(money.toMinor(item.unit_price) * count(item.quantity)),
    })),
    refunds: refundsOf(view, returns, isFeeRefund),
    metadata: session ? [{ key: 'session_id', value: session }] : [],
    created_at: new Date(order.created_at).toISOString(),
  };
}

/** Medusa's totals of a line are those of the pieces that are still with the shopper. */
function unitOf(item, { money, isTaxShown }) {
  const { return_received_quantity, return_dismissed_quantity } = item.detail ?? {};
  const kept = count(item.quantity) - count(return_received_quantity) - count(return_dismissed_quantity);
  const { totalPrice } = pricesOf(item, money, isTaxShown);
  if (kept > 0 && totalPrice > 0) return rateOf(totalPrice, kept, money.currency);
  return toMajor(money.toMinor(item.unit_price), money.currency);
}

/**
 * Medusa keeps goods that came back and money that went back apart. Goods count as refunded once money went back,
 * the earliest return first; the rest of the money is our fee when it is exactly our fee, and other money otherwise.
 */
function refundsOf(view, returns, isFeeRefund) {
  const { order, money, fees, isTaxShown, shown } = view;
  const back = order.payment_collections
    .filter(Boolean)
    .flatMap((collection) => (collection.payments ?? []).flatMap((payment) => payment.refunds ?? []))
    .sort(byTime);
  let left = back.reduce((sum, refund) => sum + money.toMinor(refund.amount), 0);
  let covered = 0;
  const entries = [];
  for (const { id, created_at, lines } of receivedIn(returns, order)) {
    const goods = lines.reduce((sum, { item, quantity }) => sum + grossOf(item, quantity, view), 0);
    const amount = Math.min(left, goods);
    if (amount <= 0) continue;
    left -= amount;
    covered += amount;
    const net = lines.reduce((sum, { item, quantity }) => sum + netOf(item, quantity, view), 0);
    const line_items = lines.map(({ item, quantity }) => ({ external_id: item.id, quantity }));
    const told = isTaxShown ? amount : Math.min(amount, net);
    entries.push({ external_id: id, type: 'line_item', amount: shown(told), line_items, created_at: iso(created_at) });
  }
  const fee = fees[0];
  for (const refund of back) {
    const forGoods = Math.min(covered, money.toMinor(refund.amount));
    covered -= forGoods;
    const rest = money.toMinor(refund.amount) - forGoods;
    if (rest <= 0) continue;
    const isOurs = fee && (isFeeRefund?.(order, refund) ?? rest === money.toMinor(fee.total));
    const amount = isOurs ? shown(money.toMinor(fee.unit_price) * count(fee.quantity)) : shown(rest);
    entries.push({ external_id: refund.id, type: isOurs ? 'fee' : 'other', amount, created_at: iso(refund.created_at) });
  }
  return entries;
}

/** The pieces that came back, per return; the fee is no piece. */
function receivedIn(returns, order) {
  return [...returns].sort(byTime).flatMap(({ id, created_at, items }) => {
    const lines = (items ?? []).flatMap(({ item_id, received_quantity }) => {
      const item = order.items.find((each) => each.id === item_id);
      const quantity = count(received_quantity);
      return item && !isFee(item) && quantity > 0 ? [{ item, quantity }] : [];
    });
    return lines.length ? [{ id, created_at, lines }] : [];
  });
}

/** What pieces cost with tax, which is what goes back for them. */
const grossOf = (item, quantity, view) => piecesOf(item, quantity, { ...view, isTaxShown: true });
const netOf = (item, quantity, view) => piecesOf(item, quantity, { ...view, isTaxShown: false });

function piecesOf(item, quantity, view) {
  return Math.round(Number(unitOf(item, view)) * quantity * 10 ** decimalsOf(view.money));
}

const decimalsOf = (money) => (toMajor(0, money.currency).split('.')[1] ?? '').length;
const byTime = (one, other) => new Date(one.created_at).getTime() - new Date(other.created_at).getTime();
const iso = (time) => new Date(time).toISOString();
