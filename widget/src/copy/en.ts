import type { Words } from './language.ts';

const words: Words = {
  language: 'en',
  title: 'Order protection',
  optional: 'Optional',
  return: 'Covers the return of items in this order.',
  shipping: 'Covers loss, theft and damage during shipping.',
  both: 'Covers returns, and loss, theft and damage during shipping.',
  modesChanged: 'What is covered has changed with your cart. Tick the box if you still want protection.',
  priceRose: 'The price has changed with your cart. Tick the box if you still want protection.',
  interrupted: 'Protection is available again. Tick the box if you still want it.',
  newPrice: 'Order protection now costs {price}.',
  gone: 'Order protection is no longer available and has been removed from your order.',
};

export default words;
