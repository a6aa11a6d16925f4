"""Types that msgspec must know before threads decode them."""

from __future__ import annotations

from typing import Any

import msgspec


def learn(type_: Any) -> None:
    """Let msgspec build its description of a type. Does nothing for None.

    Msgspec builds the description when the type is first decoded, and two threads that first decode
    the same type at once crash the process. So types that are decoded in threads are learnt on
    import.
    """
    if type_ is not None:
        msgspec.json.Decoder(type_)
