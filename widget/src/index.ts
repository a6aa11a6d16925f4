/** `@orderguard/storefront`: everything but the element. No DOM, runs in Node as well. */

export * from './client.ts';
export * from './default_lawfulness.ts';
export { exponentOf, formatMoney, majorFromMinor, minorFromMajor } from './money.ts';
export * from './offer.ts';
export * from './offer_state.ts';
export * from './storefront.ts';
