import { completeCartWorkflow, updateLineItemInCartWorkflow } from '@medusajs/medusa/core-flows';
import { MedusaError } from '@medusajs/framework/utils';

import { isAsAgreed, mayChange } from '../lib/fee_line.js';
import { ORDERGUARD } from '../lib/names.js';
import { readMemory } from '../lib/memory.js';

/**
 * A handler for `updateLineItemInCartWorkflow.hooks.validate`: our fee can be taken off, and not changed.
 *
 * @param {{ input: any, cart: any }} given
 * @throws {MedusaError} when the line is our fee and the change is another one
 */
export async function guardLine({ input, cart }) {
  const item = (cart.items ?? []).find((each) => each.id === input.item_id);
  if (!item || mayChange(item, input.update)) return;
  throw new MedusaError(MedusaError.Types.NOT_ALLOWED, 'The price of order protection cannot be changed; it can be removed.');
}

/**
 * A handler for `completeCartWorkflow.hooks.validate`: nobody pays a fee that they did not agree to.
 *
 * @param {{ cart: any }} given
 * @param {{ container: any }} context
 * @throws {MedusaError} when the cart's fee is another one than the shopper agreed to
 */
export async function guardCompletion({ cart }, { container }) {
  if (cart.completed_at) return;
  const [row] = await container.resolve(ORDERGUARD).listOrderguardCarts({ id: cart.id });
  if (isAsAgreed(cart, readMemory(row))) return;
  const sentence = 'The price of order protection has changed. Please look at the total again.';
  throw new MedusaError(MedusaError.Types.NOT_ALLOWED, sentence);
}

let isDone = false;

/** Registers both handlers, where the shop has none of its own: Medusa takes one per hook. */
export function guardWorkflows(warn) {
  if (isDone) return;
  isDone = true;
  const hooks = [
    [updateLineItemInCartWorkflow, guardLine],
    [completeCartWorkflow, guardCompletion],
  ];
  for (const [workflow, guard] of hooks) {
    try {
      workflow.hooks.validate(guard);
    } catch {
      const name = workflow.getName();
      warn(`Orderguard: this shop has a handler of its own for validate of ${name}; call ${guard.name} of @orderguard/medusa in it.`);
    }
  }
}
