"""Writes the two tables of `src/orderguard/domain` from the `iso4217` package, ISO's own list.

`iso4217.py` has the currencies that ISO lists today. `iso4217_ever.py` also has those that it
withdrew, with the decimals they had: a code never leaves it, because stored orders may be in it.

Run it when ISO amends the list: .venv/bin/python tools/generate_iso4217.py
"""

import sys
from pathlib import Path

from iso4217 import Currency

from orderguard.domain.iso4217_ever import EXPONENTS_EVER

DOMAIN = Path(__file__).parents[1] / "src/orderguard/domain"

WITHDRAWN_WITH_0_DECIMALS = "ADP BEF BYB BYR ESP GRD ITL LUF MGF PTE TPE TRL"
WITHDRAWN_WITH_2_DECIMALS = (
    "AFA ANG ATS AZM BGL BGN CSD CUC CYP DEM EEK FIM FRF GHC GWP HRK IEP LTL LVL MRO MTL MZM NLG "
    "ROL RUR SDD SIT SKK SLL SRG STD TMM USS VEB VEF YUM ZMK ZWD ZWL ZWN ZWR"
)
"""Withdrawn since 1999 and before the first table here. ISO's list of them has no decimals; these
are the ones they had on the list of current codes."""

LISTED = '''"""Decimals per currency, from ISO 4217 by tools/generate_iso4217.py; do not edit."""

EXPONENTS = {
'''
EVER = '''"""Decimals per currency that ISO 4217 lists or once listed; a code stays for ever.

By tools/generate_iso4217.py; do not edit.
"""

EXPONENTS_EVER = {
'''


def main() -> None:
    listed = {c.code: c.exponent for c in Currency if c.exponent is not None}
    withdrawn = dict.fromkeys(WITHDRAWN_WITH_0_DECIMALS.split(), 0)
    withdrawn |= dict.fromkeys(WITHDRAWN_WITH_2_DECIMALS.split(), 2)
    before = withdrawn | EXPONENTS_EVER
    changed = [code for code in listed if before.get(code, listed[code]) != listed[code]]
    if changed:
        sys.exit(f"ISO changed the decimals of {changed}: stored amounts need a migration first.")
    write("iso4217.py", LISTED, listed)
    write("iso4217_ever.py", EVER, before | listed)


def write(name: str, header: str, exponents: dict[str, int]) -> None:
    lines = [f'    "{code}": {exponents[code]},\n' for code in sorted(exponents)]
    (DOMAIN / name).write_text(header + "".join(lines) + "}\n")


if __name__ == "__main__":
    main()
