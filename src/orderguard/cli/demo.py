"""The command `orderguard demo`."""

from __future__ import annotations

import sys
from collections.abc import Mapping, Sequence
from contextlib import nullcontext
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Any

import typer
from rich.console import Console

from orderguard.actions.close_statement import draw_up_statement
from orderguard.actions.ports.unit_of_work import UnitOfWork
from orderguard.actions.statement_file import statement_document
from orderguard.cli.funnel import day_document, print_funnel
from orderguard.cli.output import JsonOption, console, errors_explained, print_json
from orderguard.demo.cart_outcomes import CartOutcome, analyze_carts
from orderguard.demo.carts import demo_carts
from orderguard.demo.order_outcomes import OrderOutcome, orders_to_come, push_orders
from orderguard.demo.report import (
    demo_document,
    tell_orders,
    tell_outcomes,
    tell_shop,
    tell_statement,
    tell_trial_balance,
    tell_what_to_try,
    told_to_wait,
    with_progress,
)
from orderguard.demo.stage import Stage, set_stage, until_stopped
from orderguard.domain.analytics.funnel import FunnelDay
from orderguard.domain.books.month import Month
from orderguard.domain.books.statement import Statement
from orderguard.domain.ids import MerchantId
from orderguard.domain.money import Currency
from orderguard.running.wiring import now

COLUMNS = 80
BAR_WIDTH = 11

HELP = """Creates the merchant "Fjord & Field" in a database of its own, orderguard-demo.db.

Example: orderguard demo --port 8080
"""


def demo(
    port: int | None = typer.Option(
        None, min=0, max=65_535, help="The port; without it 8080, or a free one if that is taken."
    ),
    shop_port: int | None = typer.Option(
        None,
        min=0,
        max=65_535,
        help="The shop's port; without it 8081, or a free one if that is taken.",
    ),
    directory: Path = typer.Option(
        Path(), help="Where orderguard-demo.db and orderguard-demo.log are kept."
    ),
    exit_: bool = typer.Option(False, "--exit", help="Stop after the table instead of serving."),
    as_json: bool = JsonOption,
) -> None:
    with (
        errors_explained(),
        told_to_wait(quiet=as_json) as ready,
        set_stage(directory, port=port, shop_port=shop_port) as stage,
    ):
        ready()
        if not as_json:
            tell_shop(_console(), stage)
        outcomes = _analyse(stage, quiet=as_json)
        orders = _push(stage, outcomes, quiet=as_json)
        with stage.read() as work:
            books = _look_into_books(work, stage.owner.merchant.id)
        with nullcontext() if exit_ else until_stopped():
            if as_json:
                print_json(demo_document(stage, outcomes, orders) | books.document())
            else:
                tell_outcomes(_console(), outcomes)
                tell_orders(_console(), orders)
                books.tell()
            if exit_:
                return
            if not as_json:
                tell_what_to_try(_console(), stage, outcomes)
            sys.stdout.flush()
            stage.serving.wait()


def _console() -> Console:
    """Standard output, 80 columns wide in a pipe, too: the demo is read, and never parsed."""
    out = console()
    out.width = out.width if out.is_terminal else COLUMNS
    return out


def _analyse(stage: Stage, *, quiet: bool) -> list[CartOutcome]:
    carts = demo_carts()
    with stage.storefront() as client:
        analysing = analyze_carts(client, carts)
        return list(
            with_progress(analysing, total=len(carts), about="Analysing carts", quiet=quiet)
        )


def _push(stage: Stage, outcomes: Sequence[CartOutcome], *, quiet: bool) -> list[OrderOutcome]:
    to_come = orders_to_come(outcomes)
    with stage.back_office() as client:
        pushing = push_orders(client, to_come)
        return list(with_progress(pushing, total=len(to_come), about="Pushing orders", quiet=quiet))


@dataclass(frozen=True, slots=True)
class _Books:
    """The funnel, statement and trial balance after the demo's orders."""

    funnel: Sequence[FunnelDay]
    statement: Statement
    trial_balance: Mapping[Currency, int]

    def tell(self) -> None:
        print_funnel(self.funnel, bar_width=BAR_WIDTH)
        tell_statement(_console(), self.statement)
        tell_trial_balance(_console(), self.trial_balance)

    def document(self) -> dict[str, Any]:
        return {
            "funnel": [day_document(day) for day in self.funnel],
            "statement": statement_document(self.statement, is_closed=False),
            "trial_balance": dict(self.trial_balance),
        }


def _look_into_books(work: UnitOfWork, merchant: MerchantId) -> _Books:
    at = now()
    return _Books(
        funnel=work.funnel.days(merchant, since=at - timedelta(days=30), at=at),
        statement=draw_up_statement(work, merchant, Month.of(at)),
        trial_balance=work.ledger.trial_balance(merchant),
    )
