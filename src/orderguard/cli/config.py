"""The commands of `orderguard config`."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from pathlib import Path

import typer

from orderguard.actions.check_configuration import find_warnings
from orderguard.actions.configuration_source.reading import check_source
from orderguard.actions.find_merchant import get_merchant
from orderguard.actions.publish_configuration import publish_configuration, read_configuration
from orderguard.actions.roll_back_configuration import roll_back_configuration
from orderguard.cli import config_diff, config_schedule, shadow_run
from orderguard.cli.context import change_for, open_database, read_file, source_limit
from orderguard.cli.output import (
    JsonOption,
    console,
    errors_explained,
    print_json,
    print_table,
)
from orderguard.domain.errors import NotFound, Problem
from orderguard.domain.ids import ConfigurationVersion
from orderguard.rules.cel import CelCompiler

app = typer.Typer(no_args_is_help=True, rich_markup_mode=None)

FileArgument = typer.Argument(help="A TOML file; - reads standard input.")
MerchantArgument = typer.Argument(help="The merchant's id or name.")

app.command("diff", help=config_diff.HELP)(config_diff.diff)
app.command("shadow-run", help=shadow_run.HELP)(shadow_run.run)
app.command("schedule")(config_schedule.schedule)
app.command("scheduled")(config_schedule.scheduled)
app.command("reschedule")(config_schedule.reschedule)
app.command("cancel")(config_schedule.cancel)


@app.command("check")
def check(file: Path = FileArgument, as_json: bool = JsonOption) -> None:
    """Check a configuration and list all its problems; nothing is published.

    Example: orderguard config check shop.toml
    """
    with errors_explained():
        source = read_file(file)
        check_source(source, limit=source_limit())
        configuration = read_configuration(source, CelCompiler())
    summary = {
        "ok": True,
        "modes": list(configuration.modes),
        "currencies": sorted(configuration.currencies),
        "rules": len(configuration.rules),
        "price_plans": sum(len(plans) for plans in configuration.pricing.values()),
        "warnings": _documents(warnings := find_warnings(source, CelCompiler())),
    }
    if as_json:
        print_json(summary)
    else:
        console().print(
            f"Fine: {summary['rules']} rules and {summary['price_plans']} price plans "
            f"for {', '.join(configuration.modes)}.",
            markup=False,
        )
        _print(warnings)


def _documents(warnings: Sequence[Problem]) -> list[dict[str, str]]:
    return [{"path": each.path, "message": each.message} for each in warnings]


def _print(warnings: Sequence[Problem]) -> None:
    for each in warnings:
        console().print(f"Warning: {each}", markup=False)


@app.command("publish")
def publish(
    merchant: str = MerchantArgument, file: Path = FileArgument, as_json: bool = JsonOption
) -> None:
    """Publish a configuration; it takes effect at once in every process.

    Example: orderguard config publish acme shop.toml
    """
    with errors_explained(), open_database() as database:
        published = publish_configuration(
            database,
            CelCompiler(),
            merchant,
            read_file(file),
            change=change_for(database, merchant),
            source_limit=source_limit(),
        )
    warnings = find_warnings(published.source, CelCompiler())
    if as_json:
        print_json(
            {
                "merchant": published.merchant,
                "version": published.version,
                "warnings": _documents(warnings),
            }
        )
    else:
        console().print(f"Published version {published.version} of {merchant}.", markup=False)
        _print(warnings)


@app.command("show")
def show(merchant: str = MerchantArgument, as_json: bool = JsonOption) -> None:
    """Print the published configuration as it was written.

    Example: orderguard config show acme > shop.toml
    """
    with errors_explained(), open_database() as database, database.read() as work:
        latest = work.configurations.latest(get_merchant(work, merchant).id)
        if latest is None:
            raise NotFound(
                f"{merchant} has no configuration yet. "
                "Publish one with: orderguard config publish MERCHANT FILE"
            )
    if as_json:
        print_json(
            {
                "merchant": latest.merchant,
                "version": latest.version,
                "published_at": latest.published_at,
                "published_by": latest.published_by,
                "source": latest.source,
            }
        )
    else:
        sys.stdout.write(latest.source)


@app.command("rollback")
def rollback(
    merchant: str = MerchantArgument,
    version: int = typer.Argument(
        min=1, help="The number of the version to publish again, as listed by history."
    ),
    as_json: bool = JsonOption,
) -> None:
    """Publish an old version again, as a new one; it takes effect at once in every process.

    Example: orderguard config rollback acme 3
    """
    with errors_explained(), open_database() as database:
        with database.read() as work:
            owner = get_merchant(work, merchant).id
        published = roll_back_configuration(
            database,
            CelCompiler(),
            owner,
            ConfigurationVersion(version),
            change=change_for(database, merchant),
        )
    if as_json:
        print_json(
            {
                "merchant": published.merchant,
                "version": published.version,
                "text_of_version": version,
            }
        )
    else:
        console().print(
            f"Published version {published.version} of {merchant}, with the text of "
            f"version {version}.",
            markup=False,
        )


@app.command("history")
def history(merchant: str = MerchantArgument, as_json: bool = JsonOption) -> None:
    """List the published versions, newest first.

    Example: orderguard config history acme
    """
    with errors_explained(), open_database() as database, database.read() as work:
        versions = work.configurations.history(get_merchant(work, merchant).id)
    if as_json:
        print_json(
            [
                {
                    "version": each.version,
                    "published_at": each.published_at,
                    "published_by": each.published_by,
                }
                for each in versions
            ]
        )
    else:
        print_table(
            ("VERSION", "PUBLISHED", "BY"),
            [(v.version, f"{v.published_at:%Y-%m-%d %H:%M}", v.published_by) for v in versions],
            empty="Nothing published yet.",
        )
