"""Refuses paths and queries that contain a NUL character, and unknown query parameters."""

from __future__ import annotations

from collections.abc import Collection

from falcon.asgi import Request

from orderguard.domain.errors import InvalidDocument, NotFound, Problem


def refuse_unwritten(request: Request) -> None:
    """Raises `NotFound` for a NUL in path or query, which no stored text can contain."""
    if "\x00" in request.path or "%00" in (request.query_string or ""):
        raise NotFound("Nothing has a NUL in its name.")


def refuse_unknown_parameters(request: Request, known: Collection[str]) -> None:
    """Raises `InvalidDocument` naming the parameters that the route does not have, and its own.

    Only for routes that Checkout+ does not have: there a misspelt filter would show everything.
    """
    unknown = [name for name in request.params if name not in known]
    if unknown:
        own = f"its parameters are {', '.join(sorted(known))}." if known else "it has none."
        message = f"is not a parameter of this route; {own}"
        raise InvalidDocument([Problem(name[:100], message) for name in unknown[:20]])
