"""Prepare msgspec's decoders on import, because first use in two threads crashes."""

from __future__ import annotations

from typing import Any

import msgspec


def learn(type_: Any) -> None:
    """Let msgspec build its decoder for a type now. Does nothing for None.

    Msgspec builds the decoder when the type is first decoded, and two threads that first decode the
    same type at once crash the process. So types that threads decode are prepared on import.
    """
    if type_ is not None:
        msgspec.json.Decoder(type_)
