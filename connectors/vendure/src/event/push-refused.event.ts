import { type Order, type RequestContext, VendureEvent } from '@vendure/core';

/**
 * Orderguard read an order and refuses it, so a protection that was paid for is not covered. Subscribe to it to send an
 * alert; the order has a note as well.
 *
 * @category Events
 */
export class OrderguardPushRefusedEvent extends VendureEvent {
  constructor(
    public ctx: RequestContext,
    public order: Order,
    /** Orderguard's sentence. */
    public why: string,
  ) {
    super();
  }
}
