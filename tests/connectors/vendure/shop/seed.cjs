'use strict';
// Goods, shipping, payment, a coupon, a customer, and a second channel whose prices include tax.

const { importProductsFromCsv, populateInitialData } = require('@vendure/core/cli');

const INITIAL = {
  defaultLanguage: 'en',
  defaultZone: 'Earth',
  countries: [
    { name: 'United States', code: 'US', zone: 'Earth' },
    { name: 'Germany', code: 'DE', zone: 'Earth' },
  ],
  taxRates: [
    { name: 'Zero', percentage: 0 },
    { name: 'Standard', percentage: 19 },
  ],
  shippingMethods: [
    { name: 'Parcel', price: 500 },
    { name: 'Pickup', price: 0 },
  ],
  paymentMethods: [{ name: 'card', handler: { code: 'test-card', arguments: [] } }],
  collections: [],
};
/** Lamps cost fifty of everything. */
const PRICES = ['USD', 'EUR', 'JPY', 'KWD'].map((currencyCode) => ({ currencyCode, price: 50_00 }));

exports.seed = async (app, url, csv) => {
  await populateInitialData(app, INITIAL);
  await importProductsFromCsv(app, csv, 'en');
  const admin = await adminOf(url);
  const { products, channels, zones, shippingMethods, paymentMethods, stockLocations } = await admin(`{
    products { items { id slug variants { id sku } } }
    channels { items { id } }
    zones { items { id } }
    shippingMethods { items { id code } }
    paymentMethods { items { id } }
    stockLocations { items { id } }
  }`);
  await admin('mutation ($input: UpdateChannelInput!) { updateChannel(input: $input) { __typename } }', {
    input: { id: channels.items[0].id, availableCurrencyCodes: PRICES.map(({ currencyCode }) => currencyCode) },
  });
  const lamp = products.items.find(({ slug }) => slug === 'lamp').variants[0].id;
  await admin('mutation ($input: [UpdateProductVariantInput!]!) { updateProductVariants(input: $input) { id } }', {
    input: [{ id: lamp, prices: PRICES }],
  });
  await admin('mutation ($input: CreatePromotionInput!) { createPromotion(input: $input) { __typename } }', {
    input: {
      enabled: true,
      couponCode: 'ten',
      conditions: [],
      actions: [{ code: 'order_percentage_discount', arguments: [{ name: 'discount', value: '10' }] }],
      translations: [{ languageCode: 'en', name: 'Ten percent' }],
    },
  });
  await admin('mutation ($input: CreateCustomerInput!) { createCustomer(input: $input, password: "secret") { __typename } }', {
    input: { firstName: 'Ada', lastName: 'Shopper', emailAddress: 'ada@example.com' },
  });
  await secondChannel(admin, zones.items[0].id, {
    product: ['assignProductsToChannel', 'AssignProductsToChannelInput', products.items],
    shipping: ['assignShippingMethodsToChannel', 'AssignShippingMethodsToChannelInput', shippingMethods.items],
    payment: ['assignPaymentMethodsToChannel', 'AssignPaymentMethodsToChannelInput', paymentMethods.items],
    stock: ['assignStockLocationsToChannel', 'AssignStockLocationsToChannelInput', stockLocations.items],
  });
};

async function secondChannel(admin, zone, kinds) {
  const { createChannel } = await admin(
    'mutation ($input: CreateChannelInput!) { createChannel(input: $input) { ... on Channel { id } } }',
    {
      input: {
        code: 'gross',
        token: 'gross',
        defaultLanguageCode: 'en',
        defaultCurrencyCode: 'USD',
        pricesIncludeTax: true,
        defaultShippingZoneId: zone,
        defaultTaxZoneId: zone,
      },
    },
  );
  const names = { product: 'productIds', shipping: 'shippingMethodIds', payment: 'paymentMethodIds', stock: 'stockLocationIds' };
  for (const [kind, [mutation, input, items]] of Object.entries(kinds)) {
    await admin(`mutation ($input: ${input}!) { ${mutation}(input: $input) { id } }`, {
      input: { channelId: createChannel.id, [names[kind]]: items.map(({ id }) => id) },
    });
  }
}

/** The admin API, as the owner. */
async function adminOf(url) {
  let token;
  const ask = async (query, variables) => {
    const answer = await fetch(`${url}/admin-api`, {
      method: 'POST',
      headers: { 'Content-Type': 'application/json', ...(token && { Authorization: `Bearer ${token}` }) },
      body: JSON.stringify({ query, variables }),
    });
    token = answer.headers.get('vendure-auth-token') ?? token;
    const { data, errors } = await answer.json();
    if (errors) throw new Error(`${query}: ${JSON.stringify(errors)}`);
    return data;
  };
  await ask('mutation { login(username: "owner", password: "owner") { __typename } }');
  return ask;
}
