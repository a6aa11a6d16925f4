export type CoverageMode = 'returnCoverage' | 'shippingProtection';
export type DeliveryMethod = 'SHIPPING' | 'PICKUP' | 'DIGITAL';

/** What may be charged: minor units, and the modes exactly as they came. */
export interface Offer {
  readonly session: string;
  readonly amount: number;
  readonly currency: string;
  readonly modes: readonly string[];
}

export interface Answer {
  readonly session: string;
  readonly reason: string;
  /** Null: show no offer. */
  readonly offer: Offer | null;
}

export interface CartLine {
  readonly id: string;
  readonly productId: string;
  readonly title: string;
  readonly quantity: number;
  /** Minor units, after discounts. */
  readonly totalPrice: number;
  /** Minor units, before discounts. */
  readonly originalTotalPrice: number;
  readonly [member: string]: unknown;
}

export interface Money {
  /** An integer is minor units, a string is major units. */
  readonly amount: number | string;
  readonly currency_code?: string;
}

export interface OrderLine {
  readonly external_id: string;
  readonly title: string;
  readonly quantity: number;
  readonly unit_price: Money;
  readonly [member: string]: unknown;
}

export interface Fee {
  readonly name: string;
  readonly amount: Money;
  readonly accepted_offer_mode?: readonly string[] | null;
}

export interface Order {
  readonly external_id: string;
  readonly name?: string;
  readonly status?: 'active' | 'archived' | 'cancelled' | 'pending' | 'refunded' | 'unknown';
  readonly taxes_included?: boolean;
  readonly total_price?: Money;
  readonly line_items?: readonly OrderLine[];
  readonly fees?: readonly Fee[];
  readonly metadata?: ReadonlyArray<{ readonly key: string; readonly value: string }>;
  readonly [member: string]: unknown;
}

export interface Coverage {
  readonly mode: CoverageMode;
  readonly state: string;
  /** The most that can be claimed, in minor units. */
  readonly amount: { readonly amount: number; readonly currency_code: string };
}

export interface PushedOrder {
  readonly acceptance: { readonly outcome: string; readonly verdict: string | null };
  readonly coverages: readonly Coverage[];
  readonly warnings: ReadonlyArray<{ readonly code: string; readonly message: string }>;
  readonly [member: string]: unknown;
}

export interface Settings {
  readonly url: string;
  /** A key of the scope `cart`. */
  readonly cartKey: string;
  /** A key of the scope `orders`. */
  readonly ordersKey: string;
  /** How long a checkout waits for an offer: 800 by default. */
  readonly budgetMs?: number;
  readonly fetch?: typeof fetch;
  readonly sleep?: (seconds: number) => Promise<void>;
}

/** Keep one for the life of the process. */
export class Orderguard {
  constructor(settings: Settings);
  /** The offer for a cart, within the budget. Null after any failure: checkout goes on without one. Never throws. */
  analyze(question: Readonly<Record<string, unknown>>): Promise<Answer | null>;
  /** Push up to four times. Throws `OrderRefused`, or `OrderNotPushed`: keep the order and push it again. */
  pushOrder(order: Order): Promise<PushedOrder>;
}

export class OrderNotPushed extends Error {}

/** The order itself is wrong; pushing the same again cannot help. */
export class OrderRefused extends Error {
  readonly status: number;
  readonly body: unknown;
}

/** The order with the fee and the session; without an offer, only with the session: the shopper declined. */
export function withProtection(order: Order, offer: Offer | null, session?: string): Order;

/** The body of an analysis. Amounts are minor units, one delivery method per package. */
export function cartRequest(cart: {
  readonly platform: string;
  readonly currency: string;
  readonly lines: readonly CartLine[];
  readonly taxes: number;
  readonly deliveryMethods: readonly DeliveryMethod[];
  readonly more: Readonly<Record<string, unknown>>;
}): Record<string, unknown>;

export function regionOf(country: string, subdivision?: string): { country: string; subdivision?: string };
/** `"4.50"` USD is 450. */
export function toMinor(amount: string | number, currency: string): number;
/** 450 USD is `"4.50"`. */
export function toMajor(amount: number, currency: string): string;
