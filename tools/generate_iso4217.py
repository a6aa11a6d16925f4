"""Writes `src/orderguard/domain/iso4217.py` from the `iso4217` package, ISO's own list.

The table keeps the currencies that ISO withdrew, with the decimals they had: a code never leaves
it, because stored orders may be in it. `WITHDRAWN` names them.

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

EXPONENTS_EVER = {
'''
BETWEEN = """}

WITHDRAWN = frozenset(
    {
"""
FOOTER = '''    }
)
"""Codes that stored and pushed orders may use, and new offers may not."""

EXPONENTS = {code: digits for code, digits in EXPONENTS_EVER.items() if code not in WITHDRAWN}
"""The currencies that ISO 4217 lists today."""
'''


def main() -> None:
    listed = {c.code: c.exponent for c in Currency if c.exponent is not None}
    withdrawn = dict.fromkeys(WITHDRAWN_WITH_0_DECIMALS.split(), 0)
    withdrawn |= dict.fromkeys(WITHDRAWN_WITH_2_DECIMALS.split(), 2)
    before = withdrawn | EXPONENTS_EVER
    changed = [code for code in listed if before.get(code, listed[code]) != listed[code]]
    if changed:
        sys.exit(f"ISO changed the decimals of {changed}: stored amounts need a migration first.")
    write(before | listed, withdrawn=before.keys() - listed.keys())


def write(exponents: dict[str, int], *, withdrawn: set[str]) -> None:
    table = [f'    "{code}": {exponents[code]},\n' for code in sorted(exponents)]
    names = [f'        "{code}",\n' for code in sorted(withdrawn)]
    FILE.write_text(HEADER + "".join(table) + BETWEEN + "".join(names) + FOOTER)


if __name__ == "__main__":
    main()
