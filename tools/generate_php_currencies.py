"""Writes connectors/php/src/Currencies.php from src/orderguard/domain/iso4217.py.

Run it after tools/generate_iso4217.py: .venv/bin/python tools/generate_php_currencies.py
"""

from pathlib import Path

from orderguard.domain.iso4217 import EXPONENTS_EVER

TARGET = Path(__file__).parents[1] / "connectors/php/src/Currencies.php"

HEADER = """<?php

declare(strict_types=1);

namespace Orderguard\\Core;

/**
 * Decimals per currency that ISO 4217 lists or once listed.
 *
 * By tools/generate_php_currencies.py; do not edit.
 */
final class Currencies
{
    private const BY_EXPONENT = [
"""

FOOTER = """    ];

    /** How many decimals the currency has; null for a code that ISO 4217 never had. */
    public static function exponent(string $currency): ?int
    {
        foreach (self::BY_EXPONENT as $exponent => $codes) {
            if (3 === strlen($currency) && str_contains($codes, $currency . ' ')) {
                return $exponent;
            }
        }

        return null;
    }
}
"""


def source() -> str:
    """The whole file."""
    rows = ""
    for exponent in sorted(set(EXPONENTS_EVER.values())):
        codes = sorted(code for code, decimals in EXPONENTS_EVER.items() if decimals == exponent)
        lines = [f"            . '{' '.join(some)} '\n" for some in batched_codes(codes)]
        rows += f"        {exponent} => ''\n" + "".join(lines).rstrip("\n") + ",\n"
    return HEADER + rows + FOOTER


def batched_codes(codes: list[str]) -> list[tuple[str, ...]]:
    """Rows of twenty."""
    return [tuple(codes[start : start + 20]) for start in range(0, len(codes), 20)]


if __name__ == "__main__":
    TARGET.write_text(source())
