"""The commands of `orderguard webhooks`."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta
from typing import Annotated

import typer

from orderguard.actions.find_merchant import get_merchant
from orderguard.actions.register_webhook_endpoint import (
    disable_webhook_endpoint,
    enable_webhook_endpoint,
    get_webhook_endpoint,
    register_webhook_endpoint,
    remove_webhook_endpoint,
)
from orderguard.actions.replay_webhook_events import replay_webhook_events
from orderguard.cli.context import change_now, current_settings, open_database, person
from orderguard.cli.output import (
    JsonOption,
    console,
    errors_explained,
    print_json,
    print_table,
)
from orderguard.domain.errors import Malformed
from orderguard.domain.people.audit import Change
from orderguard.domain.webhooks.webhook import Attempt, Delivery, WebhookEndpoint
from orderguard.randomness import new_webhook_endpoint_id, new_webhook_secret
from orderguard.running.wiring import now, resolve

app = typer.Typer(no_args_is_help=True, rich_markup_mode=None)

EndpointArgument = typer.Argument(metavar="ENDPOINT", help="The endpoint's id, whe_…, as listed.")

_PERIOD = re.compile(r"(\d{1,5})([mhd])")
_UNITS = {"m": timedelta(minutes=1), "h": timedelta(hours=1), "d": timedelta(days=1)}


@app.command("add")
def add(
    merchant: Annotated[str, typer.Argument(help="The merchant's id or name.")],
    url: Annotated[str, typer.Argument(help="The URL to send to, beginning with https://.")],
    event: Annotated[
        list[str] | None,
        typer.Option(metavar="TYPE", help="Send only events of this type. Repeatable."),
    ] = None,
    as_json: bool = JsonOption,
) -> None:
    """Register an endpoint, and show the secret that its signatures are checked with, once.

    Example: orderguard webhooks add acme https://shop.example/hooks --event order.accepted
    """
    with errors_explained(), open_database() as database:
        secret = new_webhook_secret()
        endpoint = register_webhook_endpoint(
            database,
            merchant,
            url,
            event_types=event or (),
            new_id=new_webhook_endpoint_id(),
            secret=secret,
            resolve=resolve,
            allows_private=current_settings().webhooks_allow_private,
            change=change_now(),
        )
    if as_json:
        print_json({**_document(endpoint), "secret": secret.text})
    else:
        out = console()
        out.print(secret.text, markup=False)
        out.print(f"This is the secret of {endpoint.id}. It is not shown again.", markup=False)


@app.command("list")
def list_(
    merchant: str = typer.Argument(help="The merchant's id or name."),
    as_json: bool = JsonOption,
) -> None:
    """List a merchant's endpoints, without their secrets.

    Example: orderguard webhooks list acme
    """
    with errors_explained(), open_database() as database, database.read() as work:
        endpoints = work.webhook_endpoints.of_merchant(get_merchant(work, merchant).id)
    if as_json:
        print_json([_document(each) for each in endpoints])
        return
    print_table(
        ("ID", "URL", "EVENTS", "STATE"),
        [
            (each.id, each.url, " ".join(sorted(each.event_types)) or "all", _state(each))
            for each in endpoints
        ],
        empty="No endpoints yet. Register one with: orderguard webhooks add MERCHANT URL",
    )


@app.command("disable")
def disable(endpoint: str = EndpointArgument, as_json: bool = JsonOption) -> None:
    """Disable an endpoint; events are kept for it meanwhile.

    Example: orderguard webhooks disable whe_a1b2c3d4e5f6
    """
    with errors_explained(), open_database() as database:
        disabled = disable_webhook_endpoint(database, endpoint, change=change_now())
    _say(disabled, "Disabled", as_json=as_json)


@app.command("enable")
def enable(endpoint: str = EndpointArgument, as_json: bool = JsonOption) -> None:
    """Enable an endpoint; sending continues with the first event that was kept.

    Example: orderguard webhooks enable whe_a1b2c3d4e5f6
    """
    with errors_explained(), open_database() as database:
        enabled = enable_webhook_endpoint(database, endpoint, change=change_now())
    _say(enabled, "Enabled", as_json=as_json)


@app.command("remove")
def remove(endpoint: str = EndpointArgument, as_json: bool = JsonOption) -> None:
    """Remove an endpoint with its secret and its log. Events not sent yet are never sent.

    Example: orderguard webhooks remove whe_a1b2c3d4e5f6
    """
    with errors_explained(), open_database() as database:
        removed = remove_webhook_endpoint(database, endpoint, change=change_now())
    _say(removed, "Removed", as_json=as_json)


@app.command("deliveries")
def deliveries(
    endpoint: str = EndpointArgument,
    limit: int = typer.Option(50, min=1, max=1_000, help="The maximum number of rows."),
    as_json: bool = JsonOption,
) -> None:
    """Show the deliveries to an endpoint and their results, newest event first.

    Example: orderguard webhooks deliveries whe_a1b2c3d4e5f6 --limit 20
    """
    with errors_explained(), open_database() as database, database.read() as work:
        found = work.webhook_deliveries.of_endpoint(
            get_webhook_endpoint(work, endpoint), limit=limit
        )
    if as_json:
        print_json([_delivery_document(each) for each in found])
        return
    print_table(
        ("EVENT", "TYPE", "TOPIC", "STATE", "ATTEMPTS", "LAST", "DUE"),
        [
            (
                each.event.id,
                each.event.type,
                each.topic,
                each.state,
                len(each.attempts),
                _last(each),
                f"{each.due_at:%Y-%m-%d %H:%M:%S}" if each.due_at else "",
            )
            for each in found
        ],
        empty="No deliveries yet.",
    )


@app.command("replay")
def replay(
    endpoint: str = EndpointArgument,
    event_id: Annotated[
        list[str] | None,
        typer.Option(metavar="ID", help="Send this event again, evt_…. Repeatable."),
    ] = None,
    since: Annotated[
        str | None,
        typer.Option(
            metavar="WHEN", help="Send all from then on: 30m, 6h, 2d, or 2026-11-01T00:00:00+00:00."
        ),
    ] = None,
    as_json: bool = JsonOption,
) -> None:
    """Send past events to an endpoint once more, in order.

    Example: orderguard webhooks replay whe_a1b2c3d4e5f6 --since 2d
    """
    with errors_explained(), open_database() as database:
        at = now()
        count = replay_webhook_events(
            database,
            endpoint,
            event_ids=event_id or (),
            since=_instant(since, at) if since is not None else None,
            change=Change(person(), at),
        )
    if as_json:
        print_json({"id": endpoint, "events": count})
    else:
        console().print(f"{count} {'event' if count == 1 else 'events'} to be sent again.")


def _instant(text: str, at: datetime) -> datetime:
    """The moment in a text such as `2d` or `2026-11-27`. Raises `Malformed`."""
    period = _PERIOD.fullmatch(text)
    try:
        if period:
            return at - int(period[1]) * _UNITS[period[2]]
        instant = datetime.fromisoformat(text)
    except (ValueError, OverflowError):
        raise Malformed(
            f'"{text}" is no point in time. Examples: 30m, 6h, 2d, 2026-11-01T00:00:00+00:00'
        ) from None
    return instant if instant.tzinfo else instant.replace(tzinfo=UTC)


def _say(endpoint: WebhookEndpoint, done: str, *, as_json: bool) -> None:
    if as_json:
        print_json(_document(endpoint))
    else:
        console().print(f"{done} {endpoint.id}.", markup=False)


def _document(endpoint: WebhookEndpoint) -> dict[str, object]:
    return {
        "id": endpoint.id,
        "merchant": endpoint.merchant,
        "url": endpoint.url,
        "event_types": sorted(endpoint.event_types) or None,
        "created_at": endpoint.created_at,
        "disabled_at": endpoint.disabled_at,
        "disabled_because": endpoint.disabled_because,
    }


def _state(endpoint: WebhookEndpoint) -> str:
    if endpoint.is_enabled:
        return "enabled"
    return f"disabled ({endpoint.disabled_because})"


def _delivery_document(delivery: Delivery) -> dict[str, object]:
    return {
        "event": delivery.event.id,
        "type": delivery.event.type,
        "topic": delivery.topic,
        "state": delivery.state,
        "due_at": delivery.due_at,
        "settled_at": delivery.settled_at,
        "attempts": [_attempt_document(each) for each in delivery.attempts],
    }


def _attempt_document(attempt: Attempt) -> dict[str, object]:
    return {
        "at": attempt.at,
        "duration_ms": round(attempt.duration.total_seconds() * 1000),
        "status": attempt.status,
        "error": attempt.error,
    }


def _last(delivery: Delivery) -> str:
    if not delivery.attempts:
        return ""
    last = delivery.attempts[-1]
    return last.error or str(last.status)
