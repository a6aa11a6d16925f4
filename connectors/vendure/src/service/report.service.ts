import { Injectable, type OnModuleInit } from '@nestjs/common';
import {
  ChannelService,
  EventBus,
  HistoryService,
  type ID,
  type JobQueue,
  JobQueueService,
  Logger,
  Order,
  RequestContext,
  RequestContextService,
  TransactionalConnection,
} from '@vendure/core';
import type { HistoryEntryType } from '@vendure/common/lib/generated-types';
import { IsNull, Not } from 'typeorm';

import { explained, outcomeOf, sentenceOf, toWire } from '../core';
import type { Said } from '../core/http';
import { loggerCtx, QUEUE } from '../constants';
import { OrderguardReport } from '../entity/report.entity';
import { OrderguardPushRefusedEvent } from '../event/push-refused.event';
import { FeeService } from './fee.service';
import { ShopMoney } from './money';
import { fingerprintOf, ORDER_RELATIONS, OrderReader } from './order-reader';
import { Server } from './server';
import { type Connection, messageOf, Settings } from './settings';
import { stateOf } from './states';

/** `same`: Orderguard has it already, or need not know. `unconnected`: the channel has no keys. */
export type Pushed = 'taken' | 'refused' | 'later' | 'silent' | 'same' | 'unconnected';

type Work = { orderId: ID; isSweep?: false } | { orderId?: undefined; isSweep: true };

/**
 * Reports orders. A push is the whole order as it is when the job runs, so ten events are one push and a repeated one
 * changes nothing. The mark in `orderguard_report`, not the queue, is the truth.
 *
 * @category Services
 */
@Injectable()
export class ReportService implements OnModuleInit {
  private queue?: JobQueue<any>;
  private sweep?: () => Promise<unknown>;

  /** @internal */
  constructor(
    private readonly connection: TransactionalConnection,
    private readonly contexts: RequestContextService,
    private readonly channels: ChannelService,
    private readonly history: HistoryService,
    private readonly events: EventBus,
    private readonly queues: JobQueueService,
    private readonly settings: Settings,
    private readonly server: Server,
    private readonly reader: OrderReader,
  ) {}

  /** @internal */
  async onModuleInit(): Promise<void> {
    this.queue = await this.queues.createQueue<any>({ name: QUEUE, process: ({ data }) => this.work(data as Work) });
  }

  /** Told by the sweep what a sweep is; it needs this service. @internal */
  whenSwept(sweep: () => Promise<unknown>): void {
    this.sweep = sweep;
  }

  /** Something happened to a placed order: it is marked, and the queue looks at it. @internal */
  async noteChange(ctx: RequestContext, orderId: ID): Promise<void> {
    const order = await this.connection.getRepository(ctx, Order).findOne({ where: { id: orderId }, relations: { channels: true } });
    if (!order || order.type === 'Seller') return;
    const known = await this.find(ctx, orderId);
    if (!known && !(await this.settings.connection(ctx))) return;
    const report = known ?? (await this.begin(ctx, order, ctx.channelId));
    await this.connection.getRepository(ctx, OrderguardReport).update(report.id as any, { isDue: true, changes: report.changes + 1 });
    await this.queue?.add({ orderId });
  }

  /** An order was deleted here for good; its number is all that is left of it. @internal */
  async noteDeletion(orderId: ID): Promise<void> {
    const report = await this.find(RequestContext.empty(), orderId);
    if (report) await this.queue?.add({ orderId });
  }

  /**
   * Pushes an order again, such as an order that was refused before the reason was removed.
   *
   * @returns whether there is such an order
   */
  async pushAgain(ctx: RequestContext, orderId: ID): Promise<boolean> {
    const order = await this.connection.getRepository(ctx, Order).findOne({ where: { id: orderId }, relations: { channels: true } });
    if (!order) return false;
    const report = (await this.find(ctx, orderId)) ?? (await this.begin(ctx, order, ctx.channelId));
    await this.connection.getRepository(ctx, OrderguardReport).update(report.id as any, {
      isDue: true,
      isRefused: false,
      pushed: report.pushed && 'again',
      changes: report.changes + 1,
    });
    await this.queue?.add({ orderId });
    return true;
  }

  /** @internal */
  async sweepSoon(): Promise<void> {
    await this.queue?.add({ isSweep: true });
  }

  /** How reporting goes, from the marks on record. */
  async health(ctx: RequestContext): Promise<object> {
    const reports = this.connection.getRepository(ctx, OrderguardReport);
    const [waiting, refused, last, failed] = await Promise.all([
      reports.count({ where: { isDue: true } }),
      reports.count({ where: { isRefused: true } }),
      reports.findOne({ where: { pushedAt: Not(IsNull()) }, order: { pushedAt: 'DESC' } }),
      reports.findOne({ where: { why: Not(IsNull()) }, order: { updatedAt: 'DESC' } }),
    ]);
    return {
      connected: (await this.settings.connection(ctx)) !== null,
      waiting,
      refused,
      lastPushedAt: last?.pushedAt,
      lastFailureAt: failed?.updatedAt,
      lastFailure: failed && `${failed.code}: ${failed.why}`,
    };
  }

  /** Reports one order now. @internal */
  async push(orderId: ID): Promise<Pushed> {
    const report = await this.find(RequestContext.empty(), orderId);
    const order = await this.connection.rawConnection.getRepository(Order).findOne({ where: { id: orderId }, relations: ORDER_RELATIONS });
    if (!order) return report ? this.pushDeletion(report) : 'same';
    const channelId = report?.channelId ?? sellingChannel(order);
    const ctx = await this.contextOf(channelId, order);
    if (!ctx) return 'same';
    const marked = report ?? (await this.begin(ctx, order, channelId));
    return this.pushOrder(ctx, order, marked);
  }

  private async work(work: Work): Promise<unknown> {
    if (work.isSweep) return this.sweep?.();
    const before = await this.find(RequestContext.empty(), work.orderId);
    const pushed = await this.push(work.orderId);
    // After an outage the first order that gets through brings the others along.
    if (pushed === 'taken' && before?.why) await this.sweepSoon();
    if (pushed !== 'later' && pushed !== 'silent') return { pushed };
    const { why } = (await this.find(RequestContext.empty(), work.orderId)) ?? {};
    // The admin shows the job as failed; the sweep repeats it.
    throw new Error(why ?? pushed);
  }

  private async pushOrder(ctx: RequestContext, order: Order, report: OrderguardReport): Promise<Pushed> {
    const connection = await this.settings.connection(ctx);
    if (!connection) {
      // At the end of the line, so that the orders of other channels are not kept waiting.
      await this.connection.rawConnection.getRepository(OrderguardReport).update(report.id as any, { isDue: true });
      return 'unconnected';
    }
    const state = stateOf(order, this.settings.options.coverAuthorized ?? false);
    const status = state && toWire(state, report.pushed !== '');
    if (!status || !ShopMoney.isKnown(order.currencyCode)) return this.done(report, order, {}, 'same');
    const body = await this.reader.body(ctx, order, status);
    const fingerprint = fingerprintOf(body);
    if (fingerprint === report.pushed) return this.done(report, order, { why: null }, 'same');
    const said = await this.server.pushOrder(connection, body);
    const outcome = outcomeOf(said.status, said.body);
    if (outcome === 'later') return this.noteLater(report, said);
    if (outcome === 'refused') return this.noteRefused(ctx, order, report, said);
    const marks = { pushed: fingerprint, pushedAt: new Date(), isRefused: false, why: null };
    return this.done(report, order, marks, 'taken');
  }

  private async pushDeletion(report: OrderguardReport): Promise<Pushed> {
    const reports = this.connection.rawConnection.getRepository(OrderguardReport);
    const ctx = await this.contextOf(report.channelId);
    const connection: Connection | null = ctx && (await this.settings.connection(ctx));
    if (report.pushed && connection) {
      const said = await this.server.deleteOrder(connection, report.code);
      if (![200, 204, 404].includes(said.status)) return this.noteLater(report, said);
    }
    await reports.delete(report.id as any);
    return 'taken';
  }

  /** The marks of a push that is over. A change meanwhile has a job of its own, and stays due. */
  private async done(report: OrderguardReport, order: Order, marks: Partial<OrderguardReport>, pushed: Pushed): Promise<Pushed> {
    const reports = this.connection.rawConnection.getRepository(OrderguardReport);
    const refunds = order.payments.flatMap((payment) => payment.refunds ?? []);
    const changed = [order, ...refunds].map(({ updatedAt }) => updatedAt.getTime());
    // Vendure's columns may be finer than a JavaScript date.
    const seenAt = new Date(Math.max(...changed) + 1);
    await reports.update(report.id as any, { ...marks, seenAt });
    await reports.update({ id: report.id as any, changes: report.changes }, { isDue: false });
    return pushed;
  }

  private async noteLater(report: OrderguardReport, said: Said): Promise<Pushed> {
    const why = explained(said);
    Logger.warn(`Order ${report.code} waits: ${why}`, loggerCtx);
    await this.connection.rawConnection.getRepository(OrderguardReport).update(report.id as any, { isDue: true, why });
    return [0, 401, 403, 404, 429, 503].includes(said.status) ? 'silent' : 'later';
  }

  private async noteRefused(ctx: RequestContext, order: Order, report: OrderguardReport, said: Said): Promise<Pushed> {
    const why = sentenceOf(said.status, said.body);
    const isNews = report.why !== why;
    await this.done(report, order, { isRefused: true, why }, 'refused');
    if (isNews && FeeService.of(order).length) await this.tell(ctx, order, why);
    return 'refused';
  }

  private async tell(ctx: RequestContext, order: Order, why: string): Promise<void> {
    const note =
      `Orderguard does not have this order (${why}), so its protection is not covered yet. ` +
      'When the reason is gone, push it again: mutation orderguardPush.';
    try {
      const type = 'ORDER_NOTE' as HistoryEntryType.ORDER_NOTE;
      await this.history.createHistoryEntryForOrder({ ctx, orderId: order.id, type, data: { note } }, false);
      await this.events.publish(new OrderguardPushRefusedEvent(ctx, order, why));
    } catch (error) {
      Logger.error(`${order.code}: ${note} ${messageOf(error)}`, loggerCtx);
    }
  }

  private find(ctx: RequestContext, orderId: ID): Promise<OrderguardReport | null> {
    return this.connection.getRepository(ctx, OrderguardReport).findOne({ where: { orderId } });
  }

  /** The first mark of an order. Another process may have set it a moment ago. */
  private async begin(ctx: RequestContext, order: Order, channelId: ID): Promise<OrderguardReport> {
    const reports = this.connection.getRepository(ctx, OrderguardReport);
    const isHere = order.channels.some(({ id }) => String(id) === String(channelId));
    const channel = isHere ? channelId : sellingChannel(order);
    try {
      return await reports.save(new OrderguardReport({ orderId: order.id, channelId: channel, code: order.code }));
    } catch (error) {
      const others = await this.find(ctx, order.id);
      if (!others) throw error;
      return others;
    }
  }

  private async contextOf(channelId: ID, order?: Order): Promise<RequestContext | null> {
    const channel = await this.channels.findOne(RequestContext.empty(), channelId);
    if (!channel) return null;
    return this.contexts.create({ apiType: 'admin', channelOrToken: channel, currencyCode: order?.currencyCode });
  }
}

/** An order is in the default channel and in the channel that sold it. */
function sellingChannel(order: Order): ID {
  const [first, ...rest] = order.channels;
  return (rest.find(({ code }) => code !== '__default_channel__') ?? first).id;
}
