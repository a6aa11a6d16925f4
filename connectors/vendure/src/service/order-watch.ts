import { Injectable, type OnApplicationBootstrap } from '@nestjs/common';
import {
  EventBus,
  type ID,
  Logger,
  OrderEvent,
  OrderLineEvent,
  OrderStateTransitionEvent,
  RefundStateTransitionEvent,
  type RequestContext,
} from '@vendure/core';

import { loggerCtx } from '../constants';
import { ReportService } from './report.service';
import { messageOf } from './settings';

/** States in which an order is a cart; carts are not reported. */
const CARTS = ['Created', 'Draft', 'AddingItems', 'ArrangingPayment'];

/** Hears what happens to placed orders, once it is committed. @internal */
@Injectable()
export class OrderWatch implements OnApplicationBootstrap {
  constructor(
    private readonly events: EventBus,
    private readonly reports: ReportService,
  ) {}

  onApplicationBootstrap(): void {
    this.events.ofType(OrderStateTransitionEvent).subscribe(({ ctx, order, fromState, toState }) => {
      const isCart = CARTS.includes(toState) || (toState === 'Cancelled' && CARTS.includes(fromState));
      if (!isCart) this.note(ctx, order.id);
    });
    this.events.ofType(RefundStateTransitionEvent).subscribe(({ ctx, order }) => this.note(ctx, order.id));
    // Pieces are cancelled without a new state of the order.
    this.events.ofType(OrderLineEvent).subscribe(({ ctx, order, type }) => {
      if (type === 'cancelled') this.note(ctx, order.id);
    });
    this.events.ofType(OrderEvent).subscribe(({ ctx, order, type }) => {
      if (type === 'deleted') this.doQuietly(() => this.reports.noteDeletion(order.id));
      else if (type === 'updated' && order.orderPlacedAt) this.note(ctx, order.id);
    });
  }

  private note(ctx: RequestContext, orderId: ID): void {
    this.doQuietly(() => this.reports.noteChange(ctx, orderId));
  }

  /** The sweep finds what could not be noted. */
  private doQuietly(work: () => Promise<void>): void {
    work().catch((error) => Logger.error(`A change was not noted: ${messageOf(error)}`, loggerCtx));
  }
}
