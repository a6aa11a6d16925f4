"""Error pages of the console."""

from __future__ import annotations

from urllib.parse import quote

import falcon

from orderguard.actions.sign_in import LinkSpent
from orderguard.admin.console.rendering import Shell, render
from orderguard.admin.console.security import HOME, SECURITY_HEADERS
from orderguard.domain.errors import (
    InvalidDocument,
    NotFound,
    OrderguardError,
    StorageUnavailable,
)
from orderguard.observability import without_keys

SIGN_IN_PATH = f"{HOME}/sign-in"


class SignInNeeded(OrderguardError):
    """The request has no session; after signing in the visitor continues at `next_path`."""

    def __init__(self, next_path: str) -> None:
        super().__init__("Sign in first.")
        self.next_path = next_path


class RoleNotEnough(OrderguardError):
    """The account's role for the merchant is not enough."""


class FormRefused(OrderguardError):
    """The form did not come from a page of the console."""

    def __init__(self) -> None:
        super().__init__(
            "This form did not come from a page of this console, or it is from before you signed "
            "in. Nothing was changed. Go back, reload the page, and try again."
        )


def answer_console_error(error: Exception, request_id: str) -> tuple[int, dict[str, str], bytes]:
    """Status, headers and page for any error that a request raises."""
    if isinstance(error, SignInNeeded):
        where = f"{SIGN_IN_PATH}?next={quote(error.next_path)}" if error.next_path else SIGN_IN_PATH
        return 303, SECURITY_HEADERS | {"location": where}, b""
    status, title, message = _described(error)
    page = render(
        "error.html.j2",
        Shell(form_token=""),
        title=title,
        message=without_keys(message),
        request_id=request_id if status >= 500 else "",
    )
    return status, SECURITY_HEADERS | {"content-type": "text/html; charset=utf-8"}, page


def _described(error: Exception) -> tuple[int, str, str]:
    match error:
        case FormRefused():
            return 403, "Not accepted", str(error)
        case RoleNotEnough():
            return 403, "Not allowed", str(error)
        case LinkSpent():
            return 404, "This link has done its work", str(error)
        case NotFound():
            return 404, "Not found", "There is nothing here, or it is not yours to see."
        case StorageUnavailable():
            return 503, "Unavailable", "The database cannot be reached just now. Try again soon."
        case InvalidDocument() | OrderguardError():
            return 400, "That cannot be done", str(error)
        case falcon.HTTPMethodNotAllowed():
            return 405, "Not like this", "This page cannot be used that way."
        case falcon.HTTPError() if error.status_code == 404:
            return 404, "Not found", "There is nothing here, or it is not yours to see."
        case falcon.HTTPError():
            return 400, "That cannot be read", "The request cannot be read."
    return 500, "Something failed", "Something failed on our side. It has been written down."
