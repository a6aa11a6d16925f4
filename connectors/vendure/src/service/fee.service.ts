import { Injectable } from '@nestjs/common';
import {
  ConfigService,
  idsAreEqual,
  Logger,
  type Order,
  OrderService,
  type RequestContext,
  Surcharge,
  TaxCategory,
  TaxRateService,
  TransactionalConnection,
  ZoneService,
} from '@vendure/core';

import type { Terms } from '../core/terms';
import { FEE_SKU, loggerCtx } from '../constants';
import { ShopMoney } from './money';
import { Settings } from './settings';

type Wanted = Pick<Surcharge, 'sku' | 'description' | 'listPrice' | 'listPriceIncludesTax' | 'taxLines'>;

/** The fee: one surcharge of the order. Its SKU says which modes were sold. @internal */
@Injectable()
export class FeeService {
  constructor(
    private readonly connection: TransactionalConnection,
    private readonly config: ConfigService,
    private readonly orders: OrderService,
    private readonly taxRates: TaxRateService,
    private readonly zones: ZoneService,
    private readonly settings: Settings,
  ) {}

  /** Our surcharges among the others; more than one only when two requests wrote at once. */
  static of(order: Order): Surcharge[] {
    return (order.surcharges ?? []).filter(({ sku }) => sku?.startsWith(FEE_SKU));
  }

  static modesOf(fee: Surcharge): string[] {
    return fee.sku.slice(FEE_SKU.length).split(',').filter(Boolean);
  }

  /**
   * Whether the shop can charge exactly this: a shop that counts in hundredths cannot charge 1.255 dinars.
   */
  isChargeable(terms: Terms): boolean {
    return new ShopMoney(this.config, terms.currency).fromMinor(terms.amount) !== null;
  }

  /**
   * Makes the order bear the fee for these terms, or none. Call it inside a transaction.
   *
   * @param order with lines, shipping lines and surcharges
   * @returns whether the order changed
   */
  async put(ctx: RequestContext, order: Order, terms: Terms | null): Promise<boolean> {
    const mine = FeeService.of(order);
    const wanted = terms && (await this.wanted(ctx, order, terms));
    const [kept, ...rest] = wanted ? mine : [undefined, ...mine];
    const isSame = wanted && kept && isEqual(kept, wanted);
    if (!rest.filter(Boolean).length && (isSame || !wanted)) return false;
    const repository = this.connection.getRepository(ctx, Surcharge);
    const others = order.surcharges.filter((each) => !mine.some(({ id }) => idsAreEqual(id, each.id)));
    if (wanted) {
      const fee = kept ? Object.assign(kept, wanted) : new Surcharge({ ...wanted, order });
      order.surcharges = [...others, await repository.save(fee)];
    } else {
      order.surcharges = others;
    }
    await this.orders.applyPriceAdjustments(ctx, order);
    await repository.remove(rest.filter((each) => each !== undefined));
    return true;
  }

  private async wanted(ctx: RequestContext, order: Order, terms: Terms): Promise<Wanted | null> {
    const listPrice = new ShopMoney(this.config, terms.currency).fromMinor(terms.amount);
    if (listPrice === null) return null;
    const description = await this.settings.read(ctx, this.settings.options.feeName, 'Order protection');
    return {
      sku: `${FEE_SKU}${terms.modes.join(',')}`,
      description,
      listPrice,
      listPriceIncludesTax: await this.settings.isTaxShown(ctx),
      taxLines: await this.taxLines(ctx, order),
    };
  }

  /** As Vendure taxes the goods: the category's rate in the tax zone of the order. */
  private async taxLines(ctx: RequestContext, order: Order): Promise<Surcharge['taxLines']> {
    const name = await this.settings.read(ctx, this.settings.options.feeTaxCategory, '');
    if (!name) return [];
    const category = await this.connection.getRepository(ctx, TaxCategory).findOne({ where: { name } });
    if (!category) {
      Logger.error(`There is no tax category "${name}"; the fee is not taxed.`, loggerCtx);
      return [];
    }
    const zones = await this.zones.getAllWithMembers(ctx);
    const { taxZoneStrategy } = this.config.taxOptions;
    const zone = (await taxZoneStrategy.determineTaxZone(ctx, zones, ctx.channel, order)) ?? ctx.channel.defaultTaxZone;
    if (!zone) return [];
    const rate = await this.taxRates.getApplicableTaxRate(ctx, zone, category);
    return rate.value ? [{ description: rate.name, taxRate: rate.value }] : [];
  }
}

function isEqual(fee: Surcharge, wanted: Wanted): boolean {
  const rates = (lines: Surcharge['taxLines']) => lines.map(({ taxRate }) => taxRate).join();
  return (
    fee.sku === wanted.sku &&
    fee.listPrice === wanted.listPrice &&
    fee.listPriceIncludesTax === wanted.listPriceIncludesTax &&
    fee.description === wanted.description &&
    rates(fee.taxLines) === rates(wanted.taxLines)
  );
}
