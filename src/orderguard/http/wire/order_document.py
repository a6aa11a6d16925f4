"""Parse the JSON of a pushed order, without validating its members."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from orderguard.domain.errors import InvalidDocument, Problem
from orderguard.http.json_body import NotJson, json_object

NESTING_AT_MOST = 100
"""Levels of an order document. Far from what any reader can bear: what is stored must be found
again inside of lists, too."""


def order_document(body: bytes) -> dict[str, Any]:
    """Decode the JSON object of an order. Raises `InvalidDocument`."""
    document = json_object(body)
    if body.count(b"{") + body.count(b"[") > NESTING_AT_MOST:  # a text may have some, too
        refuse_deep_nesting(document)
    return document


def require_date(document: Mapping[str, Any]) -> None:
    """Raises `InvalidDocument` without `created_at`, which the API requires since 2026-10."""
    if not document.get("created_at"):
        raise InvalidDocument([Problem("created_at", "is missing; 2026-10 requires it.")])


def refuse_deep_nesting(document: dict[str, Any]) -> None:
    """Raises `NotJson` for a document that is nested too deeply."""
    level: list[Any] = [document]
    for _ in range(NESTING_AT_MOST):
        if not level:
            return
        members = (each.values() if isinstance(each, dict) else each for each in level)
        level = [inner for each in members for inner in each if isinstance(inner, dict | list)]
    if level:
        problem = f"Request body is nested too deeply: {NESTING_AT_MOST} levels are the limit."
        raise NotJson([Problem("", problem)])
