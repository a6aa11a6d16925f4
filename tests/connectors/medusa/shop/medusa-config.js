'use strict';
// A shop as `create-medusa-app` makes it, with a card of the tests, and the plugin unless MODE says "without".

const { defineConfig } = require('@medusajs/framework/utils');

/** The owner's settings per region, as the tests say. */
const setting = (name) => (of) => globalThis.shop?.settings[globalThis.shop.regions[of.region_id]]?.[name];

module.exports = defineConfig({
  projectConfig: {
    databaseUrl: process.env.DATABASE_URL,
    databaseDriverOptions: { connection: { ssl: false } },
    http: { storeCors: '*', adminCors: '*', authCors: '*', jwtSecret: 'secret', cookieSecret: 'secret' },
  },
  admin: { disable: true },
  modules: [
    {
      resolve: '@medusajs/medusa/payment',
      options: { providers: [{ resolve: require('node:path').join(__dirname, 'card.cjs'), id: 'card' }] },
    },
  ],
  plugins:
    process.env.MODE === 'without'
      ? []
      : [
          {
            resolve: '@orderguard/medusa',
            options: (globalThis.orderguardOptions = {
              url: setting('url'),
              cartKey: setting('cart_key'),
              ordersKey: setting('orders_key'),
              feeProductTypeId: setting('fee_product_type'),
              country: 'US',
            }),
          },
        ],
});
