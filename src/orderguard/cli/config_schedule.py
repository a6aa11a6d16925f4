"""`orderguard config schedule`, `scheduled`, `reschedule` and `cancel`."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path
from typing import Any

import typer

from orderguard.actions.find_merchant import get_merchant
from orderguard.actions.ports.unit_of_work import Database
from orderguard.actions.schedule_publication import (
    cancel_publication,
    reschedule_publication,
    schedule_publication,
)
from orderguard.cli.context import change_for, open_database, read_file, source_limit
from orderguard.cli.output import (
    JsonOption,
    console,
    errors_explained,
    print_json,
    print_table,
)
from orderguard.domain.configuration.scheduled_publication import (
    WAITING_AT_MOST,
    ScheduledPublication,
    ScheduledPublicationId,
    parse_due_at,
)
from orderguard.domain.ids import MerchantId
from orderguard.randomness import new_scheduled_publication_id
from orderguard.rules.cel import CelCompiler

LISTED_AT_MOST = WAITING_AT_MOST + 20

MerchantArgument = typer.Argument(help="The merchant's id or name.")
PublicationArgument = typer.Argument(
    metavar="PUBLICATION", help="The publication's id, pub_…, as listed."
)
AtOption = typer.Option(
    ..., "--at", metavar="TIME", help="When, as 2026-11-27T08:00Z; without an offset it is UTC."
)


def schedule(
    merchant: str = MerchantArgument,
    file: Path = typer.Argument(help="A TOML file; - reads standard input."),
    due_at: str = AtOption,
    name: str = typer.Option("", help="A name for people; by default that of the file."),
    as_json: bool = JsonOption,
) -> None:
    """Schedule the publication of a configuration; a server must run at that time.

    It is checked now, and again then. If it is not accepted any more, nothing is published.

    Example: orderguard config schedule acme sale.toml --at 2026-11-27T08:00Z
    """
    with errors_explained(), open_database() as database:
        change = change_for(database, merchant)
        publication = schedule_publication(
            database,
            CelCompiler(),
            _id_of(database, merchant),
            read_file(file),
            name=name or (file.name if str(file) != "-" else "standard input"),
            due_at=parse_due_at(due_at, at=change.at),
            new_id=new_scheduled_publication_id(),
            change=change,
            source_limit=source_limit(),
        )
    _tell(publication, f"{publication.id} is published at {_shown(publication.due_at)}.", as_json)


def scheduled(merchant: str = MerchantArgument, as_json: bool = JsonOption) -> None:
    """List scheduled publications: the waiting ones, and how the latest ones ended.

    Example: orderguard config scheduled acme
    """
    with errors_explained(), open_database() as database:
        owner = _id_of(database, merchant)
        with database.read() as work:
            found = work.scheduled_publications.of_merchant(owner, limit=LISTED_AT_MOST)
    if as_json:
        print_json([_document(each) for each in found])
        return
    print_table(
        ("PUBLICATION", "NAME", "AT", "BY", "STATE", "VERSION", "WHY NOT"),
        [
            (p.id, p.name, _shown(p.due_at), p.scheduled_by, p.status, p.version, p.failure)
            for p in found
        ],
        empty="Nothing is scheduled.",
    )


def reschedule(
    merchant: str = MerchantArgument,
    publication: str = PublicationArgument,
    due_at: str = AtOption,
    as_json: bool = JsonOption,
) -> None:
    """Reschedule a publication, to an earlier or a later time.

    Example: orderguard config reschedule acme pub_a1b2c3d4e5f6g7h8 --at 2026-11-28T08:00Z
    """
    with errors_explained(), open_database() as database:
        change = change_for(database, merchant)
        rescheduled = reschedule_publication(
            database,
            _id_of(database, merchant),
            ScheduledPublicationId(publication),
            parse_due_at(due_at, at=change.at),
            change=change,
        )
    _tell(rescheduled, f"{rescheduled.id} is published at {_shown(rescheduled.due_at)}.", as_json)


def cancel(
    merchant: str = MerchantArgument,
    publication: str = PublicationArgument,
    as_json: bool = JsonOption,
) -> None:
    """Cancel a scheduled publication.

    Example: orderguard config cancel acme pub_a1b2c3d4e5f6g7h8
    """
    with errors_explained(), open_database() as database:
        cancelled = cancel_publication(
            database,
            _id_of(database, merchant),
            ScheduledPublicationId(publication),
            change=change_for(database, merchant),
        )
    _tell(cancelled, f"Cancelled {cancelled.id}: nothing will be published then.", as_json)


def _id_of(database: Database, merchant: str) -> MerchantId:
    with database.read() as work:
        return get_merchant(work, merchant).id


def _tell(publication: ScheduledPublication, sentence: str, as_json: bool) -> None:
    if as_json:
        print_json(_document(publication))
    else:
        console().print(sentence, markup=False)


def _shown(instant: datetime) -> str:
    return f"{instant:%Y-%m-%d %H:%M} UTC"


def _document(publication: ScheduledPublication) -> dict[str, Any]:
    return {
        "id": publication.id,
        "merchant": publication.merchant,
        "name": publication.name,
        "status": publication.status,
        "due_at": publication.due_at,
        "scheduled_at": publication.scheduled_at,
        "scheduled_by": publication.scheduled_by,
        "settled_at": publication.settled_at,
        "version": publication.version,
        "failure": publication.failure,
    }
