"""Calls to the Orderguard server, through the client library for Python."""

from __future__ import annotations

import threading
from collections.abc import Mapping
from typing import Any

import httpx

from orderguard_oscar import __version__
from orderguard_oscar.conf import Settings
from orderguard_oscar.core.client import Answer, Breaker, Client
from orderguard_oscar.core.client.analysis import headers

REST_SECONDS = 10.0
ORDER_SECONDS = 10.0

_lock = threading.Lock()
_client: tuple[tuple[str, str, int], Client] | None = None


def analyze(settings: Settings, body: Mapping[str, Any]) -> Answer:
    """Orderguard's answer to an analyze request, in less than a second. Never raises.

    After a missing answer the process sends no request for ten seconds: one page waits, not every
    page.
    """
    return _kept(settings).analyze_request(body)


def send(
    settings: Settings,
    method: str,
    path: str,
    *,
    key: str = "",
    content: bytes | None = None,
    seconds: float = ORDER_SECONDS,
) -> httpx.Response:
    """Send one request outside of a shopper's page. Raises `httpx.RequestError`."""
    with httpx.Client(timeout=seconds, follow_redirects=False) as http:
        named = {"User-Agent": f"django-oscar-orderguard/{__version__}"}
        return http.request(
            method, settings.url + path, content=content, headers={**headers(key), **named}
        )


def _kept(settings: Settings) -> Client:
    """The client of this process; a new one when address or key change."""
    global _client
    with _lock:
        wanted = (settings.url, settings.key, settings.budget_ms)
        if _client is None or _client[0] != wanted:
            breaker = Breaker(failures_in_a_row=1, rest_seconds=REST_SECONDS)
            url, key, budget_ms = wanted
            _client = (wanted, Client(url, key, budget_ms=budget_ms, breaker=breaker))
        return _client[1]
