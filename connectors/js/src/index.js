export { readAnswer } from './answer.js';
export { afterSilence, CLOSED, isOpen } from './breaker.js';
export { cartRequest, regionOf } from './cart_request.js';
export { afterClick, afterOffer, NO_CHOICE } from './choice.js';
export { exponentOf } from './currencies.js';
export { rescaled, rateOf, toDecimals, toMajor, toMinor } from './money.js';
export { toWire } from './order_state.js';
export { explained, outcomeOf, pauseOf, sentenceOf } from './push.js';
export { GONE, readTerms, RISE_TOLERATED_BPS, tokenOf, whyNot } from './terms.js';
