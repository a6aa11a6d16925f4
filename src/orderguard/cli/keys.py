"""The commands of `orderguard keys`."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Annotated

import typer

from orderguard.actions.find_merchant import get_merchant
from orderguard.actions.issue_api_key import issue_api_key, revoke_api_key
from orderguard.cli.context import change_now, open_database, person
from orderguard.cli.output import (
    JsonOption,
    console,
    errors_explained,
    print_json,
    print_table,
)
from orderguard.domain.people.api_key import ApiKey
from orderguard.domain.people.audit import Change
from orderguard.randomness import new_api_key_id, new_key_text
from orderguard.running.wiring import now

app = typer.Typer(no_args_is_help=True, rich_markup_mode=None)


@app.command("issue")
def issue(
    merchant: Annotated[str, typer.Argument(help="The merchant's id or name.")],
    scope: Annotated[
        list[str], typer.Option(help="What the key may do: cart, orders or admin. Repeatable.")
    ],
    origin: Annotated[
        list[str] | None,
        typer.Option(
            help="A web origin whose browsers may use the key, for a storefront. Repeatable."
        ),
    ] = None,
    requests_per_minute: Annotated[
        int | None, typer.Option(min=1, help="The key's own rate limit.")
    ] = None,
    expires_in_days: Annotated[
        int | None, typer.Option(min=1, max=36_500, help="The key is refused after so many days.")
    ] = None,
    as_json: bool = JsonOption,
) -> None:
    """Issue a key and show it, once.

    Example: orderguard keys issue acme --scope cart --origin https://shop.example
    """
    with errors_explained(), open_database() as database:
        at = now()
        issued = issue_api_key(
            database,
            merchant,
            new_id=new_api_key_id(),
            random_part=new_key_text(),
            scopes=scope,
            origins=origin or (),
            requests_per_minute=requests_per_minute,
            expires_at=at + timedelta(days=expires_in_days) if expires_in_days else None,
            change=Change(person(), at),
        )
    if as_json:
        print_json({"id": issued.key.id, "key": issued.text, "scopes": sorted(issued.key.scopes)})
    else:
        # One write: `head -1` reads the first line and closes the pipe after it.
        console().print(
            f"{issued.text}\nThis is {issued.key.id}. It is not shown again.", markup=False
        )


@app.command("list")
def list_(
    merchant: str = typer.Argument(help="The merchant's id or name."),
    as_json: bool = JsonOption,
) -> None:
    """List a merchant's keys, without the keys themselves.

    Example: orderguard keys list acme
    """
    with errors_explained(), open_database() as database, database.read() as work:
        keys = work.api_keys.of_merchant(get_merchant(work, merchant).id)
    at = now()
    if as_json:
        print_json([_document(key, at) for key in keys])
    else:
        print_table(
            ("ID", "SCOPES", "ORIGINS", "STATE", "LAST USED"),
            [
                (
                    key.id,
                    " ".join(sorted(key.scopes)),
                    " ".join(sorted(key.origins)) or "any",
                    _state(key, at),
                    f"{key.last_used_at:%Y-%m-%d %H:%M}" if key.last_used_at else "never",
                )
                for key in keys
            ],
            empty="No keys yet. Issue one with: orderguard keys issue MERCHANT --scope cart",
        )


@app.command("revoke")
def revoke(
    key_id: str = typer.Argument(help="The key's id, key_…, as listed."),
    as_json: bool = JsonOption,
) -> None:
    """Revoke a key: it is refused at once.

    Example: orderguard keys revoke key_a1b2c3d4e5f6
    """
    with errors_explained(), open_database() as database:
        key = revoke_api_key(database, key_id, change=change_now())
    if as_json:
        print_json({"id": key.id, "revoked_at": key.revoked_at})
    else:
        console().print(f"Revoked {key.id}.", markup=False)


def _document(key: ApiKey, at: datetime) -> dict[str, object]:
    return {
        "id": key.id,
        "scopes": sorted(key.scopes),
        "origins": sorted(key.origins),
        "requests_per_minute": key.requests_per_minute,
        "state": _state(key, at),
        "created_at": key.created_at,
        "expires_at": key.expires_at,
        "revoked_at": key.revoked_at,
        "last_used_at": key.last_used_at,
    }


def _state(key: ApiKey, at: datetime) -> str:
    if key.revoked_at:
        return "revoked"
    return "live" if key.is_live(at=at) else "expired"
