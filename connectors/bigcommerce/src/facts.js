import { BigCommerceError } from './bigcommerce.js';

const KEPT_MS = 600_000;
const KEPT_AT_MOST = 5_000;
const AT_ONCE = 50;

/**
 * The names of a product's categories and brand, for exclusion rules. Cached for ten minutes.
 */
export class Facts {
  #kept = new Map();
  #now;
  #log;

  /** @param {{ now: () => number, log: (text: string) => void }} options */
  constructor({ now, log }) {
    this.#now = now;
    this.#log = log;
  }

  /**
   * The facts of these products by id; null when BigCommerce does not answer, because goods that may be
   * excluded must not be offered.
   *
   * @param {{ hash: string, shop: import('./bigcommerce.js').BigCommerce }} store
   * @param {number[]} products
   * @returns {Promise<Map<number, { vendor?: string, collections: string[] }> | null>}
   */
  async of({ hash, shop }, products) {
    try {
      const missing = products.filter((id) => !this.#get(`${hash} ${id}`));
      for (let from = 0; from < missing.length; from += AT_ONCE) await this.#load(hash, shop, missing.slice(from, from + AT_ONCE));
    } catch (error) {
      if (!(error instanceof BigCommerceError)) throw error;
      this.#log(`${hash}: no offer, because the products could not be read. ${error.message}`);
      return null;
    }
    return new Map(products.map((id) => [id, this.#get(`${hash} ${id}`) ?? { collections: [] }]));
  }

  async #load(hash, shop, products) {
    const listed = await read(shop, 'products', products, 'include_fields=categories,brand_id');
    const names = await namesOf(shop, 'categories', listed.flatMap(({ categories }) => categories ?? []));
    const brands = await namesOf(shop, 'brands', listed.map(({ brand_id }) => brand_id).filter(Boolean));
    if (this.#kept.size > KEPT_AT_MOST) this.#kept.clear();
    for (const id of products) {
      const product = listed.find((each) => each.id === id);
      const collections = (product?.categories ?? []).map((each) => names.get(each)).filter(Boolean).sort();
      const vendor = brands.get(product?.brand_id);
      this.#kept.set(`${hash} ${id}`, { at: this.#now(), facts: { collections, ...(vendor && { vendor }) } });
    }
  }

  #get(key) {
    const found = this.#kept.get(key);
    return found && this.#now() - found.at < KEPT_MS ? found.facts : undefined;
  }
}

async function namesOf(shop, kind, ids) {
  const found = await read(shop, kind, [...new Set(ids)], 'include_fields=name');
  return new Map(found.map(({ id, name }) => [id, name]));
}

async function read(shop, kind, ids, query) {
  const found = [];
  for (let from = 0; from < ids.length; from += AT_ONCE) {
    const path = `/v3/catalog/${kind}?id:in=${ids.slice(from, from + AT_ONCE).join()}&${query}&limit=${AT_ONCE}`;
    found.push(...((await shop.call('GET', path))?.data ?? []));
  }
  return found;
}
