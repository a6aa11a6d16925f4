import { type CustomFieldConfig, LanguageCode } from '@vendure/core';

/** Two columns of `order` that no API shows: shoppers can neither read nor write them. */
export const orderFields: CustomFieldConfig[] = [
  {
    name: 'orderguardSession',
    type: 'string',
    internal: true,
    nullable: true,
    label: [{ languageCode: LanguageCode.en, value: 'Offer session' }],
  },
  {
    name: 'orderguardTerms',
    type: 'text',
    internal: true,
    nullable: true,
    label: [{ languageCode: LanguageCode.en, value: 'Terms offered and agreed to' }],
  },
];

declare module '@vendure/core/dist/entity/custom-entity-fields' {
  interface CustomOrderFields {
    /** The offer session, `lop_…`; null when no offer was asked for. */
    orderguardSession?: string | null;
    /** JSON, see `memory.ts`. */
    orderguardTerms?: string | null;
  }
}
