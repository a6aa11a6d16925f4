"""Protection against cross-site requests, script injection and open redirects."""

from __future__ import annotations

import re
from hashlib import sha256
from hmac import compare_digest
from urllib.parse import urlsplit

from falcon.asgi import Request

from orderguard.http.request_head import first_scheme

SECURITY_HEADERS = {
    # No inline script and no inline style: injected markup cannot run.
    "content-security-policy": (
        "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; "
        "connect-src 'self'; form-action 'self'; frame-ancestors 'none'; base-uri 'none'"
    ),
    "x-content-type-options": "nosniff",
    "x-frame-options": "DENY",
    # Not "no-referrer": browsers would then send forms with `Origin: null`.
    "referrer-policy": "same-origin",
    "cross-origin-opener-policy": "same-origin",
    "cache-control": "no-store",
}

HOME = "/console"

_OWN_PATH = re.compile(r"/console(/[A-Za-z0-9/_.~%-]*)?(\?[A-Za-z0-9/_.~%&=+,:-]*)?")


def form_token(cookie: str) -> str:
    """The form token of a visitor, derived from a cookie that other sites cannot read."""
    return sha256(b"form token of " + cookie.encode()).hexdigest()


def is_form_token(sent: str, cookie: str) -> bool:
    """Whether the form token that was sent belongs to the cookie; prevents CSRF."""
    return compare_digest(sent.encode(), form_token(cookie).encode())


def is_from_here(request: Request) -> bool:
    """Whether the browser names one of our pages as the sender, or names none.

    Hosts are compared, not schemes: a proxy may have terminated TLS.
    """
    if request.get_header("Sec-Fetch-Site") not in (None, "same-origin", "none"):
        return False
    origin: str | None = request.get_header("Origin")
    return origin is None or urlsplit(origin).netloc == request.get_header("Host")


def is_encrypted(request: Request) -> bool:
    """Whether the visitor uses https.

    A proxy that terminates TLS says so in `X-Forwarded-Proto`. A client that forges this header
    only loses its own cookies, because browsers refuse `Secure` cookies over http.
    """
    forwarded = first_scheme(request.get_header("X-Forwarded-Proto") or "")
    return bool(request.scheme == "https" or forwarded == "https")


def own_path(text: str) -> str:
    """A requested path of the console, or its start page.

    A path that a browser could read as another site is replaced: `//elsewhere`, `/\\elsewhere`,
    a scheme, or a line break.
    """
    return text if _OWN_PATH.fullmatch(text) and "//" not in text else HOME
