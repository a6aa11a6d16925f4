import { createHash } from 'node:crypto';

import { afterClick, afterOffer, exponentOf, NO_CHOICE, toMajor, tokenOf } from './core/index.js';
import { BigCommerceError } from './bigcommerce.js';
import { analyzeRequest, isTaxShown, productsOf } from './cart.js';
import { feeOf, hasRoom, putFee } from './fee.js';
import { Metafield, NOTHING, readMemory } from './memory.js';
import { INCOMPLETE } from './states.js';

/**
 * How long an answer is reused, in milliseconds: a change of prices or rules in Orderguard is seen after at
 * most this time.
 */
const FRESH_MS = 180_000;
/** How long, in milliseconds, an answer for an unchanged cart is reused while Orderguard does not answer. */
const USABLE_MS = 1_800_000;

/**
 * What the box shows.
 *
 * @typedef {object} Seen
 * @property {import('./core/terms.js').Terms & { token: string, price: string, decimals: number } | null} offer null: show nothing
 * @property {boolean} accepted
 * @property {string | null} notice why a yes is none any more
 * @property {string} reason why there is no offer
 * @property {boolean} isChanged whether the checkout's fee changed, and its total with it
 */

/** Offers for open checkouts: asked for, remembered, and put on the checkout as a fee once agreed to. */
export class Offers {
  #connect;
  #orderguard;
  #facts;
  #now;
  #log;
  #tell;
  #turns = new Map();

  /** @param {{ connect: Function, orderguard: import('./orderguard.js').Orderguard, facts: import('./facts.js').Facts, now: () => number, log: (text: string) => void, tell: (hash: string, text: string) => Promise<unknown> }} parts */
  constructor({ connect, orderguard, facts, now, log, tell }) {
    this.#tell = tell;
    this.#connect = connect;
    this.#orderguard = orderguard;
    this.#facts = facts;
    this.#now = now;
    this.#log = log;
  }

  /** The offer for a checkout as it is now; the fee of an accepted offer follows it. @returns {Promise<Seen>} */
  look(hash, checkoutId) {
    return this.#inTurn(`${hash} ${checkoutId}`, () => this.#bring(hash, checkoutId, afterOffer));
  }

  /** The shopper's click. `shown` names the terms that the page showed. @returns {Promise<Seen>} */
  choose(hash, checkoutId, isYes, shown) {
    const clicked = (choice, offer) => afterOffer(afterClick(choice, offer, isYes, shown), offer);
    return this.#inTurn(`${hash} ${checkoutId}`, () => this.#bring(hash, checkoutId, clicked));
  }

  async #bring(hash, checkoutId, change) {
    const store = await this.#connect(hash);
    if (!store?.shop) return seen(null, NO_CHOICE, 'not_installed', false);
    const { shop } = store;
    const checkout = (await shop.call('GET', `/v3/checkouts/${checkoutId}`))?.data;
    if (!checkout?.cart) return seen(null, NO_CHOICE, 'no_checkout', false);
    const field = new Metafield(shop, `/v3/carts/${checkoutId}/metafields`);
    const before = readMemory(await field.read());
    if (await isPlaced(shop, checkout)) return seen(null, before.choice, 'not_open', false);
    const heard = await this.#hear(store, checkout, before);
    const choice = heard.lines ? change(before.choice, heard.offer) : NO_CHOICE;
    const memory = {
      asked: heard.asked,
      at: heard.at,
      answer: heard.answer ?? lastWord(before),
      choice,
      withTax: isTaxShown(checkout),
    };
    return this.#settle(store, checkout, field, { before, memory, heard });
  }

  /**
   * An acceptance is stored after its fee was added, and a refusal before its fee is removed: an error in
   * between charges no shopper.
   */
  async #settle(store, checkout, field, { before, memory, heard }) {
    const { choice } = memory;
    const wanted = choice.agreed ? heard.offer : null;
    const mine = feeOf(checkout.fees);
    const isEnding = !wanted && Boolean(mine);
    if (isEnding) await this.#keep(field, before, memory);
    let put;
    try {
      put = await putFee(store.shop, checkout, wanted, store.taxClass);
    } catch (error) {
      if (!(error instanceof BigCommerceError)) throw error;
      this.#log(`${store.hash}: the fee stays as it was. ${error.message}`);
      // A fee that stays on is a yes; a fee that was refused is none.
      if (mine) return { ...seen(before.answer?.offer ?? null, before.choice, 'fee_refused', false), accepted: true };
      await this.#keep(field, before, { ...memory, choice: NO_CHOICE });
      return seen(heard.offer, NO_CHOICE, 'fee_refused', false);
    }
    if (!put.isExact) return this.#withdraw(store, checkout, field, { before, memory, wanted });
    if (!isEnding) await this.#keep(field, before, memory);
    return seen(heard.offer, choice, heard.reason, put.isChanged);
  }

  /** Withdraws the offer for this cart, because the store would charge another amount than the offer's. */
  async #withdraw({ hash }, checkout, field, { before, memory, wanted }) {
    const price = `${toMajor(wanted.amount, wanted.currency)} ${wanted.currency}`;
    await this.#tell(hash, `The store would charge another amount than ${price} for protection, so it is not offered. Choose a tax class without tax.`);
    await this.#keep(field, before, { ...memory, answer: lastWord(memory), choice: NO_CHOICE, at: this.#now() });
    return seen(null, NO_CHOICE, 'not_chargeable', Boolean(feeOf(checkout.fees)));
  }

  /** Orderguard's answer for this state of the cart: the stored one, or a new one. */
  async #hear(store, checkout, before) {
    const currency = checkout.cart.currency.code;
    const nothing = { asked: '', at: 0, answer: null, offer: null, lines: true };
    if (!store.connection) return { ...nothing, reason: 'not_connected' };
    if (exponentOf(currency) === null) return { ...nothing, reason: 'currency_not_supported' };
    const facts = await this.#facts.of(store, productsOf(checkout));
    if (!facts) return { ...nothing, reason: 'no_product_data' };
    const body = analyzeRequest(checkout, facts, store.country);
    if (!body.cart.lines.length) return { ...nothing, lines: false, reason: 'empty_cart' };
    const asked = hashOf([store.connection.url, store.connection.cartKey, body]);
    const age = before.asked === asked && before.answer ? this.#now() - before.at : Infinity;
    if (age < FRESH_MS) return heard(asked, before.at, before.answer, checkout);
    const answer = await this.#orderguard.analyze(store.connection, body);
    if (answer === 'refused') return { ...nothing, asked, reason: 'refused' };
    if (answer !== 'silent') return heard(asked, this.#now(), answer, checkout);
    if (age < USABLE_MS) return heard(asked, before.at, before.answer, checkout);
    return { ...nothing, asked, reason: 'no_answer' };
  }

  async #keep(field, before, memory) {
    const isNews = JSON.stringify(memory) !== JSON.stringify(before);
    const isEmpty = !memory.answer && !memory.choice.agreed && before === NOTHING;
    if (isNews && !isEmpty) await field.write(memory);
  }

  /** Runs the work of one checkout one after the other: two tabs must not both add a fee. */
  #inTurn(key, work) {
    const turn = (this.#turns.get(key) ?? Promise.resolve()).then(work);
    const settled = turn.catch(() => {});
    this.#turns.set(key, settled);
    settled.then(() => this.#turns.get(key) === settled && this.#turns.delete(key));
    return turn;
  }
}

/** Whether the checkout has become an order. An incomplete order is a shopper at the payment page, who may still go back. */
async function isPlaced(shop, { order_id }) {
  if (!order_id) return false;
  const order = await shop.call('GET', `/v2/orders/${order_id}`);
  return Number(order?.status_id) !== INCOMPLETE;
}

function heard(asked, at, answer, checkout) {
  const { offer, reason } = answer;
  const found = { asked, at, answer, lines: true };
  if (!offer) return { ...found, offer, reason };
  if (offer.currency !== checkout.cart.currency.code) return { ...found, offer: null, reason: 'currency_not_supported' };
  if (!hasRoom(checkout)) return { ...found, offer: null, reason: 'no_room_for_a_fee' };
  return { ...found, offer, reason: '' };
}

/**
 * The last answer without its offer, so that the session stays with the cart while Orderguard does not
 * answer.
 */
const lastWord = ({ answer }) => answer && { ...answer, offer: null };

/** @returns {Seen} */
function seen(offer, choice, reason, isChanged) {
  const shown = offer && {
    ...offer,
    token: tokenOf(offer),
    price: toMajor(offer.amount, offer.currency),
    decimals: exponentOf(offer.currency),
  };
  return { offer: shown, accepted: Boolean(offer && choice.agreed), notice: choice.notice, reason, isChanged };
}

const hashOf = (value) => createHash('sha256').update(JSON.stringify(value)).digest('hex').slice(0, 32);
