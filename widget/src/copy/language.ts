/** The words of one language. `{price}` is replaced by the formatted price. */

export interface Words {
  /** BCP 47, of the words themselves; screen readers pronounce by it. */
  readonly language: string;
  readonly title: string;
  /** Stands beside the price, in the same weight. */
  readonly optional: string;
  readonly return: string;
  readonly shipping: string;
  readonly both: string;
  /** Shown when the shopper has to confirm again. */
  readonly modesChanged: string;
  readonly priceRose: string;
  readonly interrupted: string;
  /** Announced, not shown. */
  readonly newPrice: string;
  readonly gone: string;
}
