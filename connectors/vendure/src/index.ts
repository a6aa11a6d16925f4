export { OrderguardPlugin } from './orderguard.plugin';
export { OrderguardPushRefusedEvent } from './event/push-refused.event';
export { ReportService } from './service/report.service';
export type { OrderguardPluginOptions, Setting } from './types';
export type { DeliveryMethod } from './core/cart_request';
