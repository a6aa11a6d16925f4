"""Sandboxes in the JSON of the admin API."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated

import msgspec

from orderguard.domain.people.merchant import Merchant
from orderguard.http.wire.doc import doc
from orderguard.http.wire.offer import atom_timestamp
from orderguard.http.wire.order_response import Timestamp


class AdvanceRequest(msgspec.Struct, rename="camel"):
    """How far to move a test clock."""

    advance: Annotated[str, doc("Days, hours or minutes; forward only.", examples=["40d"])]


class SandboxResponse(msgspec.Struct, rename="camel"):
    """The test clock of a sandbox merchant."""

    time: Annotated[Timestamp, doc("The time for this merchant now.")]
    seconds_ahead: Annotated[int, doc("How many seconds the test clock is ahead of the real time.")]


def sandbox_to_wire(merchant: Merchant, *, at: datetime) -> SandboxResponse:
    """Convert a sandbox merchant's test clock. `at` is the real time."""
    time = merchant.time(at)
    return SandboxResponse(atom_timestamp(time), int((time - at).total_seconds()))
