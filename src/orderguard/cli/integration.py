"""The commands of `orderguard integration`."""

from __future__ import annotations

from typing import Annotated

import typer

from orderguard.actions.check_integration import check_integration, integration_document
from orderguard.actions.find_merchant import get_merchant
from orderguard.cli.context import open_database
from orderguard.cli.output import FAILED, JsonOption, console, errors_explained, print_json
from orderguard.domain.integration.check import (
    CheckedRule,
    IntegrationCheck,
    Standing,
    Verdict,
    parse_within,
)
from orderguard.running.wiring import now, wire_find_configuration

app = typer.Typer(no_args_is_help=True, rich_markup_mode=None)

STANDINGS = {Standing.HELD: "held", Standing.BROKEN: "BROKEN", Standing.NOT_SEEN: "not seen"}
VERDICTS = {
    Verdict.PASSED: "Passed",
    Verdict.BROKEN: "Not passed: rules are broken",
    Verdict.INCOMPLETE: "Not passed yet: rules that are required were not seen",
}


@app.callback()
def integration() -> None:
    """Check an integration by its own traffic."""


@app.command()
def check(
    merchant: str = typer.Argument(help="The merchant's id or name."),
    within: Annotated[
        str | None,
        typer.Option(
            help="How old traffic may be: 2d, 12h or 30m; without it, the newest is read."
        ),
    ] = None,
    as_json: bool = JsonOption,
) -> None:
    """Report which rules the merchant's traffic holds, breaks, or has not shown yet.

    Changes nothing. Ends with 0 when the integration has passed, and with 1 otherwise.

    Example: orderguard integration check acme-test --within 1h
    """
    with errors_explained(), open_database() as database, database.read() as work:
        owner = get_merchant(work, merchant)
        found = check_integration(
            work,
            owner,
            wire_find_configuration(),
            real_at=now(),
            within=parse_within(within) if within else None,
        )
    if as_json:
        print_json({"merchant": owner.id, **integration_document(found)})
    else:
        _print(owner.name, found)
    if found.verdict is not Verdict.PASSED:
        raise typer.Exit(FAILED)


def _print(name: str, found: IntegrationCheck) -> None:
    _say(f"Integration of {name} at {found.at:%Y-%m-%d %H:%M} UTC")
    _say(f"{found.sessions} sessions and {found.orders} orders were read.\n")
    for line in found.lines:
        _print_line(line)
    _say(
        f"\n{VERDICTS[found.verdict]}. {found.count(Standing.HELD)} held, "
        f"{found.count(Standing.BROKEN)} broken, {found.count(Standing.NOT_SEEN)} not seen yet."
    )


def _print_line(line: CheckedRule) -> None:
    required = " (required)" if line.rule.is_required else ""
    _say(f"{STANDINGS[line.standing]:<9} {line.rule.title}{required}")
    shown = line.evidence if line.standing is Standing.BROKEN else line.evidence[:1]
    for each in shown:
        _say(f"          {each.kind} {each.id}, {each.at:%Y-%m-%d %H:%M}: {each.note}")
    if line.count > len(shown):
        _say(f"          and {line.count - len(shown)} more")
    if line.missing:
        _say(f"          not seen yet: {line.missing}")
    if line.standing is Standing.BROKEN:
        _say(f"          {line.rule.told}")
        _say(f"          What to do: {line.rule.remedy}")


def _say(text: str) -> None:
    console().print(text, markup=False)
