"""Bounds on the members of an order document that neither coverage nor money depends on (ADR 0069).

An order is never refused for such members. The members over a bound are not kept, and the order
bears a warning. The same push must always leave the same document, so nothing here is random.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from orderguard.domain.orders.acceptance import OrderWarning, WarningCode
from orderguard.domain.orders.order_document import Document

UNKNOWN_BYTES = 65_536
"""What members that are not documented may take together, wherever they stand in the order."""

UNKNOWN_BYTES_OF_REFUND = 1_024
"""The same in one refund of the order. A refund without an id is known by all of its members, so it
is bounded by itself: what else the order carries must not make it another one."""

LIST_BYTES = 65_536
OBJECT_BYTES = 16_384
WORDS_OF_LINES_BYTES = 131_072
METADATA_OF_LINES_BYTES = 65_536
KEY_KEPT = 255
SESSION_TEXT_KEPT = 255

LISTS = ("order_discounts", "shipping_lines", "fulfillments", "tags", "metadata")
OBJECTS = ("customer", "shipping_address", "billing_address", "sales_channel", "channel", "source")
WORDS_OF_LINES = ("product_type", "vendor", "tags", "collections")

TEXT_KEPT: Mapping[str, Mapping[str, int]] = {
    "": {"sales_channel": 255, "channel": 255, "source": 255},
    "line_items": {"title": 1_000, "price": 64},
    "fees": {"name": 255},
    "refunds": {"type": 64, "status": 64, "total": 64},
}
"""Characters of texts that are for reading only; the rest is cut off."""

_ENTRY = {"key": KEY_KEPT}
_SESSION_ENTRY = {"value": SESSION_TEXT_KEPT}

_LongText = tuple[Document, str, int]
"""An object, the name of its text, and how many characters are kept."""

_Shape = Mapping[str, Any]
_VALUE: _Shape = {}


def _members(names: str, **inner: _Shape) -> _Shape:
    return dict.fromkeys(names.split(), _VALUE) | inner


_MONEY = _members("amount currency_code")
_REFERENCE = _members("id external_id")
_REFUNDED_LINE = _members("id external_id quantity restock")
_REFUND = _members(
    "external_id type status created_at updated_at",
    amount=_MONEY,
    total=_MONEY,
    line_item=_REFUNDED_LINE,
    line_items=_REFUNDED_LINE,
)
_LINE = _members(
    "id external_id title sku quantity product_type vendor tags collections metadata",
    unit_price=_MONEY,
    price=_MONEY,
    unit_discounts=_MONEY,
    product=_REFERENCE,
    product_variant=_REFERENCE,
    refunds=_REFUND,
)
ORDER_SHAPE = _members(
    "name taxes_included status external_id created_at updated_at " + " ".join((*LISTS, *OBJECTS)),
    total_price=_MONEY,
    total_price_presentment=_MONEY,
    total_discounts=_MONEY,
    total_taxes=_MONEY,
    total_shipping=_MONEY,
    line_items=_LINE,
    fees=_members("name accepted_offer_mode", amount=_MONEY),
    refunds=_REFUND,
)
"""The documented members, and what is documented within them."""


@dataclass(frozen=True, slots=True)
class Piece:
    """A member of an object, or an entry of a list, that can be cut; `size` is in bytes of JSON."""

    path: str
    place: Any
    key: str | int
    size: int

    @property
    def value(self) -> Any:
        return self.place[self.key]


def bound_refunds(pushed: Mapping[str, Any]) -> tuple[Document, list[Piece]]:
    """The push with its refunds cut to the bounds, and the names of the members that were cut.

    The refunds of the push and the stored ones both need this before they are compared.
    """
    if not isinstance(pushed.get("refunds"), list):
        return dict(pushed), []
    document = {**pushed, "refunds": _copy(pushed["refunds"])}
    left_out: list[Piece] = []
    for index, refund in enumerate(document["refunds"]):
        if isinstance(refund, dict):
            _cut(_too_long(refund, TEXT_KEPT["refunds"]))
        unknown = _unknown(refund, _REFUND, f"refunds[{index}]")
        left_out += _too_much(sorted(unknown, key=_smallest), UNKNOWN_BYTES_OF_REFUND)
    return document, _leave_out(left_out)


def bound_document(
    merged: Mapping[str, Any], stored: Mapping[str, Any]
) -> tuple[Document, list[Piece]]:
    """The document cut to the bounds, and the members that were cut.

    `stored` is the previous revision. Unknown members that are stored unchanged have room first,
    then the smaller ones. So a repeated push finds the same room, and loses the same members.
    """
    document = dict(merged)
    if not any(_long_texts(document)) and _size(document) <= OBJECT_BYTES:
        return document, []  # as usual; nothing is changed, so nothing is copied
    document = _copy(document)
    _cut(_long_texts(document))
    return document, _leave_out([*_beside(document), *_unknown_too_much(document, stored)])


def _beside(document: Document) -> Iterator[Piece]:
    """What there is too much of in documented members on which no money depends."""
    for name in OBJECTS:
        if isinstance(members := document.get(name), dict):
            yield from _too_much(sorted(_pieces(members, name), key=_smallest), OBJECT_BYTES)
    for name in LISTS:
        entries = list(_pieces(document.get(name), name))
        yield from _too_much(sorted(entries, key=_names_no_session), LIST_BYTES)
    lines = _dicts(document.get("line_items"), "line_items")
    words = [
        Piece(f"{path}.{name}", line, name, _size(line[name]))
        for path, line in lines
        for name in WORDS_OF_LINES
        if name in line
    ]
    yield from _too_much(sorted(words, key=_smallest), WORDS_OF_LINES_BYTES)
    entries = [
        each for path, line in lines for each in _pieces(line.get("metadata"), f"{path}.metadata")
    ]
    yield from _too_much(sorted(entries, key=_names_no_session), METADATA_OF_LINES_BYTES)


def _unknown_too_much(document: Document, stored: Mapping[str, Any]) -> Iterator[Piece]:
    known = {piece.path: piece.value for piece in _unknown(stored, ORDER_SHAPE, "")}

    def is_new(piece: Piece) -> bool:
        return piece.path not in known or known[piece.path] != piece.value

    unknown = list(_unknown(document, ORDER_SHAPE, ""))
    of_refunds = sum(each.size for each in unknown if each.path.startswith("refunds["))
    others = [each for each in unknown if not each.path.startswith("refunds[")]
    others.sort(key=lambda each: (is_new(each), *_smallest(each)))
    return _too_much(others, max(0, UNKNOWN_BYTES - of_refunds))


def _unknown(value: Any, shape: _Shape, path: str) -> Iterator[Piece]:
    """The members that are not documented, wherever they stand."""
    if shape is _VALUE:
        return
    for place, members in _dicts(value, path):
        for name, inner in members.items():
            here = f"{place}.{name}" if place else name
            if name in shape:
                yield from _unknown(inner, shape[name], here)
            else:
                yield Piece(here, members, name, _size(name) + _size(inner))


def _dicts(value: Any, path: str) -> list[tuple[str, Document]]:
    """The objects that a value is or has, with their paths. Another shape has none; the reader of
    the document refuses it with a reason."""
    if isinstance(value, Mapping):
        return [(path, value if isinstance(value, dict) else dict(value))]
    entries = enumerate(value) if isinstance(value, list) else ()
    return [(f"{path}[{index}]", each) for index, each in entries if isinstance(each, dict)]


def _pieces(value: Any, path: str) -> Iterator[Piece]:
    if isinstance(value, dict):
        for name, inner in value.items():
            yield Piece(f"{path}.{name}", value, name, _size(name) + _size(inner))
    elif isinstance(value, list):
        for index, inner in enumerate(value):
            yield Piece(f"{path}[{index}]", value, index, _size(inner))


def _too_much(pieces: Iterable[Piece], room: int) -> Iterator[Piece]:
    """The members for which no room is left."""
    for piece in pieces:
        if piece.size > room:
            yield piece
        else:
            room -= piece.size


def _leave_out(pieces: list[Piece]) -> list[Piece]:
    by_place = sorted(pieces, key=lambda each: each.key if isinstance(each.key, int) else -1)
    for piece in reversed(by_place):  # from the end, so that the places before it do not move
        del piece.place[piece.key]
    return pieces


def _smallest(piece: Piece) -> tuple[int, str]:
    return piece.size, piece.path


def _names_no_session(piece: Piece) -> bool:
    return not (isinstance(piece.value, dict) and piece.value.get("key") == "session_id")


def _long_texts(document: Document) -> Iterator[_LongText]:
    yield from _too_long(document, TEXT_KEPT[""])
    lines = document.get("line_items")
    for name, limits in TEXT_KEPT.items():
        for each in _objects(document.get(name)):
            yield from _too_long(each, limits)
    for holder in (document, *_objects(lines)):
        for refund in _objects(holder.get("refunds")):
            yield from _too_long(refund, TEXT_KEPT["refunds"])
        for entry in _objects(holder.get("metadata")):
            yield from _too_long(entry, _ENTRY)
            if entry.get("key") == "session_id":
                yield from _too_long(entry, _SESSION_ENTRY)


def _too_long(members: Document, limits: Mapping[str, int]) -> Iterator[_LongText]:
    for name, limit in limits.items():
        if isinstance(text := members.get(name), str) and len(text) > limit:
            yield members, name, limit


def _objects(value: Any) -> Sequence[Document]:
    """The objects that a value is or has."""
    if isinstance(value, list):
        return [each for each in value if isinstance(each, dict)]
    return (value,) if isinstance(value, dict) else ()


def _cut(texts: Iterable[_LongText]) -> None:
    for members, name, limit in list(texts):
        members[name] = members[name][:limit]


def _copy(value: Any) -> Any:
    """A copy that can be changed without changing the pushed document."""
    if isinstance(value, dict):
        return {name: _copy(inner) for name, inner in value.items()}
    return [_copy(inner) for inner in value] if isinstance(value, list) else value


_encode = json.JSONEncoder(ensure_ascii=False, separators=(",", ":")).encode


def _size(value: Any) -> int:
    """Bytes of the value as it is stored, near enough."""
    return len(_encode(value).encode(errors="replace")) + 1


NAME_SHOWN = 80


def members_not_kept(left_out: Sequence[Piece]) -> tuple[OrderWarning, ...]:
    """The warning about the members that were cut; nothing when all were kept."""
    if not left_out:
        return ()
    largest = min(left_out, key=lambda each: (-each.size, each.path))
    name, others = largest.path[:NAME_SHOWN], len(left_out) - 1
    more = f", nor {others} more" if others else ""
    return (
        OrderWarning(
            WarningCode.MEMBERS_NOT_KEPT,
            f"The order carries more than is kept: {name} ({largest.size} bytes) was not "
            f"kept{more}. Coverage and billing do not depend on it.",
        ),
    )
