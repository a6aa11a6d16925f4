/**
 * Whether the box may be ticked before the shopper touched it. By default no, and in most places never.
 *
 * This is not legal advice. `basis` is the reason for a row:
 * - `law`: a statute or binding guideline that speaks of default options, preselection or unasked extras;
 * - `platform`: a rule of the commerce platform, independent of the law;
 * - `caution`: we know of no rule that names this case, but of enough nearby (enforcement policy, unfair
 *   practices law) that a shop should not find out by accident. A `caution` row is our choice, not law.
 *
 * A shop cannot override `refused`. `shop_decides` is refused as well, unless the shop names exactly
 * this region, which is its statement that it took legal advice. A place without a row is `shop_decides`, too.
 * `since` is the day from which a rule applies or, for a policy, when it was published.
 */

/** The day the rows were last gone through (by developers, partly from secondary sources). */
export const REVIEWED_ON = '2026-11-23';

export interface LawfulnessRow {
  /** ISO 3166-1 countries and 3166-2 subdivisions; in a `platform` row, names of platforms. */
  readonly places: readonly string[];
  readonly verdict: 'refused' | 'shop_decides';
  readonly basis: 'law' | 'platform' | 'caution';
  readonly since: string;
  readonly source: string;
  readonly note: string;
}

const listed = (places: string) => places.split(' ');

export const DEFAULT_LAWFULNESS: readonly LawfulnessRow[] = [
  {
    places: ['shopify'],
    verdict: 'refused',
    basis: 'platform',
    since: '2025-02-18',
    source: 'https://shopify.dev/changelog/new-buyer-consent-requirement',
    note: 'Apps must show the cost and obtain explicit buyer consent before adding an optional paid item.',
  },
  {
    places: listed(
      'AT BE BG HR CY CZ DK EE FI FR DE GR HU IE IT LV LT LU MT NL PL PT RO SK SI ES SE ' +
        // Åland and the outermost regions of France and Spain with country codes of their own.
        'AX GF GP MF MQ RE YT IC EA',
    ),
    verdict: 'refused',
    basis: 'law',
    since: '2014-06-13',
    source: 'Directive 2011/83/EU (Consumer Rights Directive), art. 22',
    note: 'Express consent to every extra payment; consent by a default option gives a right to reimbursement.',
  },
  {
    places: ['IS', 'LI', 'NO'],
    verdict: 'refused',
    basis: 'law',
    since: '2014-06-13',
    source: 'Directive 2011/83/EU, art. 22, through the EEA Agreement and national law',
    note: 'As in the EU. The day on which national law began to apply may be later.',
  },
  {
    places: ['GB'],
    verdict: 'refused',
    basis: 'law',
    since: '2014-06-13',
    source: 'Consumer Contracts (Information, Cancellation and Additional Charges) Regulations 2013, reg. 40',
    note: 'No liability for a payment inferred from a default option. CMA guidance of 2025 names pre-ticked boxes.',
  },
  {
    places: ['IN'],
    verdict: 'refused',
    basis: 'law',
    since: '2023-11-30',
    source: 'Guidelines for Prevention and Regulation of Dark Patterns, 2023 (CCPA, India), "basket sneaking"',
    note: 'Adding items or services at checkout without consent, so that more is payable.',
  },
  {
    places: ['KR'],
    verdict: 'refused',
    basis: 'law',
    since: '2025-02-14',
    source: 'Act on the Consumer Protection in Electronic Commerce, as amended (Republic of Korea)',
    note: 'Preselection of specific options is among the prohibited interface practices.',
  },
  {
    places: ['US-CA'],
    verdict: 'refused',
    basis: 'caution',
    since: '2025-07-01',
    source: 'Cal. Bus. & Prof. Code §§ 17200, 17500, 17600 ff. (as amended by AB 2863); Cal. Civ. Code § 1770',
    note:
      'The automatic renewal law is about renewing charges, not a one-off fee; no provision known to us names ' +
      'this case. Unfair competition and consumer remedies law reach it; we treat it as forbidden.',
  },
  {
    places: ['US-MA', 'US-NY'],
    verdict: 'refused',
    basis: 'caution',
    since: '2025-09-02',
    source: '940 CMR 38.00 (Massachusetts); N.Y. Gen. Bus. Law §§ 349, 527-a',
    note: 'Fee transparency and negative option rules; whether they reach a one-off optional fee is open.',
  },
  {
    // Without a subdivision the shopper may be in any state, so the strictest row has to hold.
    places: ['US'],
    verdict: 'shop_decides',
    basis: 'caution',
    since: '2021-11-04',
    source: 'FTC, Enforcement Policy Statement Regarding Negative Option Marketing, 86 Fed. Reg. 60822; FTC Act § 5',
    note:
      'A policy on negative options in general, not a statute on this case. The FTC rule of 2024 that would ' +
      'have gone further was vacated in court in 2025.',
  },
  {
    places: ['AU'],
    verdict: 'shop_decides',
    basis: 'caution',
    since: '2011-01-01',
    source: 'Australian Consumer Law, ss. 18, 29, 48; ACCC material on drip pricing and preselected extras',
    note: 'No ban known to us that names preselection; misleading conduct and component pricing rules apply.',
  },
  {
    places: ['CA'],
    verdict: 'shop_decides',
    basis: 'caution',
    since: '2022-06-23',
    source: 'Competition Act (Canada), s. 74.01(1.1), drip pricing; provincial rules on unsolicited services',
    note: 'No federal ban known to us that names preselection; provinces differ, Quebec and Ontario are strict.',
  },
  {
    places: ['CH', 'NZ', 'BR', 'JP', 'TR', 'IL', 'SG', 'ZA', 'MX'],
    verdict: 'shop_decides',
    basis: 'caution',
    since: REVIEWED_ON,
    source: 'General unfair commercial practices law of the country',
    note: 'Not researched further.',
  },
];

export interface DefaultQuestion {
  /** As in the analysis request; nothing known about the place means no. */
  readonly region?: string | { readonly country: string; readonly subdivision?: string } | undefined;
  readonly platform?: string | undefined;
  /** Regions for which the shop took advice: "US-TX", "NZ". A country does not stand for its subdivisions. */
  readonly shopDecidedFor?: readonly string[];
}

export interface DefaultAnswer {
  readonly allowed: boolean;
  /** The row that decided; null for a place we know nothing about. */
  readonly row: LawfulnessRow | null;
}

/** Decide whether the offer may start accepted. When in doubt, no. */
export function mayBePreticked({ region, platform, shopDecidedFor = [] }: DefaultQuestion): DefaultAnswer {
  const place = placeOf(region);
  const row =
    rowOf(platform?.toLowerCase()) ?? rowOf(place) ?? rowOf(place?.split('-')[0]) ?? null;
  const allowed = place !== undefined && row?.verdict !== 'refused' && namesPlace(shopDecidedFor, place);
  return { allowed, row };
}

function rowOf(place: string | undefined): LawfulnessRow | undefined {
  return DEFAULT_LAWFULNESS.find(({ places }) => place !== undefined && places.includes(place));
}

/** The bare "US" is never enough: the shopper may be in a state that is refused. */
function namesPlace(shopDecidedFor: readonly string[], place: string): boolean {
  return place !== 'US' && shopDecidedFor.some((named) => named.toUpperCase() === place);
}

function placeOf(region: DefaultQuestion['region']): string | undefined {
  if (!region) return undefined;
  if (typeof region === 'string') return region.toUpperCase();
  const { country, subdivision } = region;
  if (!subdivision) return country.toUpperCase();
  return (subdivision.includes('-') ? subdivision : `${country}-${subdivision}`).toUpperCase();
}
