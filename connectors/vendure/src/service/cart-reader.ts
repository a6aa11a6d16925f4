import { Injectable } from '@nestjs/common';
import {
  ConfigService,
  Customer,
  type FacetValue,
  type Order,
  type OrderLine,
  ProductVariant,
  type RequestContext,
  type ShippingLine,
  TransactionalConnection,
} from '@vendure/core';
import { In } from 'typeorm';

import { cartRequest, regionOf } from '../core';
import type { DeliveryMethod } from '../core/cart_request';
import { PLATFORM } from '../constants';
import { ShopMoney } from './money';
import { Settings } from './settings';

const PICKUP = /pick-?up/i;
export const TITLE_AT_MOST = 255;

/** An active order as Orderguard reads it: the goods, in the prices that the storefront shows. @internal */
@Injectable()
export class CartReader {
  constructor(
    private readonly connection: TransactionalConnection,
    private readonly config: ConfigService,
    private readonly settings: Settings,
  ) {}

  /**
   * The body of `POST /v1/analyze`. Surcharges are not in it, so ours never prices itself.
   *
   * @param order with lines and their variants, and shipping lines
   */
  async request(ctx: RequestContext, order: Order): Promise<Record<string, any>> {
    const money = new ShopMoney(this.config, order.currencyCode);
    const isTaxShown = await this.settings.isTaxShown(ctx);
    const lines = order.lines.filter((line) => line.quantity > 0);
    const facts = await this.factsOf(ctx, lines);
    const { countryCode, province } = order.shippingAddress ?? {};
    const country = countryCode || (await this.settings.country(ctx));
    const body = cartRequest({
      platform: PLATFORM,
      currency: order.currencyCode,
      lines: lines.map((line) => ({
        id: String(line.id),
        productId: String(line.productVariant.productId),
        variantId: String(line.productVariantId),
        sku: line.productVariant.sku || null,
        title: line.productVariant.name.slice(0, TITLE_AT_MOST),
        quantity: line.quantity,
        totalPrice: money.toMinor(isTaxShown ? line.proratedLinePriceWithTax : line.proratedLinePrice),
        originalTotalPrice: money.toMinor(isTaxShown ? line.linePriceWithTax : line.linePrice),
        ...facts.get(String(line.productVariantId)),
      })),
      taxes: money.toMinor(lines.reduce((sum, line) => sum + line.proratedLineTax, 0)),
      deliveryMethods: await this.deliveryMethods(ctx, order),
      more: {
        region: regionOf(country, countryCode ? (province ?? '') : ''),
        locale: ctx.languageCode.replace('_', '-'),
        cartId: `vendure-${order.code}`,
        customer: { groups: await this.groupsOf(ctx, order) },
      },
    });
    return this.settings.options.cartRequest?.(ctx, order, body) ?? body;
  }

  /** What exclusion rules may name: codes of facet values, and slugs of collections. */
  async factsOf(ctx: RequestContext, lines: OrderLine[]): Promise<Map<string, { tags: string[]; collections: string[] }>> {
    const variants = await this.connection.getRepository(ctx, ProductVariant).find({
      where: { id: In(lines.map((line) => line.productVariantId)) },
      relations: {
        facetValues: true,
        product: { facetValues: true },
        collections: { translations: true },
      },
    });
    const codes = (values: FacetValue[] | undefined) => (values ?? []).map((value) => value.code);
    return new Map(
      variants.map(({ id, facetValues, product, collections }) => {
        const slugs = (collections ?? []).map(({ translations }) => {
          const spoken = translations.find(({ languageCode }) => languageCode === ctx.channel.defaultLanguageCode);
          return (spoken ?? translations[0])?.slug;
        });
        return [
          String(id),
          {
            tags: unique([...codes(facetValues), ...codes(product?.facetValues)]),
            collections: unique(slugs.filter((slug) => slug !== undefined)),
          },
        ];
      }),
    );
  }

  private async deliveryMethods(ctx: RequestContext, order: Order): Promise<DeliveryMethod[]> {
    const { deliveryMethod = byCode } = this.settings.options;
    const methods = await Promise.all((order.shippingLines ?? []).map((line) => deliveryMethod(ctx, order, line)));
    return methods.length ? methods : ['SHIPPING'];
  }

  private async groupsOf(ctx: RequestContext, order: Order): Promise<string[]> {
    const id = order.customer?.id ?? order.customerId;
    if (!id) return [];
    const customer = await this.connection
      .getRepository(ctx, Customer)
      .findOne({ where: { id }, relations: { groups: true } });
    return unique((customer?.groups ?? []).map(({ name }) => name));
  }
}

function byCode(_ctx: RequestContext, _order: Order, line: ShippingLine): DeliveryMethod {
  return PICKUP.test(line.shippingMethod?.code ?? '') ? 'PICKUP' : 'SHIPPING';
}

const unique = (texts: string[]): string[] => [...new Set(texts)].sort();
