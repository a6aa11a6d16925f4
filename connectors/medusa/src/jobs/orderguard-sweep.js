import { sweep } from '../reports/sweep.js';

export default async function orderguardSweep(container) {
  await sweep(container);
}

export const config = { name: 'orderguard-sweep', schedule: '*/5 * * * *' };
