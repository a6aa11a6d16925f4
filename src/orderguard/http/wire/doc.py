"""Describe a member of a wire type where it is declared."""

from __future__ import annotations

from typing import Any

from msgspec import Meta


def doc(description: str, **further: Any) -> Meta:
    """A `Meta` with this description, which OpenAPI and `/docs` show; `further` as for `Meta`."""
    return Meta(description=description, **further)
