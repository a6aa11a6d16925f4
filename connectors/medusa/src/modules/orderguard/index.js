import { Module } from '@medusajs/framework/utils';

import { ORDERGUARD } from '../../lib/names.js';
import { OrderguardService } from './service.js';

export default Module(ORDERGUARD, { service: OrderguardService });
