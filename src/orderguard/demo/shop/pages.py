"""The shop's pages, rendered on the server. All values are escaped."""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import datetime
from functools import cache
from pathlib import Path
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined

from orderguard.demo.shop.cart import LOCALES, REGIONS, ServerMood
from orderguard.demo.shop.goods import CURRENCIES, ENGRAVING_LENGTH, GOODS
from orderguard.demo.shop.offer import token_of
from orderguard.demo.shop.visitors import Visitor
from orderguard.domain.money import EUR, JPY, USD, Money, parse_currency, to_major_units

SYMBOLS = {USD: "$", EUR: "€", JPY: "¥"}
SERVER_MOODS = {
    ServerMood.WELL: "is well",
    ServerMood.SLOW: "is slow (2.5 s)",
    ServerMood.DEAD: "is dead",
}
COVERS: Mapping[tuple[str, ...], str] = {
    ("returnCoverage",): "Get hassle-free returns on this order.",
    ("shippingProtection",): "Protect your package against loss or damage during shipping.",
}
COVERS_BOTH = "Cover your order for easy returns and shipping protection."
MODE_NAMES = {
    "returnCoverage": "Returns",
    "shippingProtection": "Loss, theft and damage on the way",
}


def render(template: str, visitor: Visitor, **values: Any) -> str:
    """A page for this visitor."""
    return (
        _environment()
        .get_template(template)
        .render(
            visitor=visitor,
            cart=visitor.cart,
            switches=visitor.switches,
            currency=visitor.switches.currency,
            **values,
        )
    )


@cache
def _environment() -> Environment:
    environment = Environment(
        loader=FileSystemLoader(Path(__file__).parent / "templates"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters |= {
        "price": price,
        "minor_price": _minor_price,
        "day": _day,
        "pretty": _pretty,
        "compact": _compact,
        "covers": _covers,
        "token": token_of,
    }
    environment.globals |= {
        "goods": GOODS,
        "currencies": CURRENCIES,
        "regions": REGIONS,
        "locales": LOCALES,
        "server_moods": SERVER_MOODS,
        "mode_names": MODE_NAMES,
        "engraving_length": ENGRAVING_LENGTH,
    }
    return environment


def price(money: Money) -> str:
    """An amount as an English-speaking shop writes it: `$1,299.00`, `¥49,800`, `KWD 101.500`."""
    whole, point, fraction = to_major_units(money).partition(".")
    grouped = f"{int(whole):,}"
    symbol = SYMBOLS.get(money.currency, f"{money.currency} ")
    return f"{symbol}{grouped}{point}{fraction}"


def _day(timestamp: str) -> str:
    moment = datetime.fromisoformat(timestamp)
    return f"{moment.day} {moment:%B %Y}"


def _minor_price(wire: Mapping[str, Any]) -> str:
    """An amount as Orderguard's answers have it."""
    return price(Money(wire["amount"], parse_currency(wire["currency_code"])))


def _pretty(document: Any) -> str:
    return json.dumps(document, indent=2, ensure_ascii=False)


def _compact(document: Any) -> str:
    return json.dumps(document, ensure_ascii=False)


def _covers(modes: tuple[str, ...]) -> str:
    return COVERS.get(modes, COVERS_BOTH)
