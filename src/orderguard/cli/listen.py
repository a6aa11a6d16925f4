"""`orderguard listen`."""

from __future__ import annotations

import asyncio
import signal
from contextlib import aclosing, suppress
from typing import Annotated

import typer

from orderguard.actions.find_merchant import get_merchant
from orderguard.actions.forward_events import ForwardedAttempt, forward_events
from orderguard.actions.ports.unit_of_work import Database
from orderguard.actions.run_sandbox import NotASandbox
from orderguard.cli.context import open_database
from orderguard.cli.output import console, errors_explained, print_json
from orderguard.domain.errors import Malformed
from orderguard.domain.money import shortened
from orderguard.domain.people.merchant import Merchant
from orderguard.domain.webhooks.webhook import WebhookSecret, payload_of
from orderguard.randomness import new_webhook_secret
from orderguard.running.forwarding import sending_to

HELP = """Signed like any webhook, as they happen, until stopped. An event that fails is tried five
times within 15 seconds, then the next one follows. Nothing is registered.

Example: orderguard listen acme-test --forward-to http://localhost:3000/hooks
"""


def listen(
    merchant: str = typer.Argument(help="The id or name of a sandbox merchant."),
    forward_to: str = typer.Option(help="The URL to send to, beginning with http:// or https://."),
    secret: Annotated[
        str | None,
        typer.Option(metavar="whsec_…", help="The secret to sign with; a new one without it."),
    ] = None,
    events: Annotated[
        int | None, typer.Option(min=1, help="Stop after this number of events.")
    ] = None,
    as_json: bool = typer.Option(
        False, "--json", help="Print JSON documents, one a line: the secret, then each attempt."
    ),
) -> None:
    with errors_explained(), open_database() as database:
        with database.read() as work:
            owner = get_merchant(work, merchant)
            # Before anything is told: an event that follows the telling must not be missed.
            after = work.outbox.last(owner.id)
        if owner.sandbox is None:
            raise NotASandbox(owner)
        if not forward_to.startswith(("http://", "https://")):
            raise Malformed(
                f"{shortened(forward_to)} is no address to send to; expected one such as "
                "http://localhost:3000/hooks."
            )
        signing = _secret(secret)
        _tell_begin(owner, forward_to, signing, as_json=as_json)
        forwarding = _forward(
            database, owner, forward_to, signing, after=after, at_most=events, as_json=as_json
        )
        # Stopping it is its usual end.
        with suppress(asyncio.CancelledError, KeyboardInterrupt):
            asyncio.run(forwarding)


def _secret(text: str | None) -> WebhookSecret:
    if text is None:
        return new_webhook_secret()
    if not text.startswith("whsec_"):
        raise Malformed("A secret begins with whsec_.")
    return WebhookSecret(text)


async def _forward(
    database: Database,
    owner: Merchant,
    url: str,
    secret: WebhookSecret,
    *,
    after: int,
    at_most: int | None,
    as_json: bool,
) -> None:
    task, loop = asyncio.current_task(), asyncio.get_running_loop()
    for number in (signal.SIGINT, signal.SIGTERM):
        if task is not None:
            loop.add_signal_handler(number, task.cancel)
    ended = 0
    async with (
        sending_to(url, secret, owner.id) as send,
        aclosing(forward_events(database, owner.id, send, after=after)) as attempts,
    ):
        async for each in attempts:
            _tell(each, as_json=as_json)
            ended += each.again_after is None
            if ended == at_most:
                return


def _tell_begin(owner: Merchant, url: str, secret: WebhookSecret, *, as_json: bool) -> None:
    if as_json:
        print_json({"merchant": owner.id, "forward_to": url, "secret": secret.text})
    else:
        _say(f"Webhooks of {owner.name} go to {url} from now on. Ctrl-C ends it.")
        _say(f"They are signed with {secret.text}")
    _flush()


def _tell(each: ForwardedAttempt, *, as_json: bool) -> None:
    if as_json:
        print_json(
            {
                "id": each.event.id,
                "type": each.event.type,
                "attempt": each.number,
                "status": each.attempt.status,
                "error": each.attempt.error,
                "again_after": each.again_after,
                "payload": payload_of(each.event),
            }
        )
    else:
        _say(f"{each.attempt.at:%H:%M:%S} {each.event.type} {each.event.id}: {_outcome(each)}")
    _flush()


def _outcome(each: ForwardedAttempt) -> str:
    if each.attempt.is_success:
        milliseconds = each.attempt.duration.total_seconds() * 1000
        return f"{each.attempt.status} in {milliseconds:.0f} ms"
    if each.again_after is None:
        return f"given up after {each.number} attempts. {each.attempt.error}"
    return f"failed; again in {each.again_after:g} s. {each.attempt.error}"


def _say(text: str) -> None:
    console().print(text, markup=False)


def _flush() -> None:
    console().file.flush()
