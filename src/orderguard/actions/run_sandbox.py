"""Move the test clock of a sandbox merchant, and empty the sandbox (contract §12)."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from time import sleep

from orderguard.actions.find_merchant import get_merchant
from orderguard.actions.ports.unit_of_work import Database, UnitOfWork
from orderguard.domain.errors import Malformed, StorageUnavailable
from orderguard.domain.ids import MerchantId
from orderguard.domain.people.audit import Change
from orderguard.domain.people.merchant import Merchant
from orderguard.domain.people.sandbox import Sandbox

PAUSE_SECONDS = 0.05
"""The pause between two batches of a reset, in which waiting checkouts get the write lock."""

BATCHES_AT_MOST = 10_000


class NotASandbox(Malformed):
    """The merchant is live: its clock is the real one, and its books are kept for good."""

    def __init__(self, merchant: Merchant) -> None:
        super().__init__(
            f"{merchant.name} is a live merchant, and this is for sandbox merchants alone. "
            "Make one with: orderguard merchants create NAME --sandbox"
        )


def advance_clock(
    database: Database, merchant: MerchantId, by: timedelta, *, change: Change
) -> Merchant:
    """Move the test clock forward, in every process. The change has the real time.

    Raises `NotASandbox`, and `Malformed` for more than ten years in all.
    """
    with database.begin() as work:
        work.merchants.lock(merchant)
        found, sandbox = _sandbox(work, merchant)
        moved = replace(found, sandbox=sandbox.advanced(by))
        work.merchants.set_clock(moved)
        _record(work, found, moved, "sandbox.clock_advanced", change=change)
    return moved


def reset_sandbox(
    database: Database,
    merchant: MerchantId,
    *,
    change: Change,
    pause: Callable[[float], None] = sleep,
) -> Merchant:
    """Delete what the sandbox has stored, but keys, members, endpoints and configuration.

    The test clock returns to the real time. Requests that arrive meanwhile are answered; their
    sessions and orders are either deleted or kept, each as a whole. `pause` sleeps between batches.
    Raises `NotASandbox`, and `StorageUnavailable` when new orders arrive faster than they can be
    deleted.
    """
    for _ in range(BATCHES_AT_MOST):
        with database.begin() as work:
            work.merchants.lock(merchant)
            found, _ = _sandbox(work, merchant)
            if not work.sandbox_data.empty_some(merchant):
                work.sandbox_data.empty_rest(merchant)
                emptied = replace(found, sandbox=Sandbox())
                work.merchants.set_clock(emptied)
                _record(work, found, emptied, "sandbox.reset", change=change)
                return emptied
        pause(PAUSE_SECONDS)
    raise StorageUnavailable("The sandbox is filled faster than it can be emptied.")


def _sandbox(work: UnitOfWork, merchant: MerchantId) -> tuple[Merchant, Sandbox]:
    found = get_merchant(work, merchant)
    if found.sandbox is None:
        raise NotASandbox(found)
    return found, found.sandbox


def _record(
    work: UnitOfWork, before: Merchant, after: Merchant, action: str, *, change: Change
) -> None:
    work.audit.record(
        after.id,
        change=change,
        action=action,
        subject=after.id,
        before={"time": before.time(change.at).isoformat()},
        after={"time": after.time(change.at).isoformat()},
    )
