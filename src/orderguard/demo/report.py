"""Output of the demo: tables for people, a JSON document for programs."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import asdict
from statistics import median
from typing import Any, TypeVar

from rich.console import Console
from rich.markup import escape
from rich.progress import track
from rich.table import Table

from orderguard.demo.cart_outcomes import ELIGIBLE, CartOutcome
from orderguard.demo.curl import curl_recipes
from orderguard.demo.order_outcomes import OrderOutcome
from orderguard.demo.stage import USUAL_PORT, Stage
from orderguard.domain.books.statement import Statement
from orderguard.domain.coverage_mode import CoverageMode
from orderguard.domain.money import Currency, Money, to_major_units

T = TypeVar("T")

WIDTH_BESIDE_THE_CART = 58
WIDTH_BESIDE_THE_ORDER = 58
MODE_NAMES = {"returnCoverage": "return", "shippingProtection": "shipping"}


def with_progress(items: Iterable[T], *, total: int, about: str, quiet: bool) -> Iterator[T]:
    """Yield the items, with a progress bar on standard error meanwhile."""
    console = Console(stderr=True)
    yield from track(items, about, total=total, transient=True, disable=quiet, console=console)


@contextmanager
def told_to_wait(*, quiet: bool) -> Iterator[Callable[[], None]]:
    """Show a status on standard error while the demo loads.

    Yields a function that ends it.
    """
    status = Console(stderr=True).status("Preparing the shop, and the three weeks before")
    if not quiet:
        status.start()
    try:
        yield status.stop
    finally:
        status.stop()


def tell_shop(console: Console, stage: Stage) -> None:
    """Print the addresses of the shop and of the console."""
    _tell(console, f"The shop is open: {stage.shop_url}")
    _tell(console, f"Its console, signed in by this link once:\n  {stage.console_url}\n")


def tell_outcomes(console: Console, outcomes: Sequence[CartOutcome]) -> None:
    """Print the table of carts, the count of each reason, and the median response time."""
    console.print(_outcome_table(outcomes, console.width))
    console.print()
    console.print(_reason_table(outcomes))
    typical = median(outcome.milliseconds for outcome in outcomes)
    console.print(f"\n{len(outcomes)} carts, typically answered in {typical:.1f} ms.\n")


def tell_orders(console: Console, orders: Sequence[OrderOutcome]) -> None:
    """Print the table of orders: the shop's push, the acceptance, the coverage."""
    table = Table(box=None, pad_edge=False, header_style="bold")
    order_width = max(20, console.width - WIDTH_BESIDE_THE_ORDER)
    table.add_column("ORDER OF", no_wrap=True, overflow="ellipsis", max_width=order_width)
    table.add_column("STORY", no_wrap=True, overflow="ellipsis", max_width=18)
    table.add_column("FEE", no_wrap=True)
    table.add_column("CHARGED", no_wrap=True, justify="right")
    table.add_column("COVERED NOW", no_wrap=True, justify="right")
    for order in orders:
        table.add_row(
            escape(order.about),
            order.story,
            order.verdict or order.outcome.replace("_", " "),
            order.charged,
            order.covered_for if order.covered else "",
        )
    console.print(table)
    console.print()


def tell_statement(console: Console, statement: Statement) -> None:
    """Print the statement, a row per currency."""
    table = Table(box=None, pad_edge=False, header_style="bold")
    table.add_column("")
    for column in ("ORDERS", "RETURN", "SHIPPING", "REVERSALS", "NET"):
        table.add_column(column, no_wrap=True, justify="right")
    for each in statement.currencies:
        amounts = [
            *(each.fees_by_mode.get(mode, 0) for mode in CoverageMode),
            -each.reversals,
            each.net,
        ]
        major = [to_major_units(Money(amount, each.currency)) for amount in amounts]
        table.add_row(each.currency, str(each.orders_accepted), *major)
    _tell(console, f"\nStatement of {statement.month}:")
    console.print(table)


def tell_trial_balance(console: Console, balance: Mapping[Currency, int]) -> None:
    """Print the trial balance, whose sums must all be zero."""
    sums = ", ".join(f"{currency} {balance[currency]}" for currency in sorted(balance))
    _tell(console, f"\nTrial balance (must be zero in every currency):\n  {sums}\n")


def tell_what_to_try(console: Console, stage: Stage, outcomes: Sequence[CartOutcome]) -> None:
    """Print the addresses of server and shop, the paths of files, and curl commands."""
    if stage.usual_port_taken:
        _tell(console, f"Port {USUAL_PORT} is taken, so this is another one (or choose: --port).")
    _tell(console, f"Orderguard answers at {stage.url} for two merchants:")
    owner = stage.owner
    for kind, merchant, key in (
        ("live", owner.merchant, owner.key),
        ("sandbox", owner.sandbox, owner.sandbox_key),
    ):
        _tell(console, f"  {kind:8} {merchant.name}\n    key {key}")
    _tell(console, f"Database:   {stage.database_file}\nServer log: {stage.log_file}")
    for recipe in curl_recipes(stage, outcomes):
        _tell(console, f"\n# {recipe.about}\n{recipe.command}")
    _tell(console, "\nCtrl-C stops the demo.")
    _tell(console, f"The shop, as shoppers see it: {stage.shop_url}")
    _tell(console, f"The merchant's console (works once):\n  {stage.console_url}")
    _tell(console, f"The API is described at {stage.url}/docs")


def demo_document(
    stage: Stage, outcomes: Sequence[CartOutcome], orders: Sequence[OrderOutcome]
) -> dict[str, Any]:
    """The results of the demo as JSON, for programs."""
    return {
        "url": stage.url,
        "shop_url": stage.shop_url,
        "console_url": stage.console_url,
        "merchant": stage.owner.merchant.name,
        "key": stage.owner.key,
        "orders_key": stage.owner.orders_key,
        "sandbox": stage.owner.sandbox.name,
        "sandbox_key": stage.owner.sandbox_key,
        "database": str(stage.database_file),
        "log": str(stage.log_file),
        "outcomes": [_outcome_document(outcome) for outcome in outcomes],
        "reasons": dict(_reasons(outcomes)),
        "orders": [asdict(order) for order in orders],
    }


def _tell(console: Console, text: str) -> None:
    # No wrapping: a command with added line breaks could not be pasted.
    console.print(text, markup=False, soft_wrap=True)


def _outcome_table(outcomes: Sequence[CartOutcome], width: int) -> Table:
    table = Table(box=None, pad_edge=False, header_style="bold")
    cart_width = max(20, width - WIDTH_BESIDE_THE_CART)
    table.add_column("CART", no_wrap=True, overflow="ellipsis", max_width=cart_width)
    table.add_column("REASON AND MODES", no_wrap=True)
    table.add_column("PRICE", no_wrap=True, justify="right")
    table.add_column("MS", no_wrap=True, justify="right")
    for outcome in outcomes:
        table.add_row(
            escape(outcome.cart.about),
            _reason_and_modes(outcome),
            str(outcome.price or ""),
            f"{outcome.milliseconds:.1f}",
        )
    return table


def _reason_and_modes(outcome: CartOutcome) -> str:
    if not outcome.eligible:
        return escape(outcome.reason)
    modes = " + ".join(MODE_NAMES.get(mode, mode) for mode in outcome.modes)
    return f"[green]{ELIGIBLE}[/green]: {escape(modes)}"


def _reason_table(outcomes: Sequence[CartOutcome]) -> Table:
    table = Table(box=None, pad_edge=False, header_style="bold")
    table.add_column("REASON", no_wrap=True)
    table.add_column("CARTS", justify="right")
    for reason, count in _reasons(outcomes):
        table.add_row(escape(reason), str(count))
    return table


def _reasons(outcomes: Sequence[CartOutcome]) -> list[tuple[str, int]]:
    return Counter(outcome.reason for outcome in outcomes).most_common()


def _outcome_document(outcome: CartOutcome) -> dict[str, Any]:
    return {
        "cart": outcome.cart.about,
        "reason": outcome.reason,
        "eligible": outcome.eligible,
        "modes": list(outcome.modes),
        "amount": outcome.price.amount if outcome.price else None,
        "currency": outcome.price.currency if outcome.price else None,
        "price": str(outcome.price) if outcome.price else None,
        "milliseconds": round(outcome.milliseconds, 2),
        "session_id": outcome.session_id,
        "request_id": outcome.request_id,
    }
