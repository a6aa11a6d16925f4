"""`orderguard trigger`."""

from __future__ import annotations

import asyncio

import typer

from orderguard.actions.find_merchant import get_merchant
from orderguard.actions.trigger_event import Triggered, TriggerEvent
from orderguard.cli.context import change_for, current_settings, open_database
from orderguard.cli.output import JsonOption, console, errors_explained, print_json
from orderguard.domain.orders.event import EventType
from orderguard.domain.webhooks.webhook import payload_of
from orderguard.randomness import new_event_id
from orderguard.running.wiring import analyzing, wire_trigger_event

HELP = """A cart is analysed, and an order with the quoted fee is pushed; then it is refunded in
part for coverage.changed, or cancelled for coverage.voided. statement.closed closes the last month.

Example: orderguard trigger coverage.voided --merchant acme-test
"""


def trigger(
    event: EventType = typer.Argument(help="The type of the event."),
    merchant: str = typer.Option(help="The id or name of a sandbox merchant."),
    as_json: bool = JsonOption,
) -> None:
    with errors_explained(), open_database() as database:
        with database.read() as work:
            owner = get_merchant(work, merchant)
        change = change_for(database, owner.id)

        async def make_it_happen() -> Triggered:
            async with analyzing(current_settings()) as analyze_cart:
                act: TriggerEvent = wire_trigger_event(database, analyze_cart)
                name = f"trigger-{new_event_id().removeprefix('evt_')}"
                return await act(owner, event, external_id=name, change=change)

        done = asyncio.run(make_it_happen())
    if as_json:
        print_json(
            {
                "order": done.order,
                "external_id": done.external_id,
                "session_id": done.session,
                "events": [
                    {"id": each.id, "type": each.type, "payload": payload_of(each)}
                    for each in done.events
                ],
            }
        )
        return
    out = console()
    if done.order:
        out.print(
            f"Order {done.order} ({done.external_id}) of session {done.session}", markup=False
        )
    for each in done.events:
        out.print(f"{each.type} {each.id}", markup=False)
