"""What is kept of an order document (ADR 0069)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, get_args

import msgspec
import pytest

from orderguard.domain.orders import order_bounds
from orderguard.domain.orders.order_bounds import (
    ORDER_SHAPE,
    bound_document,
    bound_refunds,
    members_not_kept,
)
from orderguard.http.wire.order_request import OrderRequest

BIG = "b" * 40_000
TO_READ_LOOSELY = {"price": ("amount", "currency_code"), "total": ("amount", "currency_code")}


def shape_of(type_: type[msgspec.Struct]) -> dict[str, Any]:
    """The documented members of a wire type, as `ORDER_SHAPE` writes them."""
    found: dict[str, Any] = {}
    for field in msgspec.structs.fields(type_):
        inner = next(iter(structs_in(field.type)), None)
        found[field.name] = shape_of(inner) if inner else {}
        if field.name in TO_READ_LOOSELY:
            found[field.name] = {name: {} for name in TO_READ_LOOSELY[field.name]}
    return found


def structs_in(type_: Any) -> list[type[msgspec.Struct]]:
    if isinstance(type_, type) and issubclass(type_, msgspec.Struct):
        return [type_]
    return [each for inner in get_args(type_) for each in structs_in(inner)]


def kept(
    document: Mapping[str, Any], stored: Mapping[str, Any] | None = None
) -> tuple[dict[str, Any], list[str]]:
    bounded, left_out = bound_document(document, stored or {})
    return bounded, [piece.path for piece in left_out]


def test_the_documented_members_are_those_of_the_wire() -> None:
    by_itself: dict[str, Any] = {
        "metadata": {}
    }  # bounded by itself, with all that its entries have

    assert shape_of(OrderRequest) | by_itself == ORDER_SHAPE


def test_a_small_document_is_kept_as_it_is() -> None:
    document = {"name": "#1", "note": "n", "line_items": [{"color": "red"}], "metadata": 5}

    assert (document, []) == kept(document)


def test_those_on_record_come_first_and_then_the_smaller_ones() -> None:
    first, left_out = kept({"a": BIG, "b": BIG[:30_000]})
    assert (["b"], ["a"]) == ([*first], left_out)

    later, left_out = kept(first | {"c": BIG[:34_000], "d": BIG[:20_000]}, first)
    assert (["b", "d"], ["c"]) == ([*later], left_out)

    changed, left_out = kept({"b": BIG[:34_000], "d": later["d"], "e": BIG[:33_000]}, later)
    assert (["d", "e"], ["b"]) == ([*changed], left_out)


def test_what_was_pushed_is_not_changed_by_bounding_it() -> None:
    pushed = {"line_items": [{"title": "t" * 2_000, "note": BIG * 2}], "refunds": [{"x": BIG}]}

    kept(pushed)
    bound_refunds(pushed)

    assert BIG * 2 == pushed["line_items"][0]["note"]
    assert {"x": BIG} == pushed["refunds"][0]


@pytest.mark.parametrize("refunds", [None, 5, {}, "r", [5, None, "x"]])
def test_shapes_that_mean_nothing_are_left_to_the_reader(refunds: Any) -> None:
    document = {"refunds": refunds, "line_items": refunds, "customer": [BIG], "tags": BIG * 2}

    assert (document, []) == (bound_refunds(document)[0], bound_refunds(document)[1])
    assert (document, []) == kept(document)


def test_a_refund_is_bounded_by_itself_whatever_else_there_is() -> None:
    refund = {"amount": {"amount": 5}, "id": 7, "raw": "r" * 2_000}

    alone, left_out = bound_refunds({"refunds": [refund]})
    again, _ = bound_refunds(alone)
    beside, _ = bound_refunds({"refunds": [{"id": 1}, refund], "note": BIG * 2})

    assert [{"amount": {"amount": 5}, "id": 7}] == alone["refunds"] == beside["refunds"][1:]
    assert ["refunds[0].raw"] == [piece.path for piece in left_out]
    assert alone == again


def test_refunds_take_their_room_from_the_unknown_members() -> None:
    refunds = [{"id": number, "note": "n" * 900} for number in range(80)]

    bounded, left_out = kept({"refunds": refunds, "color": "red"})

    assert (refunds, ["color"]) == (bounded["refunds"], left_out)


def test_entries_are_left_out_where_they_stand() -> None:
    entries = [{"key": "a", "value": BIG}, {"key": "b", "value": BIG}, {"key": "c"}]

    bounded, left_out = kept({"metadata": [*entries, {"key": "session_id", "value": "lop_1"}]})

    assert ["a", "c", "session_id"] == [entry["key"] for entry in bounded["metadata"]]
    assert ["metadata[1]"] == left_out


def test_several_entries_of_one_list_are_left_out() -> None:
    bounded, left_out = kept({"tags": ["x", BIG * 2, "y", BIG * 2, "z"]})

    assert (["x", "y", "z"], ["tags[1]", "tags[3]"]) == (bounded["tags"], left_out)


def test_an_object_keeps_its_smaller_members() -> None:
    customer = {"first_name": "Ada", "history": BIG, "note": "n" * 10_000}

    bounded, left_out = kept({"customer": customer})

    assert {"first_name": "Ada", "note": "n" * 10_000} == bounded["customer"]
    assert ["customer.history"] == left_out


def test_the_warning_names_the_largest() -> None:
    _, left_out = bound_document({"note": BIG * 3, "n" * 200: BIG * 4}, {})
    _, one = bound_document({"note": BIG * 3}, {})

    (several,) = members_not_kept(left_out)
    (single,) = members_not_kept(one)

    assert () == members_not_kept([])
    assert "n" * 80 + " (160" in several.message
    assert "not kept, nor 1 more." in several.message
    assert "note (120" in single.message
    assert "not kept. " in single.message


def test_half_an_emoji_has_a_size(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(order_bounds, "OBJECT_BYTES", 10)

    assert ({"note": "\ud83d"}, []) == kept({"note": "\ud83d"})
