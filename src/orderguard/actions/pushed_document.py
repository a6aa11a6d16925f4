"""A pushed order document, parsed and cut to its bounds before any lock is taken."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Self

from orderguard.domain.errors import InvalidDocument, Malformed
from orderguard.domain.ids import SessionId
from orderguard.domain.orders.order import Order
from orderguard.domain.orders.order_bounds import Piece, bound_document, bound_refunds
from orderguard.domain.orders.order_document import Document, merge_push, with_text_id

ReadOrder = Callable[[Mapping[str, Any]], Order]
"""Reads a document; raises `InvalidDocument`."""


@dataclass(frozen=True, slots=True)
class MergedDocument:
    """A push merged into the stored document: the new document, its order, and the members cut."""

    document: Document
    order: Order
    left_out: Sequence[Piece]
    has_refund_conflict: bool


@dataclass(frozen=True, slots=True)
class PushedDocument:
    """A push, and the order parsed from it alone, or the problems of parsing it.

    A push with only a part of an order can be parsed only with the stored document.
    """

    document: Document
    too_much: Sequence[Piece]
    alone: MergedDocument | InvalidDocument
    read_order: ReadOrder

    @classmethod
    def read(cls, pushed: Mapping[str, Any], read_order: ReadOrder) -> Self:
        document, too_much = bound_refunds(with_text_id(pushed))
        alone: MergedDocument | InvalidDocument
        try:
            alone = _merged({}, document, read_order)
        except InvalidDocument as error:
            alone = error
        return cls(document, too_much, alone, read_order)

    @property
    def external_id(self) -> str | None:
        """The platform's id of the order; None if absent or not a valid id."""
        id_ = self.document.get("external_id")
        # PostgreSQL refuses a NUL in a parameter. Reading the document reports it.
        return id_ if isinstance(id_, str) and "\0" not in id_ else None

    @property
    def session(self) -> SessionId | None:
        """The session id in the push itself; None without one."""
        return None if isinstance(self.alone, InvalidDocument) else session_of(self.alone.order)

    def merged_into(self, stored: Mapping[str, Any] | None) -> MergedDocument:
        """This push merged into the stored document of its order. Raises `InvalidDocument`."""
        alone = self.alone
        if stored is None:
            if isinstance(alone, InvalidDocument):
                raise alone
            return alone
        if isinstance(alone, MergedDocument) and alone.document == stored:
            # The whole order once more, as most repetitions are.
            return alone
        known, _ = bound_refunds(stored)
        return _merged(known, self.document, self.read_order)


def session_of(order: Order) -> SessionId | None:
    """The session id in an order; None if absent or not a valid session id."""
    if order.session_text is None:
        return None
    try:
        return SessionId.parse(order.session_text)
    except Malformed:
        return None


def _merged(known: Document, pushed: Document, read_order: ReadOrder) -> MergedDocument:
    merged, has_conflict = merge_push(known, pushed)
    merged, left_out = bound_document(merged, known)
    return MergedDocument(merged, read_order(merged), left_out, has_conflict)
