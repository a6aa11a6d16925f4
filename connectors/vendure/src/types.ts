import type { Order, Refund, RequestContext, ShippingLine } from '@vendure/core';

import type { DeliveryMethod } from './core/cart_request';

/**
 * A setting, or a function that says it for a request. A function lets every channel have keys of its own.
 *
 * @category Options
 */
export type Setting<T> = T | ((ctx: RequestContext) => T | undefined | Promise<T | undefined>);

/**
 * Without `url`, `cartKey` and `ordersKey` the plugin is silent: shoppers see nothing, and nothing is sent.
 *
 * @category Options
 */
export interface OrderguardPluginOptions {
  /** The address of the Orderguard server, such as `https://orderguard.example.com`. */
  url?: Setting<string>;
  /** A key of scope `cart`. */
  cartKey?: Setting<string>;
  /** A key of scope `orders`. */
  ordersKey?: Setting<string>;
  /** ISO 3166 code of the country of shoppers who have not told theirs, such as `US`. */
  country: Setting<string>;
  /**
   * Whether the storefront shows prices with tax. Prices are quoted, charged and reported as it shows them.
   *
   * @default `pricesIncludeTax` of the channel
   */
  pricesWithTax?: Setting<boolean>;
  /**
   * The name of the tax category of the fee. Its rate in the tax zone of the order is applied. Where prices are shown
   * with tax, the price of the offer contains it.
   *
   * @default not taxed
   */
  feeTaxCategory?: Setting<string>;
  /**
   * What the fee is called on the order.
   *
   * @default 'Order protection'
   */
  feeName?: Setting<string>;
  /**
   * How one shipping line reaches the shopper.
   *
   * @default `PICKUP` when the code of the shipping method contains `pickup` or `pick-up`, otherwise `SHIPPING`
   */
  deliveryMethod?: (ctx: RequestContext, order: Order, line: ShippingLine) => DeliveryMethod | Promise<DeliveryMethod>;
  /**
   * Whether an authorized payment counts as paid: covered and billed from then on.
   *
   * @default false
   */
  coverAuthorized?: boolean;
  /**
   * Whether money that was given back without lines is our fee.
   *
   * @default when the amount is exactly the fee
   */
  isFeeRefund?: (order: Order, refund: Refund) => boolean;
  /** Changes the body of `POST /v1/analyze`, for example to add `customer.isB2B`. */
  cartRequest?: (ctx: RequestContext, order: Order, body: Record<string, any>) => Record<string, any>;
  /** Changes the body of `PUT /api/v1/orders`. */
  orderRequest?: (ctx: RequestContext, order: Order, body: Record<string, any>) => Record<string, any>;
  /**
   * How long a page may wait for an offer, in milliseconds.
   *
   * @default 800
   */
  offerTimeoutMs?: number;
  /**
   * How long a push of an order may take, in milliseconds. No shopper waits for it.
   *
   * @default 10_000
   */
  orderTimeoutMs?: number;
}
