"""Make merchants, configurations and keys, with Orderguard's own commands."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from typer.testing import CliRunner

from orderguard.cli.app import app

_SHOP = Path(__file__).parent / "shop.toml"

_RULES = (
    'region.country == "US" && region.subdivision == "AK" && cart.itemCount > {n}',
    'cart.lines.exists(l, "hazard-{n}" in l.tags)',
    'cart.lines.exists(l, l.productType == "Freight {n}" || l.vendor == "Carrier {n}")',
    'locale.startsWith("fr") && "group-{n}" in customer.groups',
    "cart.subtotalAmount > 99000000{n:03}",
)
"""The kinds of rules that merchants write; none of them holds for the carts of the benchmark."""


class OrderguardRefused(Exception):
    """A command of Orderguard failed; the message is its error output."""


def configuration(*, rules: int) -> str:
    """The benchmark's configuration as TOML, with this number of merchant rules."""
    blocks = [
        f"[[rules]]\nname = \"rule {n}\"\nreject_when = '{_RULES[n % len(_RULES)].format(n=n)}'\n"
        for n in range(rules)
    ]
    return "\n".join([_SHOP.read_text(encoding="utf-8"), *blocks])


def open_shop(
    database_url: str, *, name: str = "bench", rules: int = 0, scopes: Sequence[str] = ("cart",)
) -> str:
    """Make a merchant, publish its configuration, and return a key with these scopes."""
    orderguard(database_url, "db", "upgrade")
    orderguard(database_url, "merchants", "create", name)
    orderguard(
        database_url, "config", "publish", name, "-", standard_input=configuration(rules=rules)
    )
    wanted = [text for scope in scopes for text in ("--scope", scope)]
    issued = orderguard(database_url, "keys", "issue", name, *wanted)
    return str(issued["key"])


def orderguard(
    database_url: str,
    *arguments: str,
    standard_input: str | None = None,
    settings: Mapping[str, str] | None = None,
) -> Any:
    """Run a command of Orderguard with `--json`; returns its answer. Raises `OrderguardRefused`."""
    result = CliRunner().invoke(
        app,
        [*arguments, "--json"],
        env={"ORDERGUARD_DATABASE_URL": database_url} | dict(settings or {}),
        input=standard_input,
    )
    if result.exit_code:
        raise OrderguardRefused(f"orderguard {' '.join(arguments[:2])}: {_reason(result)}")
    return json.loads(result.stdout)


def _reason(result: Any) -> str:
    said = (result.output or "").strip()
    return said.splitlines()[-1] if said else repr(result.exception)
