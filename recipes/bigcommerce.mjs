/**
 * Order protection for a BigCommerce shop: functions for your app's server (Node 18 or newer, nothing else).
 * Checkouts and fees are BigCommerce's REST Management API, V3; orders V2. The token needs the scopes
 * Checkouts (modify) and Orders (modify: a refused push is told in the staff notes of the order).
 *
 *     const protection = orderguardForBigCommerce({ orderguard, key, ordersKey, api, token, home: 'US', sessions });
 *
 * `api` is https://api.bigcommerce.com/stores/HASH, `home` the country of shoppers without an address. `sessions` remembers the offer and the choice of each cart:
 * anything with async get(id) and set(id, value); a table of your app, not the memory of one process.
 */

const FEE = 'orderguard';
const BUDGET_MS = 800;
const REST_MS = 2_000;
const PAGE = 250;
// BigCommerce's status_id: incomplete, pending, awaiting payment are unpaid; refunded, cancelled, declined are over.
const UNPAID = [0, 1, 7];
const OVER = [4, 5, 6];
const RISE_TOLERATED_BPS = 1_000;
// Decimals by ISO 4217 where they are not two. Intl knows how prices are usually shown, which is something else.
const EXPONENTS = [
  [0, 'BIF CLP DJF GNF ISK JPY KMF KRW PYG RWF UGX UYI VND VUV XAF XOF XPF'],
  [3, 'BHD IQD JOD KWD LYD OMR TND'],
  [4, 'CLF UYW'],
];

export function orderguardForBigCommerce({ orderguard, key, ordersKey, api, token, home, sessions }) {
  let restsUntil = 0;

  return {
    /** The offer for a checkout as it is now, or null. Call it when the checkout changes. */
    async offerFor(checkoutId) {
      const { data: checkout } = await bigcommerce('GET', `/v3/checkouts/${checkoutId}`);
      const offer = await analyze(checkout);
      const { agreed = null } = (await sessions.get(checkoutId)) ?? {};
      const kept = offer && agreed && !isMaterial(agreed, offer) ? agreed : null;
      // The yes is forgotten only when its fee is off: a shopper who pays the fee is covered.
      if (!(await isFeePut(checkout, kept && offer))) return { offer, accepted: Boolean(feeOf(checkout.fees)) };
      await sessions.set(checkoutId, { offer, agreed: kept });
      return { offer, accepted: Boolean(kept) };
    },

    /** The shopper's click. A yes counts for the offer that the page showed, and for no other. */
    async choose(checkoutId, shownAmount) {
      const { offer = null } = (await sessions.get(checkoutId)) ?? {};
      const agreed = offer?.chargeInstructions.amount === shownAmount ? offer : null;
      const { data: checkout } = await bigcommerce('GET', `/v3/checkouts/${checkoutId}`);
      if (!(await isFeePut(checkout, agreed))) return { accepted: Boolean(feeOf(checkout.fees)) };
      await sessions.set(checkoutId, { offer, agreed });
      return { accepted: Boolean(agreed) };
    },

    /**
     * For the webhooks store/order/created and store/order/statusUpdated. BigCommerce sends the first for unpaid
     * orders too; they cover nothing until they are paid. Throws to be repeated; repeating is safe. An order that
     * Orderguard refuses would be refused again: it is told in the order's staff notes, and is { refused }.
     */
    async pushOrder(orderId) {
      const [order, products, fees] = await Promise.all([
        bigcommerce('GET', `/v2/orders/${orderId}`),
        everyPage(`/v2/orders/${orderId}/products`),
        bigcommerce('GET', `/v2/orders/${orderId}/fees`),
      ]);
      const { offer = null, agreed = null } = (await sessions.get(order.cart_id)) ?? {};
      const charged = feeOf(fees?.fees);
      const currency = order.default_currency_code;
      const money = (amount) => ({ amount: decimals(amount, currency), currency_code: currency });
      const sessionId = (agreed ?? offer)?.sessionId;
      const modes = charged && (modesOf(charged) ?? agreed?.mode);
      if (charged && !modes) {
        const why = 'The order has a protection fee that does not say what was sold. Refund the fee, or tell Orderguard.';
        await noteRefusal(order, why);
        return { refused: why };
      }
      const pushed = send(`${orderguard}/api/v1/orders`, 'PUT', ordersKey, {
        external_id: String(order.id),
        name: `#${order.id}`,
        status: statusOf(order),
        taxes_included: true,
        total_price: money(order.total_inc_tax),
        line_items: products.map((each) => ({
          external_id: String(each.id),
          title: each.name,
          quantity: each.quantity,
          // A rate, so it keeps BigCommerce's four decimals.
          unit_price: { amount: Number(each.price_inc_tax).toFixed(4), currency_code: currency },
        })),
        // The order's own fee names the charged amount and its modes.
        fees: charged
          ? [{ name: 'Order protection', amount: money(charged.cost_ex_tax), accepted_offer_mode: modes }]
          : [],
        metadata: sessionId ? [{ key: 'session_id', value: sessionId }] : [],
      });
      return pushed.catch(async (error) => {
        if (!isFinal(error.status)) throw error;
        await noteRefusal(order, error.message);
        return { refused: error.message };
      });
    },
  };

  async function noteRefusal({ id, staff_notes }, why) {
    const note = `Orderguard does not have this order, so it covers nothing. ${why}`;
    if (staff_notes?.includes(note)) return;
    const notes = [staff_notes, note].filter(Boolean).join('\n');
    await bigcommerce('PUT', `/v2/orders/${id}`, { staff_notes: notes }).catch((error) => {
      console.error(`${note} Nor is that in its staff notes: ${error.message}`); // the push is over all the same
    });
  }

  async function analyze(checkout) {
    if (Date.now() < restsUntil) return null;
    try {
      const signal = AbortSignal.timeout(BUDGET_MS);
      const answer = await send(`${orderguard}/v1/analyze`, 'POST', key, analyzeRequest(checkout, home), signal);
      return answer.eligible && answer.chargeInstructions.currencyCode === checkout.cart.currency.code ? answer : null;
    } catch (error) {
      // One page has waited for silence; the next ones do not.
      if (!error.status) restsUntil = Date.now() + REST_MS;
      console.warn(`No answer from Orderguard: ${error.message}`); // checkout goes on
      return null;
    }
  }

  /** Whether the checkout's fee is as it has to be now. A checkout takes five fees; a sixth is refused. */
  async function isFeePut(checkout, offer) {
    try {
      await putFee(checkout, offer);
      return true;
    } catch (error) {
      console.warn(`The fee stays as it was: ${error.message}`); // checkout goes on
      return false;
    }
  }

  /** Our one fee: added, changed or removed; the fees of others stay. Its source says which modes were sold. */
  async function putFee(checkout, offer) {
    const path = `/v3/checkouts/${checkout.id}/fees`;
    const mine = feeOf(checkout.fees);
    if (!offer) return mine && bigcommerce('DELETE', path, { ids: [mine.id] });
    const { amount, currencyCode } = offer.chargeInstructions;
    const cost = Number(majorFromMinor(amount, currencyCode));
    const source = `${FEE}:${offer.mode.join()}`;
    // BigCommerce answers with cost_ex_tax and cost_inc_tax, without cost.
    if (mine?.source === source && [mine.cost, mine.cost_ex_tax, mine.cost_inc_tax].map(Number).includes(cost)) return undefined;
    const fee = { type: 'custom_fee', name: FEE, display_name: 'Order protection', cost, source };
    return bigcommerce(mine ? 'PUT' : 'POST', path, { fees: [mine ? { id: mine.id, ...fee } : fee] });
  }

  /** All entries of a list, which BigCommerce gives in pages; the page after the last is 204 without a body. */
  async function everyPage(path) {
    const found = [];
    for (let page = 1; page <= 100; page += 1) {
      const entries = (await bigcommerce('GET', `${path}?limit=${PAGE}&page=${page}`)) ?? [];
      found.push(...entries);
      if (entries.length < PAGE) break;
    }
    return found;
  }

  async function bigcommerce(method, path, body) {
    const response = await fetch(api + path, {
      method,
      headers: { 'X-Auth-Token': token, Accept: 'application/json', 'Content-Type': 'application/json' },
      body: body && JSON.stringify(body),
      signal: AbortSignal.timeout(10_000),
    });
    if (!response.ok) throw new Error(`BigCommerce answered ${response.status} to ${method} ${path}`);
    const text = await response.text();
    return text ? JSON.parse(text) : null;
  }
}

/** The body of `POST /v1/analyze`. Fees are not in the lines, so ours never prices itself. */
export function analyzeRequest({ id, cart, consignments, tax_total }, home) {
  const currency = cart.currency.code;
  const minor = (amount) => minorFromMajor(decimals(amount, currency));
  const { physical_items = [], digital_items = [], custom_items = [] } = cart.line_items;
  const lineOf = (requiresShipping) => (item) => ({
    id: item.id,
    productId: item.product_id ?? item.id,
    variantId: item.variant_id ?? null,
    sku: item.sku || null,
    title: item.name,
    quantity: item.quantity,
    totalPrice: minor(item.extended_sale_price ?? item.extended_list_price),
    originalTotalPrice: minor(item.extended_list_price),
    requiresShipping,
  });
  const lines = [...[...physical_items, ...custom_items].map(lineOf(true)), ...digital_items.map(lineOf(false))];
  const sum = (name) => lines.reduce((total, line) => total + line[name], 0);
  const discounted = sum('totalPrice');
  const address = consignments?.[0]?.shipping_address ?? consignments?.[0]?.address;
  const shipped = consignments?.some((each) => each.selected_pickup_option) ? 'PICKUP' : 'SHIPPING';
  const deliveryMethod = lines.some((line) => line.requiresShipping) || !lines.length ? shipped : 'DIGITAL';
  return {
    platform: 'bigcommerce',
    region: regionOf(address?.country_code || home, address?.state_or_province_code ?? ''),
    cartId: id, // BigCommerce's checkout and cart have the same id
    deliveryGroups: [{ deliveryMethod }],
    cart: {
      currencyCode: currency,
      lines,
      subtotalAmount: sum('originalTotalPrice'),
      totalDiscountAmount: sum('originalTotalPrice') - discounted,
      discountedSubtotalAmount: Math.max(0, discounted - minor(cart.discount_amount ?? 0)),
      totalTaxAmount: minor(tax_total ?? 0),
      totalAmount: discounted,
      itemCount: sum('quantity'),
    },
  };
}

/** Our fee among others, or undefined. */
const feeOf = (fees) => (fees ?? []).find(({ source }) => source === FEE || source?.startsWith(`${FEE}:`));

/** The modes that our fee was sold for; null when it does not say. */
const modesOf = ({ source }) => (source.startsWith(`${FEE}:`) ? source.slice(FEE.length + 1).split(',') : null);

const statusOf = ({ status_id }) => (OVER.includes(status_id) ? 'cancelled' : UNPAID.includes(status_id) ? 'pending' : 'active');

/** States that are no ISO codes are left out; TR-01 is 01. */
function regionOf(country, state) {
  const subdivision = state.startsWith(`${country}-`) ? state.slice(country.length + 1) : state;
  return { country, ...(/^[A-Za-z0-9]{1,3}$/.test(subdivision) && { subdivision }) };
}

/** Whether the shopper has to be asked again; the widget has the same rule. */
function isMaterial(agreed, offer) {
  const [before, now] = [agreed.chargeInstructions, offer.chargeInstructions];
  return (
    agreed.mode.join() !== offer.mode.join() ||
    before.currencyCode !== now.currencyCode ||
    now.amount * 10_000 > before.amount * (10_000 + RISE_TOLERATED_BPS)
  );
}

async function send(url, method, key, body, signal = AbortSignal.timeout(10_000)) {
  const headers = { 'X-Authorization': key, 'Content-Type': 'application/json' };
  const response = await fetch(url, { method, headers, body: JSON.stringify(body), signal });
  if (!response.ok) throw await refusalFrom(response);
  return response.json();
}

async function refusalFrom(response) {
  const { message, error, errors } = (await response.json().catch(() => null)) ?? {};
  const why = message ?? error?.message ?? errors?.message ?? '';
  return Object.assign(new Error(`Orderguard answered ${response.status} ${why}`.trim()), { status: response.status });
}

/** A retry helps after 408, 425, 429 and 5xx; after any other 3xx or 4xx it does not. */
const isFinal = (status) => status >= 300 && status < 500 && ![408, 425, 429].includes(status);

export const exponentOf = (currency) => EXPONENTS.find(([, codes]) => codes.includes(currency))?.[0] ?? 2;

/** BigCommerce writes 4.98, "4.9800" and 4.980000001; all are "4.98". */
const decimals = (amount, currency) => Number(amount).toFixed(exponentOf(currency));
const minorFromMajor = (text) => Number(text.replace('.', ''));
const majorFromMinor = (amount, currency) => {
  const exponent = exponentOf(currency);
  const digits = String(amount).padStart(exponent + 1, '0');
  return exponent ? `${digits.slice(0, -exponent)}.${digits.slice(-exponent)}` : digits;
};
