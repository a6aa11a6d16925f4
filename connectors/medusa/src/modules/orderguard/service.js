import { MedusaService } from '@medusajs/framework/utils';

import { Server } from '../../lib/server.js';
import { Settings } from '../../lib/settings.js';
import { guardWorkflows } from '../../workflows/guards.js';
import { OrderguardCart } from './models/cart.js';
import { OrderguardMark } from './models/mark.js';
import { OrderguardReport } from './models/report.js';

/** The module's tables, the plugin's options, and the server that they name. */
export class OrderguardService extends MedusaService({ OrderguardCart, OrderguardReport, OrderguardMark }) {
  /** When every workflow file of the shop is loaded, so that a handler of the shop's own comes first. */
  __hooks = { onApplicationStart: async () => guardWorkflows((sentence) => this.logger.warn(sentence)) };

  /** @param {any} container @param {import('../../lib/settings.js').Options} options */
  constructor(container, options) {
    super(...arguments);
    this.logger = container.logger;
    const warn = (/** @type {string} */ sentence) => this.logger.warn(`Orderguard: ${sentence}`);
    this.settings = new Settings(options ?? {}, warn);
    this.server = new Server(this.settings.options, warn);
  }
}
