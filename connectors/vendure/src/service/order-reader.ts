import { createHash } from 'node:crypto';

import { Injectable } from '@nestjs/common';
import { ConfigService, idsAreEqual, type Order, type OrderLine, type Refund, type RequestContext } from '@vendure/core';

import { rateOf, toMajor } from '../core';
import { PLATFORM } from '../constants';
import { CartReader, TITLE_AT_MOST } from './cart-reader';
import { FeeService } from './fee.service';
import { ShopMoney } from './money';
import { Settings } from './settings';

const NAME_AT_MOST = 100;

/** What an order has to be loaded with. */
export const ORDER_RELATIONS = {
  lines: { productVariant: { translations: true } },
  surcharges: true,
  shippingLines: true,
  channels: true,
  payments: { refunds: { lines: true } },
} as const;

type Money = { amount: string; currency_code: string };

/** A placed order as Orderguard reads it: as it was charged. @internal */
@Injectable()
export class OrderReader {
  constructor(
    private readonly config: ConfigService,
    private readonly settings: Settings,
    private readonly cart: CartReader,
  ) {}

  /** The body of `PUT /api/v1/orders`: the whole order as it is now. */
  async body(ctx: RequestContext, order: Order, status: string): Promise<Record<string, any>> {
    const [fee] = FeeService.of(order);
    // The fee says how the shopper saw prices, also after the shop's setting changed.
    const isTaxShown = fee ? fee.listPriceIncludesTax : await this.settings.isTaxShown(ctx);
    const pieces = order.lines.map((line) => ({ line, ...piecesOf(order, line) })).filter(({ pushed }) => pushed > 0);
    const facts = await this.cart.factsOf(ctx, order.lines);
    const session = order.customFields.orderguardSession;
    const body = {
      external_id: order.code,
      name: order.code.slice(0, NAME_AT_MOST),
      status,
      source: PLATFORM,
      taxes_included: isTaxShown,
      total_price: this.money(order, order.totalWithTax),
      total_taxes: this.money(order, order.totalWithTax - order.total),
      total_shipping: this.money(order, isTaxShown ? order.shippingWithTax : order.shipping),
      line_items: pieces.map(({ line, pushed }) => ({
        external_id: String(line.id),
        title: titleOf(ctx, line),
        quantity: pushed,
        unit_price: this.rate(order, line, isTaxShown),
        sku: line.productVariant.sku || undefined,
        variant: { external_id: String(line.productVariantId) },
        product: { external_id: String(line.productVariant.productId) },
        ...facts.get(String(line.productVariantId)),
      })),
      fees: FeeService.of(order).map((each) => ({
        name: each.description.slice(0, NAME_AT_MOST),
        accepted_offer_mode: FeeService.modesOf(each),
        amount: this.money(order, isTaxShown ? each.priceWithTax : each.price),
      })),
      refunds: settledRefunds(order).flatMap((refund) => this.refund(order, refund, isTaxShown)),
      metadata: session ? [{ key: 'session_id', value: session }] : [],
      created_at: order.createdAt.toISOString(),
    };
    return this.settings.options.orderRequest?.(ctx, order, body) ?? body;
  }

  /**
   * One refund of Vendure is up to three of Orderguard: the goods that it names, our fee, and other money. Vendure does
   * not say what money without lines was for; when it is exactly our fee, it is our fee.
   */
  private refund(order: Order, refund: Refund, isTaxShown: boolean): object[] {
    const id = String(refund.id);
    const created_at = refund.createdAt.toISOString();
    const named = (refund.lines ?? []).flatMap(({ orderLineId, quantity }) => {
      const line = order.lines.find((each) => idsAreEqual(each.id, orderLineId));
      return line && quantity > 0 ? [{ line, quantity }] : [];
    });
    const sum = (isGross: boolean) =>
      named.reduce((total, { line, quantity }) => total + quantity * unitOf(line, isGross), 0);
    const goods = Math.min(refund.total, sum(true));
    const rest = refund.total - goods - Math.min(refund.shipping ?? 0, refund.total - goods);
    const [fee] = FeeService.of(order);
    const isFee = fee && (this.settings.options.isFeeRefund?.(order, refund) ?? rest === fee.priceWithTax);
    const entries: object[] = [];
    if (named.length) {
      entries.push({
        external_id: id,
        type: 'line_item',
        amount: this.money(order, isTaxShown ? goods : Math.min(goods, sum(false))),
        line_items: named.map(({ line, quantity }) => ({ external_id: String(line.id), quantity })),
        created_at,
      });
    }
    if (isFee) {
      const amount = this.money(order, isTaxShown ? fee.priceWithTax : fee.price);
      entries.push({ external_id: `${id}-fee`, type: 'fee', amount, created_at });
    } else if (refund.total - goods > 0) {
      const amount = this.money(order, refund.total - goods);
      entries.push({ external_id: `${id}-other`, type: 'other', amount, created_at });
    }
    return entries;
  }

  private rate(order: Order, line: OrderLine, isTaxShown: boolean): Money {
    const money = new ShopMoney(this.config, order.currencyCode);
    const { quantity } = line;
    const total = isTaxShown ? line.proratedLinePriceWithTax : line.proratedLinePrice;
    const amount = quantity
      ? rateOf(Math.max(0, money.toMinor(total)), quantity, order.currencyCode)
      : toMajor(Math.max(0, money.toMinor(unitOf(line, isTaxShown))), order.currencyCode);
    return { amount, currency_code: order.currencyCode };
  }

  private money(order: Order, amount: number): Money {
    const minor = new ShopMoney(this.config, order.currencyCode).toMinor(amount);
    return { amount: toMajor(minor, order.currencyCode), currency_code: order.currencyCode };
  }
}

/** A hash of a push; equal when there is nothing new to say. */
export const fingerprintOf = (body: object): string =>
  createHash('sha256').update(JSON.stringify(body)).digest('hex').slice(0, 32);

function titleOf(ctx: RequestContext, { productVariant }: OrderLine): string {
  const spoken = productVariant.translations.find(({ languageCode }) => languageCode === ctx.languageCode);
  return ((spoken ?? productVariant.translations[0])?.name ?? productVariant.sku).slice(0, TITLE_AT_MOST);
}

const unitOf = (line: OrderLine, isGross: boolean): number =>
  isGross ? line.proratedUnitPriceWithTax : line.proratedUnitPrice;

/**
 * Pieces can be cancelled, refunded, or both. Refunds are told as refunds; pieces that were only cancelled are not
 * on the order any more.
 */
function piecesOf(order: Order, line: OrderLine): { pushed: number } {
  const placed = Math.max(line.orderPlacedQuantity ?? 0, line.quantity);
  const refunded = settledRefunds(order)
    .flatMap((refund) => refund.lines ?? [])
    .filter(({ orderLineId }) => idsAreEqual(orderLineId, line.id))
    .reduce((sum, { quantity }) => sum + quantity, 0);
  return { pushed: placed - Math.max(0, placed - line.quantity - refunded) };
}

/** When a refund is spread over several payments, Vendure repeats its lines for each; here it is one refund again. */
function settledRefunds(order: Order): Refund[] {
  const found = new Map<string, Refund>();
  for (const payment of order.payments) {
    for (const refund of (payment.refunds ?? []).filter(({ state }) => state === 'Settled')) {
      const lines = (refund.lines ?? []).map(({ orderLineId, quantity }) => `${orderLineId}*${quantity}`);
      const second = Math.floor(refund.createdAt.getTime() / 10_000);
      const key = lines.length ? [second, refund.reason, ...lines.sort()].join() : String(refund.id);
      const first = found.get(key);
      const isSpread = first && !payment.refunds.some(({ id }) => idsAreEqual(id, first.id));
      if (isSpread) found.set(key, Object.assign(Object.create(first), { total: first.total + refund.total }));
      else found.set(first ? String(refund.id) : key, refund);
    }
  }
  return [...found.values()];
}
