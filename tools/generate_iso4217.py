"""Writes `src/orderguard/domain/iso4217.py` from the `iso4217` package, ISO's own list.

The table keeps the currencies that ISO withdrew, with the decimals they had: a code never leaves
it, because stored orders may be in it. `LISTED` has the codes of today.

Run it when ISO amends the list: .venv/bin/python tools/generate_iso4217.py
"""

import sys
from pathlib import Path

from iso4217 import Currency

from orderguard.domain.iso4217 import EXPONENTS_EVER

FILE = Path(__file__).parents[1] / "src/orderguard/domain/iso4217.py"

WITHDRAWN_WITH_0_DECIMALS = "ADP BEF BYB BYR ESP GRD ITL LUF MGF PTE TPE TRL"
WITHDRAWN_WITH_2_DECIMALS = (
    "AFA ANG ATS AZM BGL BGN CSD CUC CYP DEM EEK FIM FRF GHC GWP HRK IEP LTL LVL MRO MTL MZM NLG "
    "ROL RUR SDD SIT SKK SLL SRG STD TMM USS VEB VEF YUM ZMK ZWD ZWL ZWN ZWR"
)
"""Withdrawn since 1999 and before the first table here. ISO's list of them has no decimals; these
are the ones they had on the list of current codes."""

HEADER = '''"""Decimals per currency that ISO 4217 lists or once listed; a code stays for ever.

By tools/generate_iso4217.py; do not edit.
"""

_CODES_BY_DECIMALS = {
'''
BETWEEN = """}

LISTED = frozenset(
    {
"""
FOOTER = '''    }
)
"""The codes of today. Stored and pushed orders may use every code, new offers only these."""

EXPONENTS_EVER = {
    code: decimals for decimals, codes in _CODES_BY_DECIMALS.items() for code in codes.split()
}
"""Decimals of every code that was ever listed."""

EXPONENTS = {code: EXPONENTS_EVER[code] for code in sorted(LISTED)}
"""Decimals of the codes of today."""
'''


def main() -> None:
    listed = {c.code: c.exponent for c in Currency if c.exponent is not None}
    withdrawn = dict.fromkeys(WITHDRAWN_WITH_0_DECIMALS.split(), 0)
    withdrawn |= dict.fromkeys(WITHDRAWN_WITH_2_DECIMALS.split(), 2)
    before = withdrawn | EXPONENTS_EVER
    changed = [code for code in listed if before.get(code, listed[code]) != listed[code]]
    if changed:
        sys.exit(f"ISO changed the decimals of {changed}: stored amounts need a migration first.")
    write(before | listed, listed=sorted(listed))


def write(exponents: dict[str, int], *, listed: list[str]) -> None:
    rows = ""
    for decimals in sorted(set(exponents.values())):
        codes = sorted(code for code, found in exponents.items() if found == decimals)
        lines = [" ".join(codes[at : at + 20]) for at in range(0, len(codes), 20)]
        rows += f"    {decimals}: {_in_brackets(lines)},\n"
    names = "".join(f'        "{code}",\n' for code in listed)
    FILE.write_text(HEADER + rows + BETWEEN + names + FOOTER)


def _in_brackets(lines: list[str]) -> str:
    """Texts that Python joins, as ruff formats them."""
    if len(lines) == 1:
        return f'("{lines[0]} ")'
    return "(\n" + "".join(f'        "{line} "\n' for line in lines) + "    )"


if __name__ == "__main__":
    main()
