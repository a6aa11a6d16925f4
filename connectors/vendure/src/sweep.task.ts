import { ScheduledTask } from '@vendure/core';

import { SweepService } from './service/sweep.service';

/** Every five minutes, in shops that have a scheduler; `DefaultSchedulerPlugin` is one. */
export const sweepTask = new ScheduledTask({
  id: 'orderguard-sweep',
  description: 'Reports the orders that Orderguard should have and has not',
  schedule: '*/5 * * * *',
  timeout: '4m',
  preventOverlap: true,
  execute: ({ injector }) => injector.get(SweepService).run(),
});
