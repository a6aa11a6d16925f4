"""The command `orderguard config diff`."""

from __future__ import annotations

from dataclasses import asdict
from pathlib import Path

import typer

from orderguard.actions.compare_configurations import Comparison, compare_configurations
from orderguard.actions.find_merchant import get_merchant
from orderguard.actions.manage_drafts import get_draft
from orderguard.actions.ports.unit_of_work import UnitOfWork
from orderguard.actions.publish_configuration import get_published, get_version
from orderguard.cli.context import open_database, read_file
from orderguard.cli.output import JsonOption, console, errors_explained, print_json, print_table
from orderguard.domain.configuration.draft import DraftId
from orderguard.domain.ids import ConfigurationVersion, MerchantId

PUBLISHED = "published"
VERSION_DIGITS = 9

HELP = """Say what is different between two configurations, setting by setting and line by line.

Each is the number of a version, a draft's id, published, or a file; - reads standard input.

Example: orderguard config diff acme published shop.toml
"""


def diff(
    merchant: str = typer.Argument(help="The merchant's id or name."),
    before: str = typer.Argument(help="A version, a draft, published, or a file."),
    after: str = typer.Argument(
        PUBLISHED, help="The second one: a version, a draft, published, or a file."
    ),
    as_json: bool = JsonOption,
) -> None:
    with errors_explained(), open_database() as database, database.read() as work:
        owner = get_merchant(work, merchant).id
        compared = compare_configurations(
            _source_called(work, owner, before), _source_called(work, owner, after)
        )
    if as_json:
        print_json(
            {
                "settings": compared.settings and [asdict(each) for each in compared.settings],
                "lines": [
                    [{"mark": line.mark, **asdict(line)} for line in hunk]
                    for hunk in compared.lines
                ],
            }
        )
    else:
        _print(compared)


def _source_called(work: UnitOfWork, merchant: MerchantId, name: str) -> str:
    """The text of `published`, a version, a draft or a file. Write a file named 17 as ./17."""
    if name == PUBLISHED:
        return get_published(work, merchant).source
    if name.isascii() and name.isdigit() and len(name) <= VERSION_DIGITS:
        return get_version(work, merchant, ConfigurationVersion(int(name))).source
    if name.startswith("drf_"):
        return get_draft(work, merchant, DraftId(name)).source
    return read_file(Path(name))


def _print(compared: Comparison) -> None:
    if compared.settings is None:
        console().print("One of the two is no document, so only lines are compared.")
    else:
        print_table(
            ("SETTING", "BEFORE", "AFTER"),
            [(each.subject, each.before, each.after) for each in compared.settings],
            empty="No setting is different.",
        )
    for hunk in compared.lines:
        console().print()
        for line in hunk:
            console().print(f"{line.mark}{line.text}", markup=False)
