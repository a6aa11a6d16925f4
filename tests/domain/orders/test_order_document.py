"""What a push changes of an order's document: parts must not end a coverage."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from orderguard.domain.orders.order_document import merge_push, with_text_id

STORED: dict[str, Any] = {"name": "#1", "fees": [{"name": "fee"}], "metadata": [{"key": "k"}]}


def a_refund(id_: str | None = None, amount: int = 5) -> dict[str, Any]:
    return {"external_id": id_, "amount": amount}


def merged(stored: dict[str, Any], pushed: dict[str, Any]) -> dict[str, Any]:
    return merge_push(stored, pushed)[0]


def test_what_a_push_does_not_mention_stays() -> None:
    assert STORED | {"status": "archived"} == merged(STORED, {"status": "archived"})


def test_an_explicit_empty_list_clears() -> None:
    assert STORED | {"fees": [], "metadata": []} == merged(STORED, {"fees": [], "metadata": []})


def test_null_fees_and_metadata_are_not_mentioned() -> None:
    assert STORED == merged(STORED, {"fees": None, "metadata": None, "refunds": None})


def test_null_clears_any_other_member() -> None:
    assert STORED | {"name": None} == merged(STORED, {"name": None})


def test_new_refunds_are_added_and_old_ones_stay() -> None:
    first = merged({}, {"refunds": [a_refund("r1")]})

    assert [a_refund("r1"), a_refund("r2")] == merged(first, {"refunds": [a_refund("r2")]})[
        "refunds"
    ]
    assert first == merged(first, {"refunds": []})


def test_a_refund_is_written_once_and_a_contradiction_is_told() -> None:
    first = merged({}, {"refunds": [a_refund("r1", 5)]})

    again, conflict = merge_push(first, {"refunds": [a_refund("r1", 9)]})

    assert (first, True) == (again, conflict)
    assert not merge_push(first, {"refunds": [a_refund("r1", 5)]})[1]


def test_a_refund_may_come_to_happen_or_to_fail() -> None:
    pending = {"external_id": "r1", "amount": 5, "status": "pending"}
    stored = merged({}, {"refunds": [{"external_id": "r0"}, pending]})

    done, conflict = merge_push(
        stored, {"refunds": [pending | {"status": "success", "updated_at": "2026-05-01"}]}
    )

    assert not conflict
    assert ["r0", "r1"] == [refund["external_id"] for refund in done["refunds"]]
    assert "success" == done["refunds"][1]["status"]
    again = merged(done, {"refunds": [{"external_id": "r1", "amount": 5}]})
    assert done == again


@pytest.mark.parametrize(
    ("sent", "read"),
    [(10293, "10293"), (10293.0, "10293"), ("10293", "10293"), (1.5, 1.5), (True, True)],
)
def test_an_external_id_that_is_a_number_is_its_text(sent: Any, read: Any) -> None:
    assert {"external_id": read, "name": "#1"} == with_text_id({"external_id": sent, "name": "#1"})


def test_a_push_without_an_external_id_has_none() -> None:
    assert {"name": "#1"} == with_text_id({"name": "#1"})


def test_equal_refunds_without_id_count_as_often_as_one_push_has_them() -> None:
    once = merged({}, {"refunds": [a_refund()]})
    twice = merged(once, {"refunds": [a_refund(), a_refund()]})

    assert 1 == len(merged(once, {"refunds": [a_refund()]})["refunds"])
    assert 2 == len(twice["refunds"])
    assert 2 == len(merged(twice, {"refunds": [a_refund()]})["refunds"])


def test_refunds_that_are_no_list_are_left_to_whoever_reads_the_document() -> None:
    assert {"refunds": 5} == merged({"refunds": [a_refund("r1")]}, {"refunds": 5})


def test_an_id_is_the_same_whether_it_is_written_as_a_whole_float_or_not() -> None:
    stored = merged({}, {"refunds": [{"external_id": 4711}]})

    again, conflict = merge_push(stored, {"refunds": [{"external_id": 4711.0}]})

    assert (stored, False) == (again, conflict)


refunds = st.lists(
    st.builds(a_refund, st.sampled_from([None, "a", "b"]), st.integers(1, 2)), max_size=4
)


@given(st.lists(refunds, min_size=1, max_size=3))
def test_pushing_the_same_again_changes_nothing(pushes: list[list[Any]]) -> None:
    document: dict[str, Any] = {}
    for push in pushes:
        document = merged(document, {"refunds": push})
        assert document == merged(document, {"refunds": push})
