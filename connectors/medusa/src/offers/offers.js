import { ContainerRegistrationKeys, Modules } from '@medusajs/framework/utils';

import { afterClick, afterOffer, exponentOf, NO_CHOICE } from '../core/index.js';
import { CART_FIELDS, fingerprintOf, goodsOf, isTaxInside, readCart } from '../lib/cart_reader.js';
import { isAsAgreed, isFee, isSame, lineFor } from '../lib/fee_line.js';
import { afterRemoval, isConcerned, lastWord, readMemory, rowOf } from '../lib/memory.js';
import { ORDERGUARD } from '../lib/names.js';
import { putFeeWorkflow } from '../workflows/put-fee.js';
import { deliveryMethodsIn } from './delivery.js';

/** A change of prices or rules in Orderguard is seen within this time. */
const FRESH_MS = 180_000;
/** While Orderguard is silent, an answer for this very cart stays usable this long. */
const USABLE_MS = 1_800_000;
/** A cart that keeps changing under our hands is left to the change that follows. */
const ATTEMPTS = 3;
const LOCK_SECONDS = 10;

/**
 * What a storefront shows: no offer is no box; `notice` says why a yes is none any more, `reason` why there is no offer.
 *
 * @typedef {{ offer: import('../core/terms.js').Terms | null, accepted: boolean, notice: string | null, reason: string }} Seen
 */

/** Offers for carts: asked for, remembered, and put on the cart as a fee once agreed to. */
export class Offers {
  #container;
  #ours;

  /** @param {any} container of the application or of a request */
  constructor(container) {
    this.#container = container;
    this.#ours = container.resolve(ORDERGUARD);
  }

  /** The offer for a cart as it is now; the fee of an accepted offer follows it. @param {string} cartId */
  look(cartId) {
    return this.#bring(cartId, afterOffer);
  }

  /** The shopper's click. `shown` names the terms that the page showed. */
  choose(cartId, isYes, shown) {
    return this.#bring(cartId, (choice, offer) => afterOffer(afterClick(choice, offer, isYes, shown), offer));
  }

  /**
   * The cart changed. Without a yes and without a fee no offer is asked for: the storefront asks when it shows one.
   *
   * @returns {Promise<boolean>} whether this cart ever had an offer, so that its total may be another one now
   */
  async follow(cartId) {
    const memory = await this.#remembered(cartId);
    const cart = await this.#load(cartId);
    if (cart && !cart.completed_at && isConcerned(memory, cart)) await this.#bring(cartId, afterOffer);
    return memory.asked !== '';
  }

  /** Right before a payment begins: asks once more, and corrects or drops the fee. */
  async settle(cartId) {
    const cart = await this.#load(cartId);
    if (!cart || cart.completed_at || !isConcerned(await this.#remembered(cartId), cart)) return;
    await this.#bring(cartId, afterOffer, { isPlacing: true });
  }

  /** Right before the cart becomes an order: a fee that nobody agreed to is corrected or dropped. Another one stays. */
  async mend(cartId) {
    const cart = await this.#load(cartId);
    if (!cart || cart.completed_at || isAsAgreed(cart, await this.#remembered(cartId))) return;
    await this.#bring(cartId, afterOffer);
  }

  /** @returns {Promise<Seen>} */
  #bring(cartId, change, { isPlacing = false } = {}) {
    const job = () => this.#bringAlone(cartId, change, isPlacing);
    return this.#container.resolve(Modules.LOCKING).execute(`orderguard:${cartId}`, job, { timeout: LOCK_SECONDS });
  }

  async #bringAlone(cartId, change, isPlacing) {
    for (let attempt = 1; ; attempt += 1) {
      const cart = await this.#load(cartId);
      if (!cart) return NO_CART;
      const memory = afterRemoval(await this.#remembered(cartId), cart);
      if (cart.completed_at) return asItIs(memory, cart);
      const heard = await this.#hear(cart, memory, isPlacing);
      // Orderguard's answer takes its time; the cart may be another one by now.
      const now = heard.isNew ? await this.#load(cartId) : cart;
      if (!now || now.completed_at) continue;
      if (attempt < ATTEMPTS && heard.asked !== (await this.#question(now, memory.fee)).asked) continue;
      return this.#write(now, memory, heard, change);
    }
  }

  async #write(cart, before, heard, change) {
    const { asked, at, answer, offer, reason } = heard;
    const choice = goodsOf(cart, before.fee).length ? change(before.choice, offer) : NO_CHOICE;
    const fee = await this.#put(cart, before.fee, choice.agreed ? offer : null);
    const memory = { asked, at, answer: answer ?? lastWord(before), choice, fee };
    const kept = await this.#remembered(cart.id);
    if (JSON.stringify(memory) !== JSON.stringify(kept)) await this.#keep(cart.id, memory, kept);
    return { offer, accepted: Boolean(choice.agreed), notice: choice.notice, reason };
  }

  /** Makes the cart bear the fee for these terms, or none. */
  async #put(cart, fee, terms) {
    const mine = cart.items.filter((item) => isFee(item, fee));
    if (!terms) {
      if (mine.length) await this.#run({ cart_id: cart.id, remove: mine.map(({ id }) => id), add: null, update: null });
      return null;
    }
    const wanted = lineFor(terms, await this.#how(cart, fee));
    const kept = mine.find(({ id }) => id === fee?.id) ?? mine[0];
    const remove = mine.filter((item) => item !== kept).map(({ id }) => id);
    const isRight = kept && isSame(kept, wanted);
    if (isRight && !remove.length) return feeOf(kept.id, wanted, terms, cart);
    const update = kept && !isRight ? { id: kept.id, data: wanted } : null;
    const written = await this.#run({ cart_id: cart.id, remove, add: kept ? null : wanted, update });
    return feeOf(kept?.id ?? written[0].id, wanted, terms, cart);
  }

  async #run(input) {
    const { result } = await putFeeWorkflow(this.#container).run({ input });
    return result;
  }

  async #how(cart, fee) {
    const { settings } = this.#ours;
    return {
      title: await settings.read('feeName', cart, 'Order protection'),
      isTaxInclusive: await settings.read('pricesWithTax', cart, isTaxInside(cart, fee)),
      productTypeId: await settings.read('feeProductTypeId', cart, undefined),
    };
  }

  /** The answer for this state of the cart: remembered, or asked for. */
  async #hear(cart, memory, isPlacing) {
    const { asked, body, connection } = await this.#question(cart, memory.fee);
    // Time zero: a missing answer is neither fresh nor usable.
    const nothing = { asked, at: 0, answer: null, offer: null, isNew: false };
    if (!connection) return { ...nothing, reason: 'not_connected' };
    if (!body.cart.lines.length) return { ...nothing, reason: 'empty_cart' };
    if (exponentOf(body.cart.currencyCode) === null) return { ...nothing, reason: 'currency_not_supported' };
    const age = memory.asked === asked && memory.answer ? Date.now() - memory.at : Infinity;
    const known = () => this.#heard(asked, memory.at, memory.answer, cart, false);
    if (!isPlacing && age < FRESH_MS) return known();
    const answer = await this.#ours.server.analyze(connection, body);
    if (answer === 'refused') return { ...nothing, reason: 'refused', isNew: true };
    if (answer !== 'silent') return this.#heard(asked, Date.now(), answer, cart, true);
    return age < USABLE_MS ? known() : { ...nothing, reason: 'no_answer', isNew: true };
  }

  #heard(asked, at, answer, cart, isNew) {
    const { offer, reason } = answer;
    const isForeign = offer && offer.currency !== cart.currency_code.toUpperCase();
    if (isForeign) return { asked, at, answer, offer: null, reason: 'currency_not_supported', isNew };
    return { asked, at, answer, offer, reason: offer ? '' : reason, isNew };
  }

  async #question(cart, fee) {
    const { settings } = this.#ours;
    const connection = await settings.connection(cart);
    if (exponentOf(cart.currency_code.toUpperCase()) === null) {
      const body = { cart: { lines: [null], currencyCode: cart.currency_code.toUpperCase() } };
      return { asked: fingerprintOf(cart.currency_code), body, connection };
    }
    const read = readCart(cart, {
      fee,
      isTaxShown: await settings.read('pricesWithTax', cart, isTaxInside(cart, fee)),
      country: await settings.read('country', cart, ''),
      deliveryMethods: await deliveryMethodsIn(this.#container, settings.options, cart),
    });
    const body = settings.options.cartRequest?.(cart, read) ?? read;
    return { asked: fingerprintOf(connection?.url, connection?.cartKey, body), body, connection };
  }

  async #load(cartId) {
    const query = this.#container.resolve(ContainerRegistrationKeys.QUERY);
    const { data } = await query.graph({ entity: 'cart', fields: CART_FIELDS, filters: { id: cartId } });
    return data[0] ? { ...data[0], items: (data[0].items ?? []).filter(Boolean) } : null;
  }

  async #remembered(cartId) {
    return readMemory((await this.#ours.listOrderguardCarts({ id: cartId }))[0]);
  }

  async #keep(cartId, memory, before) {
    const row = rowOf(cartId, memory);
    if (before.asked) await this.#ours.updateOrderguardCarts(row);
    else await this.#ours.createOrderguardCarts(row);
  }
}

const NO_CART = { offer: null, accepted: false, notice: null, reason: 'no_cart' };

const feeOf = (id, wanted, { amount, currency }, cart) => ({
  id,
  amount,
  currency,
  isTaxInclusive: wanted.is_tax_inclusive,
  region: cart.region_id ?? null,
});

/** Once the cart is an order, nothing is asked. */
function asItIs({ answer, choice, fee }, cart) {
  const isThere = cart.items.some((item) => isFee(item, fee));
  return { offer: isThere ? (answer?.offer ?? null) : null, accepted: isThere, notice: choice.notice, reason: 'not_open' };
}
