"""`/admin/v1/sandbox`: the test clock of a sandbox merchant, and its reset (contract §12)."""

from __future__ import annotations

from orderguard.actions.find_merchant import get_merchant
from orderguard.actions.run_sandbox import NotASandbox, advance_clock, reset_sandbox
from orderguard.admin.api.operation import Call, Operation
from orderguard.admin.api.refusals import INVALID
from orderguard.admin.api.wire.sandbox import AdvanceRequest, SandboxResponse, sandbox_to_wire
from orderguard.domain.errors import InvalidDocument, Malformed, Problem
from orderguard.domain.people.sandbox import parse_advance
from orderguard.http.openapi.vocabulary import Example

_AHEAD = {"time": "2027-01-09T13:25:00+00:00", "secondsAhead": 3_456_000}
_EMPTY = {"time": "2026-11-30T13:25:00+00:00", "secondsAhead": 0}


def show_sandbox(call: Call) -> SandboxResponse:
    """The current test clock of a sandbox merchant."""
    with call.reading() as work:
        merchant = get_merchant(work, call.merchant)
    if merchant.sandbox is None:
        raise NotASandbox(merchant)
    return sandbox_to_wire(merchant, at=call.real_at)


def advance(call: Call, wanted: AdvanceRequest) -> SandboxResponse:
    """Move the test clock forward."""
    try:
        step = parse_advance(wanted.advance)
    except Malformed as error:
        raise InvalidDocument([Problem("advance", str(error))]) from error
    moved = advance_clock(call.database, call.merchant, step, change=call.real_change)
    return sandbox_to_wire(moved, at=call.real_at)


def reset(call: Call) -> SandboxResponse:
    """Delete what the sandbox has stored, but keys, members, endpoints and configuration."""
    emptied = reset_sandbox(call.database, call.merchant, change=call.real_change)
    return sandbox_to_wire(emptied, at=call.real_at)


OPERATIONS = (
    Operation(
        "GET",
        "/sandbox",
        show_sandbox,
        "showSandbox",
        "Show the test clock",
        "Of a sandbox merchant. A live merchant has none.",
        "The test clock.",
        examples={"ahead": Example("A clock 40 days ahead", _AHEAD)},
        refusals=(INVALID,),
    ),
    Operation(
        "POST",
        "/sandbox/clock",
        advance,
        "advanceSandboxClock",
        "Move the test clock",
        "Forward only, ten years in all. Sessions, coverages, statements, scheduled publications "
        "and experiments of the sandbox follow it at once.",
        "The test clock has moved.",
        body_examples={"days": Example("Forty days on", {"advance": "40d"})},
        examples={"ahead": Example("A clock 40 days ahead", _AHEAD)},
        refusals=(INVALID,),
    ),
    Operation(
        "POST",
        "/sandbox/reset",
        reset,
        "resetSandbox",
        "Empty the sandbox",
        "Deletes sessions, orders, books, events, reports and the request log of a sandbox "
        "merchant. Keys, people, endpoints, configurations, drafts and the audit trail stay. The "
        "test clock returns to the real time.",
        "The sandbox is empty.",
        examples={"empty": Example("An empty sandbox", _EMPTY)},
        refusals=(INVALID,),
    ),
)
