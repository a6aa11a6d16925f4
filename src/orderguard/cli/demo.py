"""`orderguard demo`."""

from __future__ import annotations

import sys
from pathlib import Path

import typer

from orderguard.cli.output import JsonOption, console, errors_explained, print_json
from orderguard.demo.cart_outcomes import analyze_carts
from orderguard.demo.carts import demo_carts
from orderguard.demo.report import (
    demo_document,
    tell_outcomes,
    tell_what_to_try,
    with_progress,
)
from orderguard.demo.stage import set_stage

HELP = """Serve a demo shop's protection, analyse its carts, and show what became of them.

Creates the merchant "Fjord & Field" in a database of its own, orderguard-demo.db.

Example: orderguard demo --port 8080
"""


def demo(
    port: int | None = typer.Option(
        None, min=0, max=65_535, help="The port; without it 8080, or a free one if that is taken."
    ),
    directory: Path = typer.Option(
        Path(), help="Where orderguard-demo.db and orderguard-demo.log are kept."
    ),
    exit_: bool = typer.Option(False, "--exit", help="Stop after the table instead of serving."),
    as_json: bool = JsonOption,
) -> None:
    with errors_explained(), set_stage(directory, port=port) as stage:
        carts = demo_carts()
        with stage.client() as client:
            outcomes = list(
                with_progress(
                    analyze_carts(client, carts),
                    total=len(carts),
                    about="Analysing carts",
                    quiet=as_json,
                )
            )
        if as_json:
            print_json(demo_document(stage, outcomes))
        else:
            tell_outcomes(console(), outcomes)
        if exit_:
            return
        if not as_json:
            tell_what_to_try(console(), stage, outcomes)
        sys.stdout.flush()
        stage.serve_until_stopped()
