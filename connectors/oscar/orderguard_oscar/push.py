"""Push one order: lock its row, send its current state, and store the outcome."""

from __future__ import annotations

import logging
from datetime import datetime, timedelta
from enum import Enum
from typing import Any
from urllib.parse import quote

import httpx
from django.db import transaction
from django.db.models import F, Q
from django.utils import timezone
from django.utils.translation import gettext

from orderguard_oscar import conf, server
from orderguard_oscar.core.client import OrderRefused
from orderguard_oscar.core.client.order_push import PATH, Heard, pushing
from orderguard_oscar.core.domain.errors import Malformed
from orderguard_oscar.installation import is_before_us
from orderguard_oscar.models import OfferedBasket
from orderguard_oscar.order import OrderReader, bears_fee, fingerprint, state_of

log = logging.getLogger("orderguard.oscar")

LEASE = timedelta(seconds=60)
"""Longer than one push; after a crash the order can be taken again."""

FIRST_PAUSE = timedelta(minutes=5)
LONGEST_PAUSE = timedelta(days=1)
TOLD_AFTER_TRIES = 10
CHANGES_DURING_PUSH = 3

OF_THE_ORDER = (None, 400, 409, 413, 422)
"""Statuses that say something of the order. Others (a wrong key, a wrong address) do not."""


class Outcome(Enum):
    """The outcome of one push."""

    TAKEN = "pushed"
    NOTHING = "nothing to report"
    REFUSED = "refused"
    LATER = "waiting"
    BUSY = "being pushed"


class Later(Exception):
    """The push failed for a reason outside the order, such as an outage; retry later."""


def push(number: str, *, again: bool = False) -> Outcome:
    """Push the order with this number; with `again` also if it was taken or refused before."""
    settings = conf.current()
    if settings is None or not _take(number):
        return Outcome.BUSY if settings else Outcome.NOTHING
    try:
        outcome = _push(number, settings, again=again)
        for _ in range(CHANGES_DURING_PUSH):
            is_due = OfferedBasket.objects.filter(order_number=number, is_due=True).exists()
            if outcome not in (Outcome.TAKEN, Outcome.NOTHING) or not is_due:
                break
            outcome = _push(number, settings, again=False)
    finally:
        OfferedBasket.objects.filter(order_number=number).update(leased_until=None)
    return outcome


def mark(number: str, basket_id: int | None = None, placed_at: datetime | None = None) -> bool:
    """Mark an order as due to be pushed; False when the order is not reported at all.

    Part of the caller's transaction: a change that is rolled back is not reported.
    """
    due = {"version": F("version") + 1, "is_due": True, "next_try_at": None}
    rows = OfferedBasket.objects
    if rows.filter(order_number=number).update(**due):
        return True
    ordered = rows.filter(basket_id=basket_id, order_number=None) if basket_id else rows.none()
    if ordered.update(order_number=number, **due):
        return True
    if placed_at is None or is_before_us(placed_at):
        return False
    rows.get_or_create(order_number=number, defaults={"version": 1, "is_due": True})
    return True


def mark_deleted(number: str) -> None:
    """Mark a deleted order as ended, if Orderguard has it. Only its number is still known."""
    rows = OfferedBasket.objects.filter(order_number=number)
    rows.filter(fingerprint="").delete()
    rows.update(is_deleted=True, is_due=True, version=F("version") + 1, next_try_at=None)


def _take(number: str) -> bool:
    """One at a time per order, in all processes."""
    now = timezone.now()
    free = Q(leased_until=None) | Q(leased_until__lt=now)
    rows = OfferedBasket.objects.filter(free, order_number=number)
    return rows.update(leased_until=now + LEASE) == 1


def _push(number: str, settings: conf.Settings, *, again: bool) -> Outcome:
    from oscar.core.loading import get_model

    row = OfferedBasket.objects.get(order_number=number)
    row.looked_at = timezone.now()
    if row.is_deleted:
        return _delete(row, settings)
    order = get_model("order", "Order").objects.filter(number=number).first()
    if order is None:
        return _done(row)
    status = state_of(order, settings).to_wire(was_reported=row.was_reported)
    is_old = not row.session and not row.was_reported and is_before_us(order.date_placed)
    if status is None or (is_old and not again and not bears_fee(order)):
        return _done(row)
    try:
        body = OrderReader(order, settings, tax_included=row.tax_included).body(status, row.session)
    except Malformed:  # a currency without known decimals
        return _done(row)
    printed = fingerprint(body)
    if printed == row.fingerprint and not again:
        return _done(row)
    try:
        _send(body, settings)
    except Later as why:
        return _later(row, order, str(why))
    except OrderRefused as refused:
        return _refused(row, order, str(refused))
    _done(row, fingerprint=printed)
    return Outcome.TAKEN


def _send(body: dict[str, Any], settings: conf.Settings) -> None:
    """One attempt; the pauses between two are ours. Raises `Later` or `OrderRefused`."""
    conversation = pushing(body)
    heard = _hear(settings, next(conversation))
    try:
        conversation.send(heard)
    except StopIteration:
        return
    except OrderRefused as refused:
        if refused.status in OF_THE_ORDER:
            raise
        raise Later(str(refused)) from refused
    conversation.close()
    raise Later(heard.why or f"status {heard.status}")


def _hear(settings: conf.Settings, content: Any) -> Heard:
    try:
        answer = server.send(settings, "PUT", PATH, key=settings.orders_key, content=content)
    except httpx.RequestError as error:
        return Heard(None, why=type(error).__name__)
    return Heard(answer.status_code, answer.content, answer.headers.get("Retry-After"))


def _delete(row: OfferedBasket, settings: conf.Settings) -> Outcome:
    path = f"{PATH}/external/{quote(str(row.order_number), safe='')}"
    try:
        status = server.send(settings, "DELETE", path, key=settings.orders_key).status_code
    except httpx.RequestError:
        status = 0
    if status in (200, 204, 404):
        row.delete()
        return Outcome.TAKEN
    return _later(row, None, f"status {status}")


def _done(row: OfferedBasket, **more: Any) -> Outcome:
    """Nothing is left to report, unless the order changed meanwhile."""
    cleared = {"refused": "", "tries": 0, "next_try_at": None} if more else {}
    rows = OfferedBasket.objects.filter(pk=row.pk)
    rows.update(**more, **cleared, looked_at=row.looked_at)
    rows.filter(version=row.version).update(is_due=False)
    return Outcome.NOTHING


def _refused(row: OfferedBasket, order: Any, why: str) -> Outcome:
    log.error("Orderguard refused order %s: %s", order.number, why)
    rows = OfferedBasket.objects.filter(pk=row.pk)
    rows.update(refused=why, tries=0, next_try_at=None, looked_at=row.looked_at)
    rows.filter(version=row.version).update(is_due=False)
    if why != row.refused:
        _tell(order, why)
    return Outcome.REFUSED


def _later(row: OfferedBasket, order: Any, why: str) -> Outcome:
    log.warning("Order %s is not with Orderguard yet: %s", row.order_number, why)
    tries = row.tries + 1
    pause = min(LONGEST_PAUSE, FIRST_PAUSE * 2 ** min(row.tries, 20))
    OfferedBasket.objects.filter(pk=row.pk).update(
        tries=tries, next_try_at=timezone.now() + pause, is_due=True
    )
    if tries == TOLD_AFTER_TRIES and order is not None:
        _tell(order, why)
    return Outcome.LATER


def _tell(order: Any, why: str) -> None:
    """A note on the order, if the shopper paid for protection."""
    if not bears_fee(order):
        return
    sentence = gettext(
        "Orderguard does not have this order (%(why)s), so its protection is not covered yet. When "
        "the reason is gone, run: manage.py orderguard_push --order %(number)s"
    )
    with transaction.atomic():
        order.notes.create(
            note_type=order.notes.model.SYSTEM,
            message=sentence % {"why": why, "number": order.number},
        )
