"""Compare two analyses of a session: the cart, the configuration, the answer."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, fields

from orderguard.domain.cart import Cart, CartLine
from orderguard.domain.offers.analysis import Analysis


@dataclass(frozen=True, slots=True)
class Difference:
    """One changed value. `before` or `after` is None where it was absent."""

    subject: str
    before: object
    after: object


def differences(before: Analysis, after: Analysis) -> tuple[Difference, ...]:
    """The values that differ: first the answer, then the configuration and the cart behind it."""
    return tuple(
        Difference(subject, old, new)
        for subject, old, new in (
            *_answers(before, after),
            *_carts(before.cart, after.cart),
            *_lines(before.cart, after.cart),
        )
        if old != new
    )


_Pair = tuple[str, object, object]


def _answers(before: Analysis, after: Analysis) -> Iterator[_Pair]:
    old, new = before.offer, after.offer
    yield "reason", old.reason, new.reason
    yield "modes", list(old.modes), list(new.modes)
    yield "price", old.charge and str(old.charge.amount), new.charge and str(new.charge.amount)
    yield "cohort", old.cohort, new.cohort
    yield "configuration version", before.configuration_version, after.configuration_version


def _carts(before: Cart, after: Cart) -> Iterator[_Pair]:
    for field in fields(Cart):
        if field.name != "lines":
            yield _words(field.name), getattr(before, field.name), getattr(after, field.name)


def _lines(before: Cart, after: Cart) -> Iterator[_Pair]:
    """Each line that only one cart has, and each attribute of the lines that both have."""
    old, new = _by_id(before), _by_id(after)
    for key in dict.fromkeys((*old, *new)):
        there, here = old.get(key), new.get(key)
        subject = _named(*key)
        if there is None or here is None:
            yield subject, there and there.title, here and here.title
            continue
        for name in CartLine._fields:
            yield f"{subject} {_words(name)}", getattr(there, name), getattr(here, name)


def _by_id(cart: Cart) -> Mapping[tuple[str, int], CartLine]:
    """Lines by id; where a platform sends one twice, the later ones are numbered."""
    lines: dict[tuple[str, int], CartLine] = {}
    numbers: Counter[str] = Counter()
    for line in cart.lines:
        numbers[line.id] += 1
        lines[line.id, numbers[line.id]] = line
    return lines


def _named(id_: str, number: int) -> str:
    return f"line {id_}" if number == 1 else f"line {id_} ({number})"


def _words(name: str) -> str:
    return name.replace("_", " ")
