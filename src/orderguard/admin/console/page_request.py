"""The request to a merchant's page (`PageRequest`), and the replies that pages give."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from urllib.parse import parse_qsl

from orderguard.domain.errors import Malformed
from orderguard.domain.people.account import Account, AccountSession, Role
from orderguard.domain.people.audit import Actor, Change
from orderguard.domain.people.merchant import Merchant

FIELDS_AT_MOST = 5_000


class Fields:
    """The fields of a form or a query string: names, each with one or several texts."""

    def __init__(self, pairs: Sequence[tuple[str, str]] = ()) -> None:
        self._pairs = tuple(pairs)
        self._texts: dict[str, list[str]] = {}
        for name, text in self._pairs:
            self._texts.setdefault(name, []).append(text)

    def text(self, name: str, default: str = "") -> str:
        """The last text of this name, without surrounding space. Raises `Malformed`."""
        return _written(name, self.raw(name, default)).strip()

    def raw(self, name: str, default: str = "") -> str:
        """The last text of this name, unchanged, for passwords and texts of files.

        The caller validates its characters.
        """
        texts = self._texts.get(name)
        return texts[-1] if texts else default

    def all(self, name: str) -> list[str]:
        """Every text of this name that is not empty. Raises `Malformed`."""
        written = (_written(name, text).strip() for text in self._texts.get(name, ()))
        return [text for text in written if text]

    def whole(self, name: str) -> int | None:
        """A whole number; None when nothing was entered. Raises `Malformed`."""
        text = self.text(name)
        if not text:
            return None
        if not (text.isascii() and text.isdigit() and len(text) <= 15):
            raise Malformed(f"{name} must be a whole number.")
        return int(text)

    def pairs(self) -> tuple[tuple[str, str], ...]:
        return self._pairs

    def __contains__(self, name: str) -> bool:
        return name in self._texts


def _written(name: str, text: str) -> str:
    # PostgreSQL can neither store a NUL nor search for it.
    if "\x00" in text:
        raise Malformed(f"{name} has a character that no text has; remove it.")
    return text


def parse_fields(text: str) -> Fields:
    """The fields of a query or of a form's body. Raises `Malformed` for too many."""
    try:
        return Fields(parse_qsl(text, keep_blank_values=True, max_num_fields=FIELDS_AT_MOST))
    except ValueError as error:
        raise Malformed(f"A form has at most {FIELDS_AT_MOST} fields.") from error


@dataclass(frozen=True, slots=True, kw_only=True)
class PageRequest:
    """An authorized request to a page of a merchant.

    `at` is the merchant's time. `real_at` differs from it for a sandbox merchant: keys, people,
    deliveries of webhooks and processes go by the real time.
    """

    merchant: Merchant
    account: Account
    session: AccountSession
    role: Role
    at: datetime
    real_at: datetime
    path: str
    origin: str
    """The origin of this server, as the visitor's browser sees it: `https://orderguard.example`."""
    values: Mapping[str, str] = field(default_factory=dict)
    query: Fields = field(default_factory=Fields)
    form: Fields = field(default_factory=Fields)
    is_fragment: bool = False
    """Whether htmx sent the request, for only the part of the page that changes."""

    @property
    def change(self) -> Change:
        """The author (as in the audit trail) and the merchant's time of a change."""
        return Change(Actor(self.account.email), self.at)

    @property
    def real_change(self) -> Change:
        """Like `change`, with the real time."""
        return Change(Actor(self.account.email), self.real_at)

    def to(self, path: str) -> str:
        """The URL of another page of this merchant."""
        return f"/console/m/{self.merchant.id}{path}"

    def may(self, needed: str) -> bool:
        """Whether the visitor's role includes the role `needed`."""
        return self.role.includes(Role(needed))


@dataclass(frozen=True, slots=True)
class Rendered:
    """A reply that renders a template: a page, or a fragment of one for htmx."""

    template: str
    context: Mapping[str, Any] = field(default_factory=dict)
    status: int = 200


@dataclass(frozen=True, slots=True)
class SeeOther:
    """A reply that redirects to another page of the console, which shows the message."""

    location: str
    message: str = ""
    documentation_key: str = ""
    """The text of a sandbox key for the examples of `/docs`, kept in a cookie of this browser."""


@dataclass(frozen=True, slots=True)
class Download:
    """A reply with a file to download."""

    content: bytes
    media_type: str
    file_name: str


Reply = Rendered | SeeOther | Download
