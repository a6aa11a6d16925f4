"""Writes connectors/js/src/currencies.js from src/orderguard/domain/iso4217.py.

Run it after tools/generate_iso4217.py: .venv/bin/python tools/generate_js_currencies.py
"""

from pathlib import Path

from orderguard.domain.iso4217 import EXPONENTS_EVER

TARGET = Path(__file__).parents[1] / "connectors/js/src/currencies.js"
ROW = 20

HEADER = """\
/**
 * Decimals per currency that ISO 4217 lists or once listed.
 *
 * By tools/generate_js_currencies.py; do not edit.
 *
 * @type {Array<[number, string]>}
 */
const CODES_BY_EXPONENT = [
"""

FOOTER = """\
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
"""


def source() -> str:
    """The whole file."""
    rows = ""
    for exponent in sorted(set(EXPONENTS_EVER.values())):
        codes = sorted(code for code, decimals in EXPONENTS_EVER.items() if decimals == exponent)
        lines = [" ".join(codes[start : start + ROW]) for start in range(0, len(codes), ROW)]
        texts = " ' +\n".join(f"      '{line}" for line in lines) + "'"
        rows += f"  [\n    {exponent},\n{texts.replace('      ', '    ', 1)},\n  ],\n"
    return HEADER + rows + FOOTER


if __name__ == "__main__":
    TARGET.write_text(source())
