export { guardCompletion, guardLine } from './workflows/guards.js';
export { Offers } from './offers/offers.js';
export { Reports } from './reports/reports.js';
export { sweep } from './reports/sweep.js';
