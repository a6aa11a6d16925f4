import { MedusaError } from '@medusajs/framework/utils';

import { Reports } from '../../../../../../reports/reports.js';

/** Pushes an order again, such as one that was refused; says what became of it. */
export async function POST(req, res) {
  const pushed = await new Reports(req.scope).pushAgain(req.params.id);
  if (!pushed) throw new MedusaError(MedusaError.Types.NOT_FOUND, `Order with id '${req.params.id}' not found`);
  res.json({ pushed });
}
