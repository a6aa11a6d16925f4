import { APP_INTERCEPTOR } from '@nestjs/core';
import { PluginCommonModule, type RuntimeVendureConfig, type Type, VendurePlugin } from '@vendure/core';

import { AdminResolver } from './api/admin.resolver';
import { adminApiExtensions, shopApiExtensions } from './api/api-extensions';
import { FollowInterceptor } from './api/follow.interceptor';
import { ShopResolver } from './api/shop.resolver';
import { PLUGIN_INIT_OPTIONS } from './constants';
import { orderFields } from './custom-fields';
import { OrderguardReport } from './entity/report.entity';
import { orderguardProcess } from './order-process';
import { CartReader } from './service/cart-reader';
import { CartWatch } from './service/cart-watch';
import { FeeService } from './service/fee.service';
import { OfferService } from './service/offer.service';
import { OrderReader } from './service/order-reader';
import { OrderWatch } from './service/order-watch';
import { ReportService } from './service/report.service';
import { Server } from './service/server';
import { Settings } from './service/settings';
import { SweepService } from './service/sweep.service';
import { sweepTask } from './sweep.task';
import type { OrderguardPluginOptions } from './types';

/**
 * Order protection: an offer in the storefront, a fee on the order that follows the cart, and orders reported to your
 * Orderguard server.
 *
 * It adds two internal columns to `order` and a table `orderguard_report`: generate and run a migration.
 *
 * @example
 * ```ts
 * plugins: [
 *   OrderguardPlugin.init({
 *     url: 'https://orderguard.example.com',
 *     cartKey: process.env.ORDERGUARD_CART_KEY,
 *     ordersKey: process.env.ORDERGUARD_ORDERS_KEY,
 *     country: 'US',
 *   }),
 * ]
 * ```
 *
 * @category Plugin
 */
@VendurePlugin({
  imports: [PluginCommonModule],
  compatibility: '^3.3.0',
  entities: [OrderguardReport],
  providers: [
    { provide: PLUGIN_INIT_OPTIONS, useFactory: () => OrderguardPlugin.options },
    { provide: APP_INTERCEPTOR, useClass: FollowInterceptor },
    CartReader,
    CartWatch,
    FeeService,
    OfferService,
    OrderReader,
    OrderWatch,
    ReportService,
    Server,
    Settings,
    SweepService,
  ],
  exports: [ReportService],
  shopApiExtensions: { schema: shopApiExtensions, resolvers: [ShopResolver] },
  adminApiExtensions: { schema: adminApiExtensions, resolvers: [AdminResolver] },
  configuration: (config) => configured(config),
})
export class OrderguardPlugin {
  /** @internal */
  static options: OrderguardPluginOptions;

  static init(options: OrderguardPluginOptions): Type<OrderguardPlugin> {
    OrderguardPlugin.options = options;
    return OrderguardPlugin;
  }
}

function configured(config: RuntimeVendureConfig): RuntimeVendureConfig {
  config.customFields.Order.push(...orderFields);
  // Last, so that no offer is asked for when another process refuses the transition.
  config.orderOptions.process = [...(config.orderOptions.process ?? []), orderguardProcess];
  config.schedulerOptions.tasks = [...(config.schedulerOptions.tasks ?? []), sweepTask];
  return config;
}
