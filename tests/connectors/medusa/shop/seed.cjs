'use strict';
// Goods, regions, shipping, a pickup point, a coupon and a key. `npx medusa exec` would do the same.

const flows = require('@medusajs/medusa/core-flows');
const { Modules } = require('@medusajs/framework/utils');

/** Prices in de contain tax; elsewhere tax comes on top, and only ca has one. */
const REGIONS = [
  { name: 'us', currency_code: 'usd', countries: ['us'] },
  { name: 'ca', currency_code: 'usd', countries: ['ca'] },
  { name: 'de', currency_code: 'usd', countries: ['de'], is_tax_inclusive: true },
  { name: 'fr', currency_code: 'eur', countries: ['fr'] },
  { name: 'jp', currency_code: 'jpy', countries: ['jp'] },
  { name: 'kw', currency_code: 'kwd', countries: ['kw'] },
];
const CURRENCIES = ['usd', 'eur', 'jpy', 'kwd'];
const GOODS = [
  { title: 'Lamp', price: 50 },
  { title: 'Throw', price: 15 },
  { title: 'Coat', price: 200, tag: 'final-sale' },
  { title: 'Vase', price: 133 },
];
const TAX = 19;

exports.seed = async (container) => {
  const run = async (workflow, input) => (await workflow(container).run({ input })).result;
  const [store] = await container.resolve(Modules.STORE).listStores();
  const [channel] = await run(flows.createSalesChannelsWorkflow, { salesChannelsData: [{ name: 'Shop' }] });
  const supported_currencies = CURRENCIES.map((currency_code, at) => ({ currency_code, is_default: at === 0 }));
  await run(flows.updateStoresWorkflow, {
    selector: { id: store.id },
    update: { default_sales_channel_id: channel.id, supported_currencies },
  });
  const regions = await run(flows.createRegionsWorkflow, {
    regions: REGIONS.map((region) => ({ ...region, payment_providers: ['pp_card_card'] })),
  });
  const [noTax] = await container.resolve(Modules.PRODUCT).createProductTypes([{ value: 'untaxed' }]);
  for (const country_code of ['ca', 'de']) {
    const [region] = await run(flows.createTaxRegionsWorkflow, [
      { country_code, provider_id: 'tp_system', default_tax_rate: { name: 'VAT', code: 'vat', rate: TAX } },
    ]);
    const rules = [{ reference: 'product_type', reference_id: noTax.id }];
    await run(flows.createTaxRatesWorkflow, [{ tax_region_id: region.id, name: 'none', code: 'none', rate: 0, rules }]);
  }
  await deliveries(container, run, channel, regions);
  await goods(run, channel, regions.find(({ name }) => name === 'de').id);
  await run(flows.createPromotionsWorkflow, {
    promotionsData: [
      {
        code: 'TEN',
        type: 'standard',
        status: 'active',
        application_method: { type: 'percentage', target_type: 'order', allocation: 'across', value: 10, currency_code: 'usd' },
      },
    ],
  });
  const keys = await run(flows.createApiKeysWorkflow, {
    api_keys: [
      { title: 'Storefront', type: 'publishable', created_by: '' },
      { title: 'Owner', type: 'secret', created_by: '' },
    ],
  });
  await run(flows.linkSalesChannelsToApiKeyWorkflow, { id: keys[0].id, add: [channel.id] });
  return { storefront: keys[0].token, owner: keys[1].token, untaxed: noTax.id };
};

async function deliveries(container, run, channel, regions) {
  const [place] = await run(flows.createStockLocationsWorkflow, { locations: [{ name: 'Here', address: { country_code: 'us', address_1: '' } }] });
  const link = container.resolve('link');
  await link.create({ [Modules.STOCK_LOCATION]: { stock_location_id: place.id }, [Modules.FULFILLMENT]: { fulfillment_provider_id: 'manual_manual' } });
  const [profile] = await container.resolve(Modules.FULFILLMENT).listShippingProfiles({ type: 'default' });
  for (const [type, name, amount] of [['shipping', 'Parcel', 5], ['pickup', 'Pickup', 0]]) {
    const set = await container.resolve(Modules.FULFILLMENT).createFulfillmentSets({
      name,
      type,
      service_zones: [{ name, geo_zones: regions.map((each) => ({ country_code: each.name, type: 'country' })) }],
    });
    await link.create({ [Modules.STOCK_LOCATION]: { stock_location_id: place.id }, [Modules.FULFILLMENT]: { fulfillment_set_id: set.id } });
    await run(flows.createShippingOptionsWorkflow, [
      {
        name,
        price_type: 'flat',
        provider_id: 'manual_manual',
        service_zone_id: set.service_zones[0].id,
        shipping_profile_id: profile.id,
        type: { label: name, description: name, code: name.toLowerCase() },
        prices: CURRENCIES.map((currency_code) => ({ currency_code, amount })),
        rules: [
          { attribute: 'enabled_in_store', value: 'true', operator: 'eq' },
          { attribute: 'is_return', value: 'false', operator: 'eq' },
        ],
      },
    ]);
  }
  await run(flows.linkSalesChannelsToStockLocationWorkflow, { id: place.id, add: [channel.id] });
}

/** Whether a price contains tax is a preference of its region, or else of its currency: de has prices of its own. */
async function goods(run, channel, region_id) {
  const tags = await run(flows.createProductTagsWorkflow, { product_tags: [{ value: 'final-sale' }] });
  await run(flows.createProductsWorkflow, {
    products: GOODS.map(({ title, price, tag }) => ({
      title,
      handle: title.toLowerCase(),
      status: 'published',
      tag_ids: tag ? [tags[0].id] : [],
      options: [{ title: 'Size', values: ['One'] }],
      sales_channels: [{ id: channel.id }],
      variants: [
        {
          title: 'One',
          sku: title.toUpperCase(),
          options: { Size: 'One' },
          manage_inventory: false,
          prices: [...CURRENCIES.map((currency_code) => ({ currency_code, amount: price })), { currency_code: 'usd', amount: price, rules: { region_id } }],
        },
      ],
    })),
  });
}
