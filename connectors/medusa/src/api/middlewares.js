import { defineMiddlewares, validateAndTransformQuery } from '@medusajs/framework/http';
import { retrieveTransformQueryConfig } from '@medusajs/medusa/api/store/carts/query-config';
import { StoreGetCartsCart } from '@medusajs/medusa/api/store/carts/validators';

import { afterChange, beforeCompletion, beforePayment } from './follow.js';

const withFields = validateAndTransformQuery(StoreGetCartsCart, retrieveTransformQueryConfig);

export default defineMiddlewares({
  routes: [
    { matcher: '/store/carts/:id/complete', methods: ['POST'], middlewares: [beforeCompletion] },
    { matcher: '/store/carts/*', methods: ['POST', 'DELETE'], middlewares: [afterChange] },
    { matcher: '/store/payment-collections/:id/payment-sessions', methods: ['POST'], middlewares: [beforePayment] },
    { matcher: '/store/orderguard/carts/:id', methods: ['GET', 'POST'], middlewares: [withFields] },
  ],
});
