"""Members that are not read, and probably are misspelt: the name that was meant, if there is one.

Such members are ignored, as both sides may add members at any time (contract §2). Only hints and
the messages of refusals name them.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from difflib import get_close_matches
from typing import Any

from msgspec.structs import fields

from orderguard.http.wire.analyze_request import (
    AnalyzeRequest,
    WireCart,
    WireCartLine,
    WireCustomer,
    WireDeliveryGroup,
    WireRegion,
)

NAME_LENGTH = 40
MEMBERS_AT_MOST = 200
"""Members of one object that are looked at."""

_ALIKE = 0.84
"""How alike a misspelt name has to be: 1 is equal."""

_OTHER_WORDS = {
    "currency": "currencyCode",
    "discount": "totalDiscountAmount",
    "items": "lines",
    "lineitems": "lines",
    "name": "title",
    "price": "totalPrice",
    "qty": "quantity",
    "session": "sessionId",
    "shippinggroups": "deliveryGroups",
    "subtotal": "subtotalAmount",
    "tax": "totalTaxAmount",
    "total": "totalAmount",
}
"""What other APIs call some members, in letters alone."""


def _names(type_: type) -> tuple[str, ...]:
    return tuple(field.encode_name for field in fields(type_))


_REQUEST, _CART, _LINE = _names(AnalyzeRequest), _names(WireCart), _names(WireCartLine)
_INNER = {
    "customer": _names(WireCustomer),
    "region": _names(WireRegion),
    "deliveryGroups[0]": _names(WireDeliveryGroup),
}


def letters_of(name: str) -> str:
    """A name without case and punctuation: `cart_id`, `cartID` and `cart-id` are one."""
    return "".join(each for each in name.casefold() if each.isalnum())


def likely_name(name: str, known: Collection[str]) -> str | None:
    """The known member that an unknown name probably means."""
    if name in known or len(name) > NAME_LENGTH:
        return None
    by_letters = {letters_of(each): each for each in known}
    letters = letters_of(name)
    if letters in by_letters:
        return by_letters[letters]
    if _OTHER_WORDS.get(letters) in known:
        return _OTHER_WORDS[letters]
    close = get_close_matches(letters, by_letters, 1, _ALIKE)
    return by_letters[close[0]] if close else None


def found_instead(table: Mapping[str, Any], wanted: str, known: Collection[str]) -> str | None:
    """The member of an object that probably was meant to be a missing one."""
    for name in list(table)[:MEMBERS_AT_MOST]:
        if isinstance(name, str) and likely_name(name, known) == wanted:
            return name
    return None


def misspelt_members(document: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    """Each unknown member of an analyze request with a likely name: its path, and the remedy.

    Of all lines, only the first line with such a member is reported.
    """
    yield from _of(document, "", _REQUEST)
    yield from _inside(document, "")
    cart = document.get("cart")
    if not isinstance(cart, Mapping):
        return
    yield from _of(cart, "cart.", _CART, around=_REQUEST)
    yield from _inside(cart, "cart.")
    for index, line in enumerate(_list(cart.get("lines"))):
        if found := list(_of(line, f"cart.lines[{index}].", _LINE)):
            yield from found
            return


def _inside(table: Mapping[str, Any], prefix: str) -> Iterator[tuple[str, str]]:
    for place, known in _INNER.items():
        name, _, index = place.partition("[")
        inner = table.get(name)
        if index:
            inner = next(iter(_list(inner)), None)
        yield from _of(inner, f"{prefix}{place}.", known)


def _of(
    table: Any, prefix: str, known: Collection[str], *, around: Collection[str] = ()
) -> Iterator[tuple[str, str]]:
    """The misspelt members of one object; `around` are those of the object that it is in."""
    if not isinstance(table, Mapping):
        return
    for name in list(table)[:MEMBERS_AT_MOST]:
        if name in known:
            continue
        if likely := likely_name(name, known):
            yield f"{prefix}{name}", f"is not read; it probably should be {likely}."
        elif outer := name if name in around else likely_name(name, around):
            yield f"{prefix}{name}", f"is not read here. Send {outer} beside cart, not inside it."


def _list(value: Any) -> list[Any]:
    return value if isinstance(value, list) else []
