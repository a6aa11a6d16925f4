import { createHash } from 'node:crypto';

import { Injectable } from '@nestjs/common';
import { type ID, Logger, Order, OrderService, type RequestContext, TransactionalConnection } from '@vendure/core';

import { afterClick, afterOffer, NO_CHOICE } from '../core';
import type { Answer } from '../core/answer';
import type { Choice } from '../core/choice';
import type { Terms, WhyNot } from '../core/terms';
import { loggerCtx } from '../constants';
import { fieldsOf, type Memory, memoryOf } from '../memory';
import { CartReader } from './cart-reader';
import { inCurrencyOf } from './currency';
import { FeeService } from './fee.service';
import { ShopMoney } from './money';
import { Server } from './server';
import { type Connection, Settings } from './settings';

/** A change of prices or rules in Orderguard is seen within this time. */
const FRESH_MS = 180_000;
/** While Orderguard is silent, an answer for this very cart stays usable this long. */
const USABLE_MS = 1_800_000;
/** A cart that keeps changing under our hands is left to the change that follows. */
const ATTEMPTS = 3;

export const RELATIONS = [
  'lines',
  'lines.productVariant',
  'lines.productVariant.productVariantPrices',
  'shippingLines',
  'shippingLines.shippingMethod',
  'surcharges',
  'customer',
];

/** What a storefront shows. */
export interface Seen {
  /** Null: show nothing. */
  offer: Terms | null;
  accepted: boolean;
  /** Why a yes is none any more. */
  notice: WhyNot | null;
  /** Why there is no offer; a word for the storefront's log. */
  reason: string;
  orderId: ID;
}

/** Orderguard's word on one state of a cart. */
interface Heard {
  asked: string;
  at: number;
  answer: Answer | null;
  offer: Terms | null;
  reason: string;
}

type Change = (choice: Choice, offer: Terms | null) => Choice;

/** Offers for active orders: asked for, remembered, and put on the order as a fee once agreed to. @internal */
@Injectable()
export class OfferService {
  constructor(
    private readonly connection: TransactionalConnection,
    private readonly orders: OrderService,
    private readonly settings: Settings,
    private readonly server: Server,
    private readonly cart: CartReader,
    private readonly fees: FeeService,
  ) {}

  /** The offer for a cart as it is now; the fee of an accepted offer follows it. */
  look(ctx: RequestContext, orderId: ID): Promise<Seen> {
    return this.bring(ctx, orderId, afterOffer, false);
  }

  /** The shopper's click. `shown` names the terms that the page showed. */
  async choose(ctx: RequestContext, orderId: ID, isYes: boolean, shown: string): Promise<Seen> {
    const clicked: Change = (choice, offer) => afterOffer(afterClick(choice, offer, isYes, shown), offer);
    return this.bring(ctx, orderId, clicked, false);
  }

  /**
   * The cart changed. Without a yes, and without a fee, no offer is asked for: the storefront asks when it shows the offer.
   *
   * @param carried a yes from a guest's cart that was merged into this one
   */
  async reprice(ctx: RequestContext, orderId: ID, carried: Terms | null = null): Promise<boolean> {
    const order = await this.load(ctx, orderId);
    if (!order || !isOpen(order) || (!carried && !isConcerned(order))) return false;
    const change: Change = (choice, offer) => afterOffer(carried ? withYes(choice, carried) : choice, offer);
    await this.bring(ctx, orderId, change, false);
    return true;
  }

  /**
   * Right before payment: asks once more, and corrects or drops the fee. Never refuses; the answer to the transition
   * shows the shopper the new total.
   *
   * @returns the order as it is now, or null when nothing of it changed
   */
  async settle(ctx: RequestContext, order: Order): Promise<Order | null> {
    const now = await this.load(ctx, order.id);
    if (!now?.active || !isConcerned(now)) return null;
    await this.bring(ctx, order.id, afterOffer, true);
    return (await this.load(ctx, order.id)) ?? null;
  }

  private async bring(ctx: RequestContext, orderId: ID, change: Change, isPlacing: boolean): Promise<Seen> {
    for (let attempt = 0; attempt < ATTEMPTS; attempt += 1) {
      const order = await this.load(ctx, orderId);
      if (!order) return { ...NOTHING, orderId };
      if (!isOpen(order) && !isPlacing) return asItIs(order);
      const heard = await this.hear(ctx, order, isPlacing);
      const seen = await this.connection.withTransaction(ctx, (tx) => this.write(tx, orderId, heard, change, isPlacing));
      if (seen) return seen;
    }
    const order = await this.load(ctx, orderId);
    return order ? asItIs(order) : { ...NOTHING, orderId };
  }

  /** Null when the cart is another one than Orderguard was asked about. */
  private async write(
    ctx: RequestContext,
    orderId: ID,
    heard: Heard,
    change: Change,
    isPlacing: boolean,
  ): Promise<Seen | null> {
    await this.lock(ctx, orderId);
    const order = await this.load(ctx, orderId);
    if (!order) return { ...NOTHING, orderId };
    if (!isOpen(order) && !isPlacing) return asItIs(order);
    if (heard.asked !== (await this.hashOf(ctx, order))) return null;
    const before = memoryOf(order);
    const { asked, at, answer, offer, reason } = heard;
    const choice = order.lines.length ? change(before.choice, offer) : NO_CHOICE;
    const memory: Memory = { asked, at, answer: answer ?? lastWord(before), choice };
    if (JSON.stringify(memory) !== JSON.stringify(before)) await this.keep(ctx, orderId, memory);
    await this.fees.put(inCurrencyOf(ctx, order), order, choice.agreed ? offer : null);
    return { offer, accepted: Boolean(choice.agreed), notice: choice.notice, reason, orderId };
  }

  /** The answer for this state of the cart: remembered, or asked for. */
  private async hear(ctx: RequestContext, order: Order, isPlacing: boolean): Promise<Heard> {
    const connection = await this.settings.connection(ctx);
    const asked = await this.hashOf(ctx, order);
    // Time zero: a missing answer is neither fresh nor usable.
    const nothing = { asked, at: 0, answer: null, offer: null };
    if (!connection) return { ...nothing, reason: 'not_connected' };
    if (!order.lines.length) return { ...nothing, reason: 'empty_cart' };
    if (!ShopMoney.isKnown(order.currencyCode)) return { ...nothing, reason: 'currency_not_supported' };
    const known = memoryOf(order);
    const age = known.asked === asked ? Date.now() - known.at : Infinity;
    if (!isPlacing && age < FRESH_MS && known.answer) return this.heard(asked, known.at, known.answer, order);
    const answer = await this.ask(ctx, connection, order);
    if (answer === 'refused') return { ...nothing, reason: 'refused' };
    if (answer !== 'silent') return this.heard(asked, Date.now(), answer, order);
    if (age < USABLE_MS && known.answer) return this.heard(asked, known.at, known.answer, order);
    return { ...nothing, reason: 'no_answer' };
  }

  private heard(asked: string, at: number, answer: Answer, order: Order): Heard {
    const { offer, reason } = answer;
    const heard = { asked, at, answer };
    if (!offer) return { ...heard, offer, reason };
    if (offer.currency !== order.currencyCode) return { ...heard, offer: null, reason: 'currency_not_supported' };
    if (this.fees.isChargeable(offer)) return { ...heard, offer, reason: '' };
    Logger.warn(`No offer: this shop cannot charge ${offer.amount} minor units of ${offer.currency}.`, loggerCtx);
    return { ...heard, offer: null, reason: 'not_chargeable' };
  }

  private async ask(ctx: RequestContext, connection: Connection, order: Order): Promise<Answer | 'refused' | 'silent'> {
    return this.server.analyze(connection, await this.cart.request(ctx, order), ctx.req);
  }

  private async hashOf(ctx: RequestContext, order: Order): Promise<string> {
    const connection = await this.settings.connection(ctx);
    const body = await this.cart.request(ctx, order);
    return createHash('sha256')
      .update(JSON.stringify([connection?.url, connection?.cartKey, body]))
      .digest('hex')
      .slice(0, 32);
  }

  private load(ctx: RequestContext, orderId: ID): Promise<Order | undefined> {
    return this.orders.findOne(ctx, orderId, RELATIONS as any);
  }

  private async keep(ctx: RequestContext, orderId: ID, memory: Memory): Promise<void> {
    await this.connection.getRepository(ctx, Order).update(orderId as any, { customFields: fieldsOf(memory) });
  }

  /** Two requests of one shopper must not both add a fee. SQLite has no such lock, and one writer. */
  private async lock(ctx: RequestContext, orderId: ID): Promise<void> {
    try {
      await this.connection
        .getRepository(ctx, Order)
        .createQueryBuilder('order')
        .setLock('pessimistic_write')
        .where('order.id = :orderId', { orderId })
        .getOne();
    } catch (error) {
      if ((error as Error).name !== 'LockNotSupportedOnGivenDriverError') throw error;
    }
  }
}

const NOTHING = { offer: null, accepted: false, notice: null, reason: 'no_order' };

const isOpen = (order: Order): boolean => order.active && order.state === 'AddingItems';

/** Whether there is a yes, or a fee that a lost yes has left. */
const isConcerned = (order: Order): boolean =>
  memoryOf(order).choice.agreed !== null || FeeService.of(order).length > 0;

/** The session stays with the order when Orderguard is silent later. */
const lastWord = ({ answer }: Memory): Answer | null => answer && { ...answer, offer: null };

const withYes = (choice: Choice, carried: Terms): Choice =>
  choice.agreed ? choice : { agreed: carried, notice: null };

/** Once payment is being arranged, the order says which terms were agreed to, and nothing is asked. */
function asItIs(order: Order): Seen {
  const { answer, choice } = memoryOf(order);
  const [fee] = FeeService.of(order);
  const offer = fee ? (answer?.offer ?? null) : null;
  return { offer, accepted: Boolean(fee), notice: choice.notice, reason: offer ? '' : 'not_open', orderId: order.id };
}
