"""Find the stored offer of a shopper's basket, also after Oscar merged baskets at sign-in."""

from __future__ import annotations

from typing import Any

from django.db import IntegrityError, transaction

from orderguard_oscar.models import OfferedBasket

NAMESPACE = "orderguard"
CART = "cart"


def row_of(request: Any, basket: Any, *, make: bool) -> OfferedBasket | None:
    """The stored offer of this basket. If there is none, it is created with `make`, else None.

    Oscar merges a guest's basket into the member's at sign-in and sends no signal. The checkout's
    session data survive the sign-in and name the guest's basket, whose session and choice go on.
    """
    row = OfferedBasket.objects.filter(basket_id=basket.pk).first()
    if row is not None and row.is_emptied and row.order_number is None:
        row.delete()
        row = None
    memory = _memory(request)
    kept = memory._get(NAMESPACE, CART)  # noqa: SLF001  # how Oscar's own subclasses keep things
    if kept and (row is None or row.cart != kept):
        row = _adopted(kept, row, basket) or row
    if row is None and make:
        row = _made(basket)
    if row is not None and kept != row.cart:
        memory._set(NAMESPACE, CART, row.cart)  # noqa: SLF001
    return row


def has_choice(row: OfferedBasket) -> bool:
    """Whether the shopper accepted the offer for this basket, and was not asked again since."""
    choice = row.choice or {}
    return bool(choice.get("agreed")) and not choice.get("lapsed")


def note_emptied(basket_id: int) -> None:
    """Note that the last line was removed. The row stays: Oscar may be merging the basket."""
    rows = OfferedBasket.objects.filter(basket_id=basket_id, order_number=None)
    rows.update(is_emptied=True)


def _adopted(cart: str, row: OfferedBasket | None, basket: Any) -> OfferedBasket | None:
    """The guest's row, moved to this basket if its own was merged."""
    guest = OfferedBasket.objects.filter(cart=cart, order_number=None).first()
    if guest is None or not _is_merged(guest.basket_id, basket):
        return None
    with transaction.atomic():
        if row is not None and has_choice(row) and not has_choice(guest):
            guest.delete()
            return None
        if row is not None:
            row.delete()
        guest.basket_id = basket.pk
        guest.is_emptied = False
        guest.save(update_fields=["basket_id", "is_emptied"])
    return guest


def _is_merged(basket_id: int | None, basket: Any) -> bool:
    from oscar.core.loading import get_model

    model = get_model("basket", "Basket")
    return bool(model.objects.filter(pk=basket_id, status=basket.MERGED).exists())


def _made(basket: Any) -> OfferedBasket:
    try:
        with transaction.atomic():
            return OfferedBasket.objects.create(basket_id=basket.pk)
    except IntegrityError:  # another request of this shopper was faster
        return OfferedBasket.objects.get(basket_id=basket.pk)


def _memory(request: Any) -> Any:
    from oscar.core.loading import get_class

    return get_class("checkout.utils", "CheckoutSessionData")(request)
