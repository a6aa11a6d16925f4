/** Builders that mention only what matters to a test. */

import type { AnalysisRequest } from '../src/client.ts';
import type { CoverageMode, EligibleOffer } from '../src/offer.ts';

export const SESSION = 'lop_a1b2c3d4e5f6g7h8i9j0';
export const BOTH: readonly CoverageMode[] = ['returnCoverage', 'shippingProtection'];

export function anOffer(amount = 4_98, { mode = BOTH, currencyCode = 'USD' } = {}): EligibleOffer {
  return {
    eligible: true,
    sessionId: SESSION,
    mode,
    chargeInstructions: { amount, currencyCode, method: 'fee' },
  };
}

/** The answer of the server that makes `anOffer`. */
export function anAnswer(amount = 4_98, { mode = BOTH, currencyCode = 'USD', sessionId = SESSION } = {}) {
  return {
    sessionId,
    eligible: true,
    reason: 'eligible',
    mode,
    chargeInstructions: { amount, currencyCode, method: 'fee' },
    metadata: { priceBreakdown: [], sessionCreated: false, analysisCount: 2, experimentCohort: null },
  };
}

export function aRefusal(reason = 'cart_total_too_low') {
  return { sessionId: SESSION, eligible: false, reason, chargeInstructions: null, metadata: {} };
}

export function aRequest(subtotalAmount = 50_00, more: Partial<AnalysisRequest> = {}): AnalysisRequest {
  return {
    platform: 'custom',
    region: 'US',
    ...more,
    cart: {
      lines: [
        {
          id: '1',
          productId: 'lamp',
          quantity: 1,
          totalPrice: subtotalAmount,
          originalTotalPrice: subtotalAmount,
          title: 'Lamp',
        },
      ],
      currencyCode: 'USD',
      subtotalAmount,
      totalDiscountAmount: 0,
      discountedSubtotalAmount: subtotalAmount,
      totalTaxAmount: 0,
      totalAmount: subtotalAmount,
      itemCount: 1,
    },
  };
}

export function anEmptyRequest(): AnalysisRequest {
  const request = aRequest(0);
  return { ...request, cart: { ...request.cart, lines: [], itemCount: 0 } };
}
