import { ConfigService } from '@vendure/core';

import { exponentOf, rescaled } from '../core';

/**
 * Vendure counts every currency in the precision of the shop's MoneyStrategy, two decimals unless the shop says
 * otherwise, yen as well. Orderguard counts each in its own minor units.
 */
export class ShopMoney {
  private readonly precision: number;

  constructor(config: ConfigService, currency: string) {
    this.precision = config.entityOptions.moneyStrategy.precision ?? 2;
    this.exponent = exponentOf(currency) ?? 0;
  }

  private readonly exponent: number;

  static isKnown(currency: string): boolean {
    return exponentOf(currency) !== null;
  }

  /** Vendure's amount in minor units of the currency. */
  toMinor(amount: number): number {
    return rescaled(Math.round(amount), this.precision, this.exponent);
  }

  /** Minor units of the currency as Vendure counts; null when the shop's precision cannot say it exactly. */
  fromMinor(amount: number): number | null {
    const shops = rescaled(amount, this.exponent, this.precision);
    return this.toMinor(shops) === amount ? shops : null;
  }
}
