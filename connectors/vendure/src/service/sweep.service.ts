import { Injectable, type OnApplicationBootstrap } from '@nestjs/common';
import { type ID, Logger, Order, ProcessContext, RequestContext, TransactionalConnection } from '@vendure/core';

import { loggerCtx } from '../constants';
import { OrderguardReport } from '../entity/report.entity';
import { messageOf } from './settings';
import { type Pushed, ReportService } from './report.service';

const AT_ONCE = 200;

/**
 * Finds the orders that Orderguard should have and has not, for any reason: an outage, a lost job, a time without
 * the plugin. Runs when the server starts, every five minutes where the shop has a scheduler, and after an outage.
 *
 * @internal
 */
@Injectable()
export class SweepService implements OnApplicationBootstrap {
  constructor(
    private readonly connection: TransactionalConnection,
    private readonly process: ProcessContext,
    private readonly reports: ReportService,
  ) {}

  async onApplicationBootstrap(): Promise<void> {
    this.reports.whenSwept(() => this.run());
    if (!this.process.isServer) return;
    await this.reports.sweepSoon().catch((error) => Logger.error(`No sweep: ${messageOf(error)}`, loggerCtx));
  }

  /** Pushes what waits, the longest untried first, until Orderguard is silent. */
  async run(): Promise<Record<string, number>> {
    const count: Record<string, number> = {};
    for (const orderId of await this.find()) {
      const pushed: Pushed = await this.reports.push(orderId);
      count[pushed] = (count[pushed] ?? 0) + 1;
      if (pushed === 'silent') break;
    }
    return count;
  }

  private async find(): Promise<ID[]> {
    const [due, unseen] = [await this.due(), await this.unseen()];
    return [...new Set([...due, ...unseen])].slice(0, AT_ONCE);
  }

  /** Marked orders, and orders that were deleted without an event. */
  private async due(): Promise<ID[]> {
    const rows = await this.connection
      .getRepository(RequestContext.empty(), OrderguardReport)
      .createQueryBuilder('report')
      .leftJoin(Order, 'o', 'o.id = report.orderId')
      .where('report.isDue = :yes OR o.id IS NULL', { yes: true })
      .orderBy('report.updatedAt', 'ASC')
      .take(AT_ONCE)
      .getMany();
    return rows.map(({ orderId }) => orderId);
  }

  /**
   * Orders that changed, or had a refund, after they were last looked at; and placed orders that were never looked at,
   * since the first that was. Older ones are from before the plugin, unless they have an offer session.
   */
  private async unseen(): Promise<ID[]> {
    const first = await this.connection
      .getRepository(RequestContext.empty(), OrderguardReport)
      .findOne({ where: {}, order: { createdAt: 'ASC' } });
    const rows = await this.connection
      .getRepository(RequestContext.empty(), Order)
      .createQueryBuilder('o')
      .select('o.id', 'id')
      .leftJoin(OrderguardReport, 'report', 'report.orderId = o.id')
      .leftJoin('o.payments', 'payment')
      .leftJoin('payment.refunds', 'refund')
      .where('o.orderPlacedAt IS NOT NULL AND o.type != :seller', { seller: 'Seller' })
      .andWhere(
        '((report.id IS NULL AND (o.orderPlacedAt >= :since OR o.customFields.orderguardSession IS NOT NULL))' +
          ' OR (report.isDue = :no AND (o.updatedAt > report.seenAt OR refund.updatedAt > report.seenAt)))',
        { since: first?.createdAt ?? new Date(), no: false },
      )
      .groupBy('o.id')
      .orderBy('o.id', 'ASC')
      .limit(AT_ONCE)
      .getRawMany<{ id: ID }>();
    return rows.map(({ id }) => id);
  }
}
