"""How many decimals a currency has is ISO's to say, wherever the repository says it."""

from __future__ import annotations

import json
import re
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest

from orderguard import client
from orderguard.domain.iso4217 import EXPONENTS
from orderguard.domain.money import parse_currency
from tests.recipes.shops import not_tried
from tests.support.programs import find_program

ROOT = Path(__file__).parents[2]
DOMAIN = {"src/orderguard/domain/iso4217.py"}
WRITTEN_IN = {".py", ".ts", ".js", ".mjs", ".php", ".html", ".j2"}


def exponents_in_python() -> dict[str, int]:
    return {code: client.exponent(parse_currency(code)) for code in EXPONENTS}


def exponents_in_node(module: str) -> dict[str, int]:
    say = "Object.fromEntries(JSON.parse(codes).map((code) => [code, exponentOf(code)]))"
    script = f"""
        const [, address, codes] = process.argv;
        const {{ exponentOf }} = await import(address);
        console.log(JSON.stringify({say}));
    """
    command = ["node", "--input-type=module", "-e", script, (ROOT / module).as_uri()]
    return said_by(command)


def said_by(command: list[str]) -> dict[str, int]:
    if not find_program(command[0]):
        not_tried(f"{command[0]} is missing")
    command = [*command, json.dumps(sorted(EXPONENTS))]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    said: dict[str, int] = json.loads(done.stdout)
    return said


def exponents_in_text(module: str) -> dict[str, int]:
    rows = re.findall(r"\[(\d), ?['\"]([A-Z]+)['\"]\]", (ROOT / module).read_text())
    return {
        code: int(exponent) for exponent, codes in rows for code in re.findall("[A-Z]{3}", codes)
    }


TABLES: dict[str, Callable[[str], dict[str, int]]] = {
    "src/orderguard/http/static/widget/v1/storefront.js": exponents_in_node,
    "src/orderguard/http/static/widget/v1/order_protection.js": exponents_in_text,
    "widget/src/currency_exponents.ts": exponents_in_text,
}


@pytest.mark.parametrize("place", TABLES)
def test_every_table_is_the_domains(place: str) -> None:
    assert TABLES[place](place) == EXPONENTS


def test_the_client_counts_as_the_domain_does() -> None:
    assert exponents_in_python() == EXPONENTS


CORES = {"connectors/php/src/Currencies.php", "connectors/js/src/currencies.js"}
"""Generated, and compared in tests/connectors/php and tests/connectors/js."""


def test_no_other_file_keeps_a_table() -> None:
    # No table is without the Chilean unit of account, which hardly anything else ever names.
    tables = {
        file.relative_to(ROOT).as_posix()
        for folder in ("src", "widget/src", "recipes", "connectors")
        for file in (ROOT / folder).rglob("*.*")
        if file.suffix in WRITTEN_IN and "CLF" in file.read_text()
    }

    assert {*DOMAIN, *TABLES, *CORES} == tables


def test_no_recipe_counts_with_the_decimals_that_prices_are_shown_with() -> None:
    counted = [
        (recipe.name, line)
        for recipe in (ROOT / "recipes").iterdir()
        if recipe.is_file()
        for line in recipe.read_text().splitlines()
        if re.search(r"wc_get_price_decimals|FractionDigits", line)
    ]

    assert [] == counted
