"""A readable copy of a request with errors, so that all its problems are found in one pass.

Shapes are checked first, and values (is this amount whole, is that region a code) only in a request
whose shape is valid. To list the problems of both kinds in one response, members of a wrong shape
are removed or replaced by a harmless value, and the rest is read as usual (contract §7).
"""

from __future__ import annotations

import copy
import re
from typing import Any

from orderguard.domain.errors import Problem

_PART = re.compile(r"([^.\[\]]+)|\[(\d+)\]")

_LINE = {
    "id": "-",
    "productId": "-",
    "quantity": 1,
    "totalPrice": 0,
    "originalTotalPrice": 0,
    "title": "",
}
_DELIVERY_GROUP = {"deliveryMethod": "SHIPPING"}
_CART = {
    "lines": [],
    "currencyCode": "USD",
    "subtotalAmount": 0,
    "totalDiscountAmount": 0,
    "discountedSubtotalAmount": 0,
    "totalTaxAmount": 0,
    "totalAmount": 0,
    "itemCount": 0,
}
_REQUIRED: dict[str, Any] = {
    "platform": "-",
    "cart": _CART,
    "country": "US",
    "amount": 0,
    **_CART,
    **_LINE,
    **_DELIVERY_GROUP,
}
_ELEMENTS: dict[str, Any] = {"lines": _LINE, "deliveryGroups": _DELIVERY_GROUP}


def without_problems(document: dict[str, Any], problems: list[Problem]) -> dict[str, Any]:
    """A copy without the members that have a problem; required ones get a harmless value."""
    legible = copy.deepcopy(document)
    for problem in problems:
        _mend(legible, _parts(problem.path))
    return legible


def _parts(path: str) -> list[str | int]:
    return [name or int(index) for name, index in _PART.findall(path)]


def _mend(document: Any, parts: list[str | int]) -> None:
    *parents, last = parts
    for part in parents:
        document = document[part]
    if isinstance(last, int):
        document[last] = copy.deepcopy(_ELEMENTS.get(str(parents[-1]), "-"))
    elif last in _REQUIRED and not (last == "id" and "lines" not in parents):
        document[last] = copy.deepcopy(_REQUIRED[last])
    else:
        document.pop(last, None)
