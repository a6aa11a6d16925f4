/**
 * Decimals per currency that ISO 4217 lists or once listed.
 *
 * By tools/generate_js_currencies.py; do not edit.
 *
 * @type {Array<[number, string]>}
 */
const CODES_BY_EXPONENT = [
  [
    0,
    'ADP BEF BIF BYB BYR CLP DJF ESP GNF GRD ISK ITL JPY KMF KRW LUF MGF PTE PYG RWF ' +
      'TPE TRL UGX UYI VND VUV XAF XOF XPF',
  ],
  [
    2,
    'AED AFA AFN ALL AMD ANG AOA ARS ATS AUD AWG AZM AZN BAM BBD BDT BGL BGN BMD BND ' +
      'BOB BOV BRL BSD BTN BWP BYN BZD CAD CDF CHE CHF CHW CNY COP COU CRC CSD CUC CUP ' +
      'CVE CYP CZK DEM DKK DOP DZD EEK EGP ERN ETB EUR FIM FJD FKP FRF GBP GEL GHC GHS ' +
      'GIP GMD GTQ GWP GYD HKD HNL HRK HTG HUF IDR IEP ILS INR IRR JMD KES KGS KHR KPW ' +
      'KYD KZT LAK LBP LKR LRD LSL LTL LVL MAD MDL MGA MKD MMK MNT MOP MRO MRU MTL MUR ' +
      'MVR MWK MXN MXV MYR MZM MZN NAD NGN NIO NLG NOK NPR NZD PAB PEN PGK PHP PKR PLN ' +
      'QAR ROL RON RSD RUB RUR SAR SBD SCR SDD SDG SEK SGD SHP SIT SKK SLE SLL SOS SRD ' +
      'SRG SSP STD STN SVC SYP SZL THB TJS TMM TMT TOP TRY TTD TWD TZS UAH USD USN USS ' +
      'UYU UZS VEB VED VEF VES WST XAD XCD XCG YER YUM ZAR ZMK ZMW ZWD ZWG ZWL ZWN ZWR',
  ],
  [
    3,
    'BHD IQD JOD KWD LYD OMR TND',
  ],
  [
    4,
    'CLF UYW',
  ],
];

const EXPONENTS = new Map(
  CODES_BY_EXPONENT.flatMap(([exponent, codes]) =>
    codes.split(' ').map((code) => /** @type {[string, number]} */ ([code, exponent])),
  ),
);

/**
 * How many decimals the currency has; null for a code that ISO 4217 never had.
 *
 * @param {string} currency
 * @returns {number | null}
 */
export const exponentOf = (currency) => EXPONENTS.get(currency) ?? null;
