"""Signal handlers: every change of an order marks it as due, and the push follows the commit."""

from __future__ import annotations

import logging
from collections.abc import Callable
from typing import Any

from django.db import transaction
from django.db.models.signals import post_delete, post_save

from orderguard_oscar import conf, queue
from orderguard_oscar.baskets import note_emptied
from orderguard_oscar.push import mark, mark_deleted

log = logging.getLogger("orderguard.oscar")

NOT_REPORTED = {"analytics_tracked"}
"""Fields of an order that Orderguard does not hear of."""


def connect() -> None:
    """Connect the handlers to Oscar's signals. An error in a handler never stops an order."""
    from oscar.apps.order.signals import order_placed, order_status_changed
    from oscar.core.loading import get_model

    order = get_model("order", "Order")
    _listen(post_save, order, _order_saved)
    _listen(post_delete, order, _order_deleted)
    for app, name, path in (
        ("order", "Line", ("order",)),
        ("order", "Surcharge", ("order",)),
        ("order", "PaymentEvent", ("order",)),
        ("order", "PaymentEventQuantity", ("event", "order")),
        ("payment", "Source", ("order",)),
    ):
        _listen(post_save, get_model(app, name), _of_part(path))
        _listen(post_delete, get_model(app, name), _of_part(path))
    _listen(post_delete, get_model("basket", "Line"), _basket_line_deleted)
    _listen(order_placed, None, _order_told)
    _listen(order_status_changed, None, _order_told)


def _listen(signal: Any, sender: Any, receiver: Callable[..., None]) -> None:
    def careful(**kwargs: Any) -> None:
        try:
            with transaction.atomic():
                receiver(**kwargs)
        except Exception:  # an order is worth more than its report; the sweep finds it
            log.exception("A change of an order was not noted.")

    name = f"orderguard_oscar.{id(signal)}.{sender._meta.label if sender else ''}"  # noqa: SLF001
    signal.connect(careful, sender=sender, weak=False, dispatch_uid=name)


def _order_saved(instance: Any, update_fields: Any = None, **_: Any) -> None:
    if not update_fields or not set(update_fields) <= NOT_REPORTED:
        _note(instance)


def _order_told(order: Any, **_: Any) -> None:
    _note(order)


def _order_deleted(instance: Any, **_: Any) -> None:
    if conf.current():
        mark_deleted(instance.number)
        queue.after_commit(instance.number)


def _basket_line_deleted(instance: Any, **_: Any) -> None:
    if not type(instance).objects.filter(basket_id=instance.basket_id).exists():
        note_emptied(instance.basket_id)


def _of_part(path: tuple[str, ...]) -> Callable[..., None]:
    from django.core.exceptions import ObjectDoesNotExist

    def changed(instance: Any, **_: Any) -> None:
        try:
            for step in path:
                instance = getattr(instance, step)
        except ObjectDoesNotExist:  # the order itself is being deleted
            return
        _note(instance)

    return changed


def _note(order: Any) -> None:
    if conf.current() and mark(order.number, order.basket_id, order.date_placed):
        queue.after_commit(order.number)
