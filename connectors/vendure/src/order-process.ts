import { type Injector, Logger, type Order, type OrderProcess } from '@vendure/core';

import { loggerCtx } from './constants';
import { OfferService } from './service/offer.service';
import { messageOf } from './service/settings';

let offers: OfferService | undefined;

/** Right before payment the fee is made what Orderguard quotes now, or taken off. A transition is never refused. */
export const orderguardProcess: OrderProcess<string> = {
  init(injector: Injector) {
    offers = injector.get(OfferService);
  },

  async onTransitionStart(_from, to, { ctx, order }) {
    if (to !== 'ArrangingPayment' || !offers) return;
    try {
      const settled = await offers.settle(ctx, order);
      // Vendure goes on with the entity that it has, and saves it.
      if (settled) Object.assign(order, changedBy(settled));
    } catch (error) {
      Logger.error(`Order ${order.code} could not be priced anew: ${messageOf(error)}`, loggerCtx);
    }
  },
};

const changedBy = ({ lines, shippingLines, surcharges, subTotal, subTotalWithTax, shipping, shippingWithTax, customFields }: Order) => ({
  lines,
  shippingLines,
  surcharges,
  subTotal,
  subTotalWithTax,
  shipping,
  shippingWithTax,
  customFields,
});
