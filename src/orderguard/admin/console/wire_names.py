"""Replace names of the wire (`returnCoverage`, `ignore_items`) by words for screens."""

from __future__ import annotations

import re

from markupsafe import Markup, escape

from orderguard.domain.coverage_mode import MODE_LABELS

_MODE = re.compile(rf"\b({'|'.join(MODE_LABELS)})\b")
_LABELS = {str(mode): label.lower() for mode, label in MODE_LABELS.items()}
_CODE = re.compile(r"\b[a-z]+(?:_[a-z0-9]+)+\b")
_WIRE_NAME = re.compile(r"\b[a-z]+(?:[A-Z][a-z0-9]*|_[a-z0-9]+)+\b")


def plain(text: str) -> str:
    """The text with coverage modes replaced by their labels, and codes by words."""
    return _CODE.sub(lambda found: found[0].replace("_", " "), _modes_named(text))


def as_shown(value: str) -> str:
    """A value for a screen: coverage modes by their labels, other wire names marked as code."""
    named = _modes_named(value)
    return Markup("<code>{}</code>").format(value) if _WIRE_NAME.search(named) else escape(named)


def with_code(text: str) -> Markup:
    """A sentence for developers, with the names of the wire in it marked as code."""
    marked = Markup("<code>{}</code>")
    pieces = re.split(f"({_WIRE_NAME.pattern})", text)
    return Markup("").join(
        marked.format(piece) if _WIRE_NAME.fullmatch(piece) else piece for piece in pieces
    )


def _modes_named(text: str) -> str:
    return _MODE.sub(lambda found: _LABELS[found[0]], text)
