import { ContainerRegistrationKeys, Modules } from '@medusajs/framework/utils';
import { refreshCartItemsWorkflow } from '@medusajs/medusa/core-flows';

import { isFee } from '../lib/fee_line.js';
import { ORDERGUARD } from '../lib/names.js';

/** `npx medusa exec node_modules/@orderguard/medusa/.medusa/server/src/scripts/uninstall.js`: takes the fee off open carts. */
export default async function uninstall({ container }) {
  const query = container.resolve(ContainerRegistrationKeys.QUERY);
  const rows = await container.resolve(ORDERGUARD).listOrderguardCarts({ fee: { $ne: null } }, { select: ['id'], take: null });
  let count = 0;
  for (const { id } of rows) {
    const { data } = await query.graph({ entity: 'cart', fields: ['id', 'completed_at', 'items.*'], filters: { id } });
    const fees = data[0]?.completed_at === null ? data[0].items.filter((item) => item && isFee(item)) : [];
    if (!fees.length) continue;
    await container.resolve(Modules.CART).deleteLineItems(fees.map((item) => item.id));
    await refreshCartItemsWorkflow(container).run({ input: { cart_id: id } });
    count += 1;
  }
  container.resolve(ContainerRegistrationKeys.LOGGER).info(`Orderguard: the fee is off ${count} open carts.`);
}
