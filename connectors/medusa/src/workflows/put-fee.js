import {
  acquireLockStep,
  createLineItemsStep,
  deleteLineItemsStep,
  refreshCartItemsWorkflow,
  releaseLockStep,
  updateLineItemsStepWithSelector,
} from '@medusajs/medusa/core-flows';
import { createWorkflow, transform, when, WorkflowResponse } from '@medusajs/framework/workflows-sdk';

/**
 * Makes a cart bear one fee line, or none, and has Medusa compute taxes, discounts and the amount to pay anew.
 *
 * It publishes no event: the fee follows events of the cart. Input: `{ cart_id, remove, add, update }`: ids of lines, a
 * line or null, and `{ id, data }` or null.
 */
export const putFeeWorkflow = createWorkflow('orderguard-put-fee', (input) => {
  acquireLockStep({ key: input.cart_id, timeout: 5, ttl: 10 });
  when('orderguard-remove', { input }, ({ input }) => input.remove.length > 0).then(() => {
    deleteLineItemsStep(input.remove);
  });
  const added = when('orderguard-add', { input }, ({ input }) => Boolean(input.add)).then(() => {
    const items = transform({ input }, ({ input }) => [{ ...input.add, cart_id: input.cart_id }]);
    return createLineItemsStep({ id: input.cart_id, items });
  });
  const updated = when('orderguard-update', { input }, ({ input }) => Boolean(input.update)).then(() => {
    const change = transform({ input }, ({ input }) => ({ selector: { id: input.update.id }, data: input.update.data }));
    return updateLineItemsStepWithSelector(change);
  });
  const items = transform({ added, updated }, ({ added, updated }) => [...(added ?? []), ...(updated ?? [])]);
  refreshCartItemsWorkflow.runAsStep({ input: { cart_id: input.cart_id, items } });
  releaseLockStep({ key: input.cart_id });
  return new WorkflowResponse(items);
});
