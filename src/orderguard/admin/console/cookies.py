"""The console's cookies: session token, anonymous visitor, known browser, and a message."""

from __future__ import annotations

from base64 import urlsafe_b64decode, urlsafe_b64encode
from datetime import UTC, datetime, timedelta

from falcon.asgi import Request, Response

from orderguard.admin.console.security import is_encrypted
from orderguard.domain.people.known_browser import MARK_LIFETIME, cookie_of, marks_in

SESSION = "orderguard_session"
VISITOR = "orderguard_visitor"
MESSAGE = "orderguard_message"
BROWSER = "orderguard_browser"
"""The marks of a browser that has signed in before: `domain/people/known_browser.py`."""

LONG_AGO = datetime(1970, 1, 1, tzinfo=UTC)

MESSAGE_LIMIT = 500
"""The longest message, in characters."""


def read_cookie(request: Request, name: str) -> str | None:
    """The text of one of our cookies; None when the browser did not send it.

    Falcon's own reader undoes backslashes in quoted values with Python's `http.cookies`, which up
    to 3.11.9 takes time by the square of them (CVE-2024-7592): 64 kB of a stranger's cookie held
    the event loop for eleven seconds. We write no cookie that needs quotes.
    """
    wanted = _full_name(request, name)
    for pair in (request.get_header("Cookie") or "").split(";"):
        found, _, text = pair.partition("=")
        if found.strip() == wanted:
            return text.strip()
    return None


def write_cookie(
    request: Request, response: Response, name: str, text: str, *, lasts: timedelta | None = None
) -> None:
    """Set a cookie for this host only, which scripts cannot read.

    It lives for `lasts`, or until the browser is closed.
    """
    response.set_cookie(
        _full_name(request, name),
        text,
        max_age=int(lasts.total_seconds()) if lasts else None,
        path="/",
        secure=is_encrypted(request),
        http_only=True,
        same_site="Lax",
    )


def drop_cookie(request: Request, response: Response, name: str) -> None:
    """Delete the cookie in the browser."""
    response.set_cookie(
        _full_name(request, name),
        "",
        expires=LONG_AGO,
        path="/",
        secure=is_encrypted(request),
        http_only=True,
        same_site="Lax",
    )


def read_marks(request: Request) -> list[str]:
    """The known-browser marks in the cookie, which prove earlier sign-ins (`known_browser`)."""
    return marks_in(read_cookie(request, BROWSER) or "")


def write_mark(request: Request, response: Response, mark: str) -> None:
    """Set the known-browser mark, which is kept after signing out (`known_browser`)."""
    text = cookie_of(mark, read_marks(request))
    write_cookie(request, response, BROWSER, text, lasts=MARK_LIFETIME)


def write_message(request: Request, response: Response, message: str) -> None:
    """Set the message that the next page shows."""
    text = urlsafe_b64encode(message[:MESSAGE_LIMIT].encode()).decode().rstrip("=")
    write_cookie(request, response, MESSAGE, text)


def take_message(request: Request, response: Response) -> str:
    """The message for this page; its cookie is deleted, so that it is shown once."""
    text = read_cookie(request, MESSAGE)
    if text is None:
        return ""
    drop_cookie(request, response, MESSAGE)
    try:
        return urlsafe_b64decode(text + "=" * (-len(text) % 4)).decode()[:MESSAGE_LIMIT]
    except ValueError:
        return ""


def _full_name(request: Request, name: str) -> str:
    # Browsers take a cookie of this name only from us, over https, for this host alone.
    return f"__Host-{name}" if is_encrypted(request) else name
