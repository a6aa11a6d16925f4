/** What an analysis answered, parsed once at the edge; nothing further in re-validates it. */

import { exponentOf } from './money.ts';

export type CoverageMode = 'returnCoverage' | 'shippingProtection';

/** What the shop must charge and how. `amount` is in minor units, always a positive integer. */
export interface ChargeInstructions {
  readonly amount: number;
  readonly currencyCode: string;
  readonly method: 'fee' | 'product_line_item';
  readonly product?: { readonly id: string; readonly handle: string };
}

/** What the shopper can say yes to. `mode` is the server's array, verbatim: it goes on the order. */
export interface Terms {
  readonly sessionId: string;
  readonly mode: readonly CoverageMode[];
  readonly chargeInstructions: ChargeInstructions;
}

export interface EligibleOffer extends Terms {
  readonly eligible: true;
}

export interface IneligibleOffer {
  readonly eligible: false;
  readonly reason: string;
}

export type Offer = EligibleOffer | IneligibleOffer;

export const SESSION_ID = /^lop_[A-Za-z0-9]{20}$/;

/**
 * The offer in an answer of `POST analyze`, or null when the answer cannot be trusted.
 *
 * Unknown members are ignored, because the server may add some at any time. An unknown coverage
 * mode is not: we have no words that describe it truthfully. An offer in another currency than the
 * cart's is not an offer for this cart.
 */
export function offerFromWire(body: unknown, cartCurrency?: unknown): Offer | null {
  if (!isRecord(body) || !isSessionId(body.sessionId)) return null;
  if (typeof body.eligible !== 'boolean' || typeof body.reason !== 'string') return null;
  // Any reason but "eligible" hides the offer, also together with `eligible: true`.
  if (!body.eligible || body.reason !== 'eligible') return { eligible: false, reason: body.reason };
  const terms = termsFromWire(body);
  if (!terms) return null;
  if (cartCurrency !== undefined && cartCurrency !== terms.chargeInstructions.currencyCode) return null;
  return { eligible: true, ...terms };
}

/** The same for what a shop kept of an earlier acceptance (see `Storefront.restore`). */
export function termsFromWire(body: unknown): Terms | null {
  if (!isRecord(body) || !isSessionId(body.sessionId)) return null;
  const { sessionId, mode, chargeInstructions } = body;
  if (!Array.isArray(mode) || !mode.length || !mode.every(isCoverageMode)) return null;
  return isChargeInstructions(chargeInstructions) ? { sessionId, mode, chargeInstructions } : null;
}

export function isSessionId(value: unknown): value is string {
  return typeof value === 'string' && SESSION_ID.test(value);
}

export function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null;
}

function isCoverageMode(value: unknown): value is CoverageMode {
  return value === 'returnCoverage' || value === 'shippingProtection';
}

function isChargeInstructions(value: unknown): value is ChargeInstructions {
  return (
    isRecord(value) &&
    Number.isSafeInteger(value.amount) &&
    (value.amount as number) > 0 &&
    exponentOf(value.currencyCode as string) !== undefined &&
    (value.method === 'fee' || (value.method === 'product_line_item' && isRecord(value.product)))
  );
}
