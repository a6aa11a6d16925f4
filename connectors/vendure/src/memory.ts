import type { Order } from '@vendure/core';

import { NO_CHOICE, readTerms } from './core';
import type { Answer } from './core/answer';
import type { Choice } from './core/choice';

/** The memory of one cart, on its order: the question, Orderguard's answer, the shopper's choice. */
export interface Memory {
  /** A hash of the request. */
  asked: string;
  /** When the answer came, in milliseconds since 1970. */
  at: number;
  /** Null when Orderguard refused the cart. */
  answer: Answer | null;
  choice: Choice;
}

const NOTHING: Memory = { asked: '', at: 0, answer: null, choice: NO_CHOICE };

export function memoryOf(order: Pick<Order, 'customFields'>): Memory {
  let kept: any = null;
  try {
    kept = JSON.parse(order.customFields?.orderguardTerms ?? 'null');
  } catch {
    // Not our text; the offer is asked for again.
  }
  if (typeof kept?.asked !== 'string' || typeof kept.at !== 'number') return NOTHING;
  const { session, reason } = kept.answer ?? {};
  return {
    asked: kept.asked,
    at: kept.at,
    answer: typeof session === 'string' ? { session, reason, offer: readTerms(kept.answer.offer) } : null,
    choice: { agreed: readTerms(kept.choice?.agreed), notice: kept.choice?.notice ?? null },
  };
}

/** The columns of `order` that hold it. The session of the last answer links the order to its offer. */
export function fieldsOf(memory: Memory): { orderguardSession: string | null; orderguardTerms: string } {
  return {
    orderguardSession: memory.answer?.session ?? null,
    orderguardTerms: JSON.stringify(memory),
  };
}
