"""The command `orderguard doctor`."""

from __future__ import annotations

from dataclasses import asdict

import typer

from orderguard.cli.context import current_settings, open_database_as_it_is
from orderguard.cli.output import FAILED, JsonOption, errors_explained, print_json, print_table
from orderguard.domain.analytics.diagnosis import has_problem
from orderguard.running.wiring import now, wire_examination

HELP = """Changes nothing. Ends with 1 when something does not work, and with 0 otherwise.

Example: orderguard doctor
"""


def doctor(as_json: bool = JsonOption) -> None:
    with errors_explained(), open_database_as_it_is() as database:
        findings = wire_examination(
            database, bytes_per_day=current_settings().stored_bytes_per_day
        )(at=now())
    if as_json:
        print_json([asdict(finding) for finding in findings])
    else:
        print_table(
            ("", "MERCHANT", "CHECK", "FOUND", "WHAT TO DO"),
            [
                (each.severity, each.merchant or "", each.check, each.found, each.advice)
                for each in findings
            ],
            empty="There is nothing to check.",
        )
    if has_problem(findings):
        raise typer.Exit(FAILED)
