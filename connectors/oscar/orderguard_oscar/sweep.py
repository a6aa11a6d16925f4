"""Find unreported orders, and push all due ones."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from datetime import datetime, timedelta

from django.db.models import Q
from django.utils import timezone

from orderguard_oscar.installation import installed_at
from orderguard_oscar.models import OfferedBasket
from orderguard_oscar.push import Outcome, mark, push

BATCH = 500
LOOKED_BACK = timedelta(days=30)
BASKETS_KEPT = timedelta(days=90)


def find(*, back: timedelta | None = LOOKED_BACK) -> int:
    """Mark orders that lack their mark, for example because the app was off; returns their number.

    Looks at the last 30 days; `back` None means everything since the installation.
    """
    since = timezone.now() - back if back else None
    found = sum(mark(*order) for order in _unknown(since))
    return found + sum(mark(number) for number in _changed(since))


def due(*, now: bool) -> list[str]:
    """The numbers of the due orders, oldest first; with `now` also those that wait for a retry."""
    rows = OfferedBasket.objects.filter(is_due=True)
    if not now:
        rows = rows.filter(Q(next_try_at=None) | Q(next_try_at__lte=timezone.now()))
    return [str(number) for number in rows.order_by("pk").values_list("order_number", flat=True)]


def push_all(numbers: list[str], *, again: bool = False) -> Counter[Outcome]:
    """Push these orders until one is not answered. Returns the count of each outcome."""
    counted: Counter[Outcome] = Counter()
    for number in numbers:
        outcome = push(number, again=again)
        counted[outcome] += 1
        if outcome is Outcome.LATER:
            break
    return counted


def tidy() -> None:
    """Delete old rows of baskets that never became an order."""
    old = timezone.now() - BASKETS_KEPT
    OfferedBasket.objects.filter(order_number=None, asked_at__lt=old).delete()


def _unknown(since: datetime | None) -> Iterator[tuple[str, int | None, datetime]]:
    """Orders placed since the installation that have no row, in batches."""
    from oscar.core.loading import get_model

    orders = get_model("order", "Order").objects.order_by("pk")
    for earliest in (since, installed_at()):
        if earliest is not None:
            orders = orders.filter(date_placed__gte=earliest)
    last = 0
    while batch := list(
        orders.filter(pk__gt=last).values_list("pk", "number", "basket_id", "date_placed")[:BATCH]
    ):
        last = batch[-1][0]
        numbers = [each[1] for each in batch]
        known = set(
            OfferedBasket.objects.filter(order_number__in=numbers).values_list(
                "order_number", flat=True
            )
        )
        yield from (each[1:] for each in batch if each[1] not in known)


def _changed(since: datetime | None) -> Iterator[str]:
    """Orders whose status or payments changed after they were last looked at."""
    from oscar.core.loading import get_model

    for name in ("OrderStatusChange", "PaymentEvent"):
        changes = get_model("order", name).objects.order_by("pk")
        if since is not None:
            changes = changes.filter(date_created__gte=since)
        last = 0
        while batch := list(
            changes.filter(pk__gt=last).values_list("pk", "order__number", "date_created")[:BATCH]
        ):
            last = batch[-1][0]
            looked = dict(
                OfferedBasket.objects.filter(
                    order_number__in={each[1] for each in batch}, is_due=False
                ).values_list("order_number", "looked_at")
            )
            for _, number, at in batch:
                if number in looked and (looked[number] is None or looked[number] <= at):
                    yield number
