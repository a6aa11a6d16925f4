"""Render templates to HTML. Values are escaped unless a template marks them as safe."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cache
from typing import Any

from jinja2 import Environment, PackageLoader, StrictUndefined

from orderguard.admin.console.navigation import MenuEntry
from orderguard.admin.console.order_words import (
    VERDICT_LABELS,
    audited,
    in_words,
    warning_label,
)
from orderguard.admin.console.static_files import static_url
from orderguard.admin.console.wire_names import as_shown, plain, with_code
from orderguard.domain.coverage_mode import MODE_LABELS
from orderguard.domain.money import Currency, Money, to_major_units
from orderguard.domain.people.account import Account
from orderguard.domain.people.merchant import Merchant


@dataclass(frozen=True, slots=True, kw_only=True)
class Shell:
    """The data of the frame around a page. Without an account there is no menu."""

    form_token: str
    message: str = ""
    account: Account | None = None
    merchant: Merchant | None = None
    role: str = ""
    sections: Sequence[MenuEntry] = ()
    section: MenuEntry | None = None
    path: str = ""


def render(template: str, shell: Shell, **context: Any) -> bytes:
    """Render a template to HTML in UTF-8."""
    return _environment().get_template(template).render(shell=shell, **context).encode()


@cache
def _environment() -> Environment:
    environment = Environment(
        loader=PackageLoader("orderguard.admin.console"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.globals["static_url"] = static_url
    environment.filters["money"] = money
    environment.filters["moment"] = moment
    environment.filters["day"] = lambda at: f"{at:%-d %b %Y}"
    environment.filters["duration"] = duration
    environment.filters["mode"] = lambda mode: MODE_LABELS.get(mode, mode)
    environment.filters["verdict"] = lambda verdict: VERDICT_LABELS.get(verdict, in_words(verdict))
    environment.filters["warning"] = warning_label
    environment.filters["plain"] = plain
    environment.filters["as_shown"] = as_shown
    environment.filters["with_code"] = with_code
    environment.filters["in_words"] = in_words
    environment.filters["audited"] = audited
    environment.filters["machine_time"] = datetime.isoformat
    return environment


def money(minor: int, currency: str) -> str:
    """An amount for people: `1,234.50 USD`. Non-breaking, so that it stays in one line."""
    text = to_major_units(Money(minor, Currency(currency)))
    whole, point, fraction = text.lstrip("-").partition(".")
    sign = "\N{MINUS SIGN}" if minor < 0 else ""
    return f"{sign}{int(whole):,}{point}{fraction}\N{NO-BREAK SPACE}{currency}"


def duration(span: timedelta) -> str:
    """A time span for people, in its largest whole unit: `40 days`, `3 hours`."""
    minutes = int(span.total_seconds()) // 60
    for unit, length in (("day", 1_440), ("hour", 60), ("minute", 1)):
        if minutes >= length and (unit == "minute" or minutes % length == 0):
            count = minutes // length
            return f"{count:,} {unit}{'' if count == 1 else 's'}"
    return "less than a minute"


def moment(at: datetime | None) -> str:
    """A moment for people, in UTC; a dash for never."""
    return f"{at:%Y-%m-%d %H:%M}" if at else "\N{EM DASH}"
