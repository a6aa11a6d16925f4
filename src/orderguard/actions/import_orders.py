"""Import orders from a file, one JSON document per line, for back-fills (contract §9).

Every line is an upsert, so a file can be imported again, in whole or in part, without duplicates.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, BinaryIO

from orderguard.actions.give_way import GiveWay
from orderguard.actions.push_orders import TOGETHER, PushOrders, Result
from orderguard.actions.settle_order import PushedOrder
from orderguard.domain.errors import InvalidDocument, Problem, StorageUnavailable
from orderguard.domain.ids import MerchantId
from orderguard.domain.people.audit import Change

LINE_BYTES = 1_048_576
"""The longest line: what the body of a pushed order may have."""

PATIENCE_SECONDS = (0.5, 1.0, 2.0, 4.0)
"""How long the import waits before it tries again to reach the database."""

TOGETHER_BESIDE_SHOPPERS = 5
"""Orders in one transaction while carts are analysed: on SQLite those wait for it."""

PROBLEMS_SHOWN = 3


@dataclass(frozen=True, slots=True)
class Line:
    """A line of the file, numbered from 1; `text` is None when it is longer than `LINE_BYTES`."""

    number: int
    text: bytes | None


@dataclass(frozen=True, slots=True)
class NotTakenIn:
    """A line that was not imported, and the reason."""

    line: int
    why: str


@dataclass(slots=True)
class Imported:
    """The progress of an import. Lines up to `line` are committed and need not be sent again."""

    line: int = 0
    new: int = 0
    changed: int = 0
    unchanged: int = 0
    not_taken_in: list[NotTakenIn] = field(default_factory=list)

    @property
    def orders(self) -> int:
        return self.new + self.changed + self.unchanged

    def count(self, line: int, result: Result) -> None:
        if not isinstance(result, PushedOrder):
            self.not_taken_in.append(NotTakenIn(line, _why(result)))
        elif result.created:
            self.new += 1
        elif result.settlement:
            self.changed += 1
        else:
            self.unchanged += 1


@dataclass(frozen=True, slots=True)
class ImportOrders:
    """The action behind `orderguard orders import`."""

    push_orders: PushOrders
    read_document: Callable[[bytes], Mapping[str, Any]]
    clock: Callable[[], datetime]
    wait: Callable[[float], None]
    give_way: GiveWay

    def __call__(
        self, merchant: MerchantId, lines: Iterable[Line], imported: Imported, *, by: str
    ) -> Iterator[None]:
        """Import the lines, and yield whenever some are committed and counted in `imported`.

        A line that cannot be imported is noted, and the others are imported. Raises
        `StorageUnavailable` when the database stays away; then all lines up to `imported.line` are
        imported. While carts are analysed, it takes small steps and rests between them.
        """
        for some in self._chunks(lines):
            began = self.give_way.elapsed_seconds()
            results: dict[int, Result] = {}
            documents: dict[int, Mapping[str, Any]] = {}
            for line in some:
                try:
                    documents[line.number] = self._document(line)
                except InvalidDocument as error:
                    results[line.number] = error
            pushed = self._push(merchant, list(documents.values()), by=by)
            results |= zip(documents, pushed, strict=True)
            for line in some:
                imported.count(line.number, results[line.number])
            imported.line = some[-1].number
            yield
            self.give_way.after_working(since=began)

    def record(
        self, merchant: MerchantId, imported: Imported, *, file: str, change: Change
    ) -> None:
        """Enter the import into the audit trail. Raises `StorageUnavailable`."""
        with self.push_orders.push_order.database.begin() as work:
            work.audit.record(
                merchant,
                change=change,
                action="orders.imported",
                subject=file,
                after={
                    "new": imported.new,
                    "changed": imported.changed,
                    "unchanged": imported.unchanged,
                    "not_taken_in": len(imported.not_taken_in),
                },
            )

    def _chunks(self, lines: Iterable[Line]) -> Iterator[list[Line]]:
        some: list[Line] = []
        for line in lines:
            some.append(line)
            if len(some) >= (
                TOGETHER_BESIDE_SHOPPERS if self.give_way.somebody_shops else TOGETHER
            ):
                yield some
                some = []
        if some:
            yield some

    def _document(self, line: Line) -> Mapping[str, Any]:
        if line.text is None:
            raise InvalidDocument([Problem("", f"The line is longer than {LINE_BYTES} bytes.")])
        return self.read_document(line.text)

    def _push(
        self, merchant: MerchantId, documents: Sequence[Mapping[str, Any]], *, by: str
    ) -> list[Result]:
        """The results of these orders, once the database is there. Raises `StorageUnavailable`."""
        for seconds in PATIENCE_SECONDS:
            try:
                return self._push_once(merchant, documents, by=by)
            except StorageUnavailable:
                self.wait(seconds)
        return self._push_once(merchant, documents, by=by)

    def _push_once(
        self, merchant: MerchantId, documents: Sequence[Mapping[str, Any]], *, by: str
    ) -> list[Result]:
        results = self.push_orders(merchant, documents, at=self.clock(), by=by)
        for result in results:
            if isinstance(result, StorageUnavailable):
                raise result
        return results


def numbered_lines(file: BinaryIO, *, first: int = 1) -> Iterator[Line]:
    """The lines of a file from the `first` one on, without empty ones, never held all at once."""
    number = 0
    while text := file.readline(LINE_BYTES + 1):
        number += 1
        is_too_long = len(text) > LINE_BYTES and not text.endswith(b"\n")
        rest = text
        while is_too_long and rest and not rest.endswith(b"\n"):
            rest = file.readline(LINE_BYTES)
        if number >= first and text.strip():
            yield Line(number, None if is_too_long else text)


def _why(error: Exception) -> str:
    if not isinstance(error, InvalidDocument):
        return f"It failed on our side: {type(error).__name__}. Report it with the line."
    shown = [str(problem) for problem in error.problems[:PROBLEMS_SHOWN]]
    others = len(error.problems) - len(shown)
    return " ".join(shown) + (f" And {others} more." if others else "")
