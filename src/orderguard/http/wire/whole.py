"""Whole numbers as serializers write them: PHP and JavaScript may send `1.0` for 1.

JSON Schema calls both of them integers, so the document need not distinguish them. Order money is
different: there `498.0` may be 498 dollars as well as 498 cents (contract §9).
"""

from __future__ import annotations

from typing import Annotated

from msgspec import Meta

WholeFloat = Annotated[float, Meta(multiple_of=1)]

NumericId = int | WholeFloat
"""An id that a platform sends as a number. It is read as its decimal text."""


def id_text(id_: str | float) -> str:
    """An id as text: `"4711"` for `"4711"`, 4711 and 4711.0."""
    return id_ if isinstance(id_, str) else str(int(id_))
