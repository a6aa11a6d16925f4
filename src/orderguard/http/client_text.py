"""Refuses request paths and queries that contain a NUL character."""

from __future__ import annotations

from falcon.asgi import Request

from orderguard.domain.errors import NotFound


def refuse_unwritten(request: Request) -> None:
    """Raises `NotFound` for a NUL in path or query, which no stored text can contain."""
    if "\x00" in request.path or "%00" in (request.query_string or ""):
        raise NotFound("Nothing has a NUL in its name.")
