"""What keeps other sites, and other people's words, from acting in a visitor's name."""

from __future__ import annotations

import re
from hashlib import sha256
from hmac import compare_digest
from urllib.parse import urlsplit

from falcon.asgi import Request

from orderguard.http.request_head import first_scheme

SECURITY_HEADERS = {
    # No inline script and no inline style: whatever gets into a page stays text.
    "content-security-policy": (
        "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; "
        "connect-src 'self'; form-action 'self'; frame-ancestors 'none'; base-uri 'none'"
    ),
    "x-content-type-options": "nosniff",
    "x-frame-options": "DENY",
    # Not "no-referrer": browsers would then send forms from a nameless origin.
    "referrer-policy": "same-origin",
    "cross-origin-opener-policy": "same-origin",
    "cache-control": "no-store",
}

HOME = "/console"

_OWN_PATH = re.compile(r"/console(/[A-Za-z0-9/_.~%-]*)?(\?[A-Za-z0-9/_.~%&=+,:-]*)?")


def form_token(cookie: str) -> str:
    """What the forms of a visitor carry: it follows from a cookie that other sites cannot read."""
    return sha256(b"form token of " + cookie.encode()).hexdigest()


def is_form_token(sent: str, cookie: str) -> bool:
    """Whether the form came from a page of ours."""
    return compare_digest(sent.encode(), form_token(cookie).encode())


def is_from_here(request: Request) -> bool:
    """Whether the browser says that one of our pages sent this, or says nothing.

    Hosts are compared, not schemes: a proxy may have taken the encryption off.
    """
    if request.get_header("Sec-Fetch-Site") not in (None, "same-origin", "none"):
        return False
    origin: str | None = request.get_header("Origin")
    return origin is None or urlsplit(origin).netloc == request.get_header("Host")


def is_encrypted(request: Request) -> bool:
    """Whether the visitor came over https.

    A proxy that took the encryption off says so. Whoever lies about that is only denied the cookies
    of a plain connection.
    """
    forwarded = first_scheme(request.get_header("X-Forwarded-Proto") or "")
    return bool(request.scheme == "https" or forwarded == "https")


def own_path(text: str) -> str:
    """A path of the console as it was asked for, or where the console begins.

    Nothing that a browser could take for another site gets through: `//elsewhere`, `/\\elsewhere`,
    a scheme, or a line break.
    """
    return text if _OWN_PATH.fullmatch(text) and "//" not in text else HOME
