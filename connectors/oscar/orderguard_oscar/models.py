"""The app's only table: the offer for a basket, and the state of its order's report."""

from __future__ import annotations

import uuid
from typing import Any

from django.db import models
from django.utils.translation import gettext_lazy as _


def new_cart_id() -> str:
    """A random cart id. A basket's number would be guessable."""
    return f"oscar-{uuid.uuid4().hex}"


class OfferedBasket(models.Model):
    """A basket and, once it is placed, its order, both by number: forks of Oscar do not matter.

    `version` grows with every change of the order, so that a change during a push is noticed.
    """

    basket_id = models.BigIntegerField(null=True, unique=True)
    cart = models.CharField(max_length=40, unique=True, default=new_cart_id)

    asked = models.CharField(max_length=64, blank=True, default="")
    """What the answer was given for: a hash."""
    asked_at = models.DateTimeField(null=True)
    answer = models.JSONField(null=True)
    choice = models.JSONField(null=True)
    shown = models.JSONField(null=True)
    """The terms in the total that the shopper saw last."""
    is_emptied = models.BooleanField(default=False)
    """Every line was taken out since; lines that are added later are another cart."""
    notice = models.CharField(max_length=32, blank=True, default="")
    tax_included = models.BooleanField(null=True)

    order_number = models.CharField(max_length=128, null=True, unique=True)
    is_due = models.BooleanField(default=False, db_index=True)
    version = models.PositiveIntegerField(default=0)
    fingerprint = models.CharField(max_length=64, blank=True, default="")
    looked_at = models.DateTimeField(null=True)
    """When the order was last compared with what Orderguard has."""
    is_deleted = models.BooleanField(default=False)
    tries = models.PositiveIntegerField(default=0)
    next_try_at = models.DateTimeField(null=True)
    leased_until = models.DateTimeField(null=True)
    refused = models.TextField(blank=True, default="")

    class Meta:
        verbose_name = _("offered basket")
        verbose_name_plural = _("offered baskets")
        default_permissions = ()

    def __str__(self) -> str:
        return f"#{self.order_number}" if self.order_number else f"basket {self.basket_id}"

    @property
    def was_reported(self) -> bool:
        """Whether Orderguard has received the order."""
        return bool(self.fingerprint)

    @property
    def session(self) -> str | None:
        """The session id of the last answer; None without one."""
        answer: dict[str, Any] = self.answer or {}
        return answer.get("sessionId")
