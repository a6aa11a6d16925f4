"""The order as a document: merge a push into the stored document (contract §9).

Platforms push parts of an order. A part must not end a coverage by leaving something out, so
members that a push does not mention keep their stored values.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Mapping
from typing import Any

Document = dict[str, Any]

# A platform without a status must not undo a cancellation by writing null, nor may an order be lost
# under the id by which its next push looks for it.
_NULL_MEANS_ABSENT = (
    "created_at",
    "external_id",
    "fees",
    "metadata",
    "refunds",
    "status",
    "updated_at",
)


_STATE_OF_A_REFUND = ("status", "updated_at")
"""The members of a refund that may change: it is executed, or it fails."""


def with_text_id(pushed: Mapping[str, Any]) -> Document:
    """The push with its external id as text, because some platforms send it as a number."""
    id_ = pushed.get("external_id")
    if isinstance(id_, bool) or not isinstance(id_, int | float):
        return dict(pushed)
    if isinstance(id_, float) and not id_.is_integer():
        return dict(pushed)  # reading the document reports the invalid number
    return {**pushed, "external_id": str(int(id_))}


def merge_push(stored: Mapping[str, Any], pushed: Mapping[str, Any]) -> tuple[Document, bool]:
    """The document after a push, and whether a refund contradicted one already recorded.

    A member that is pushed replaces the stored one, and `[]` clears it. Refunds are different:
    money given back is a fact, so they only ever accumulate.
    """
    given = {
        name: value
        for name, value in pushed.items()
        if value is not None or name not in _NULL_MEANS_ABSENT
    }
    merged = {**stored, **given}
    pushed_refunds = given.get("refunds") or []
    if not isinstance(pushed_refunds, list):
        return merged, False  # reading the document reports that this is no list
    refunds, conflict = _merge_refunds(stored.get("refunds") or [], pushed_refunds)
    if refunds:
        merged["refunds"] = refunds
    return merged, conflict


def _merge_refunds(stored: list[Any], pushed: list[Any]) -> tuple[list[Any], bool]:
    """Merge refunds. A refund with an id is written once, except for its state.

    Of equal refunds without an id the larger number of the two documents is kept, so that pushing
    again adds nothing.
    """
    merged = list(stored)
    places = {_id(refund): place for place, refund in enumerate(stored) if _id(refund) is not None}
    conflict = False
    for refund in pushed:
        id_ = _id(refund)
        if id_ is None:
            continue
        if id_ not in places:
            places[id_] = len(merged)
            merged.append(refund)
        elif _lasting(merged[places[id_]]) == _lasting(refund):
            merged[places[id_]] = merged[places[id_]] | refund
        else:
            conflict = True
    had = Counter(_text(refund) for refund in stored if _id(refund) is None)
    for text, count in Counter(_text(refund) for refund in pushed if _id(refund) is None).items():
        merged.extend(json.loads(text) for _ in range(count - had[text]))
    return merged, conflict


def _id(refund: Any) -> str | None:
    id_ = refund.get("external_id") if isinstance(refund, dict) else None
    if isinstance(id_, float) and id_.is_integer():
        id_ = int(id_)  # some serialisers write 4711 as 4711.0
    return None if id_ is None else str(id_)


def _lasting(refund: Mapping[str, Any]) -> Document:
    return {name: value for name, value in refund.items() if name not in _STATE_OF_A_REFUND}


def _text(refund: Any) -> str:
    return json.dumps(refund, sort_keys=True)
