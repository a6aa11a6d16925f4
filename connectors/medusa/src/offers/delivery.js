import { ContainerRegistrationKeys } from '@medusajs/framework/utils';

/**
 * How each shipping method of a cart reaches the shopper: `PICKUP` when its option belongs to a fulfilment set of
 * the type `pickup`, as Medusa has it, otherwise `SHIPPING`.
 */
export async function deliveryMethodsIn(container, { deliveryMethod }, cart) {
  const methods = (cart.shipping_methods ?? []).filter(Boolean);
  if (!methods.length) return [];
  if (deliveryMethod) return methods.map((method) => deliveryMethod(cart, method));
  const query = container.resolve(ContainerRegistrationKeys.QUERY);
  const { data } = await query.graph({
    entity: 'shipping_option',
    fields: ['id', 'service_zone.fulfillment_set.type'],
    filters: { id: methods.map((method) => method.shipping_option_id) },
  });
  const pickups = data.filter((option) => option.service_zone?.fulfillment_set?.type === 'pickup').map(({ id }) => id);
  return methods.map((method) => (pickups.includes(method.shipping_option_id) ? 'PICKUP' : 'SHIPPING'));
}
