"""Writes src/orderguard/domain/iso4217.py from the `iso4217` package, which carries ISO's own list.

Run it when ISO amends the list: .venv/bin/python tools/generate_iso4217.py
"""

from pathlib import Path

from iso4217 import Currency

TARGET = Path(__file__).parents[1] / "src/orderguard/domain/iso4217.py"

HEADER = '''"""Decimals per currency, from ISO 4217 by tools/generate_iso4217.py; do not edit."""

EXPONENTS = {
'''


def main() -> None:
    rows = sorted((c.code, c.exponent) for c in Currency if c.exponent is not None)
    lines = [f'    "{code}": {exponent},\n' for code, exponent in rows]
    TARGET.write_text(HEADER + "".join(lines) + "}\n")


if __name__ == "__main__":
    main()
