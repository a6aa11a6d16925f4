"""Check a request's head before any code reads it: one host, one spelling of the path.

A proxy and this server must not understand the same request differently. Only the routes of
integrations accept repeated slashes, because configured server addresses often end with one.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from functools import lru_cache

from orderguard.domain.errors import Malformed

_HOST = re.compile(rb"[A-Za-z0-9._~-]*(:[0-9]{1,5})?|\[[0-9A-Fa-f:.]+\](:[0-9]{1,5})?")

_INTEGRATIONS = re.compile(rb"/+((storefront/+)?v1|api)(/|$)")
"""The routes of shops and connectors, with the slashes of an address that ends in one."""

_FREE_TEXT_BELOW = re.compile(rb"/+api/+[^/%]+/+orders/+external/")
"""Below it stands a platform's own id of an order, which may contain anything."""

_SLASHES = re.compile(rb"//+")

_OTHER_SPELLING = re.compile(
    rb"//|/\.{1,2}(/|$)"
    rb"|%(2[DEFdef]|3[0-9]|4[1-9A-Fa-f]|5[0-9AaCcFf]|6[1-9A-Fa-f]|7[0-9Aa])"
)
"""Empty segments, `.` and `..`, and what needs no escaping: letters, digits, `-`, `.`, `_`; also
`/` and `\\`, which an escape must not hide."""


class AmbiguousHead(Malformed):
    """The request's head is ambiguous: a proxy and this server could read it differently."""


class OtherSpelling(AmbiguousHead):
    """The path is a non-canonical spelling of an existing path."""


class UnsupportedEncoding(Malformed):
    """The body is compressed."""


_LOOKED_AT = frozenset(
    (
        b"content-encoding",
        b"host",
        b"origin",
        b"transfer-encoding",
        b"x-forwarded-proto",
        b"x-request-id",
    )
)


class Head:
    """The request headers that the edge reads, collected in one pass."""

    __slots__ = (
        "content_encoding",
        "forwarded_proto",
        "hosts",
        "origin",
        "request_id",
        "transfer_encoding",
    )

    def __init__(self, headers: Iterable[tuple[bytes, bytes]]) -> None:
        self.hosts: list[bytes] = []
        self.origin: bytes | None = None
        self.request_id: bytes | None = None
        self.content_encoding: bytes | None = None
        self.transfer_encoding: bytes | None = None
        self.forwarded_proto = ""
        for name, value in headers:
            if name not in _LOOKED_AT:
                continue
            if name == b"host":
                self.hosts.append(value)
            elif name == b"origin":
                self.origin = value
            elif name == b"x-request-id":
                self.request_id = value
            elif name == b"content-encoding":
                self.content_encoding = value
            elif name == b"transfer-encoding":
                self.transfer_encoding = value
            elif name == b"x-forwarded-proto":
                self.forwarded_proto = self.forwarded_proto or value.decode("latin-1")


def first_scheme(forwarded_proto: str) -> str:
    """The scheme that the visitor's browser used, from `X-Forwarded-Proto`, in lower case.

    Several proxies in a row write `https, http`: the first counts. Empty without the header.
    """
    return forwarded_proto.partition(",")[0].strip().lower()


def check_head(http_version: str, path: bytes | None, head: Head, authority: bytes | None) -> None:
    """Check that the head has one meaning and the body is not compressed.

    `path` is the canonical one, None when there is none. `authority` is the host of the request
    line, None when it names none. Raises `AmbiguousHead` and `UnsupportedEncoding`.
    """
    hosts = head.hosts
    if http_version not in ("1.1", "1.0"):
        raise AmbiguousHead(f"This server speaks HTTP/1.1, the request is HTTP/{http_version}.")
    if len(hosts) > 1 or (not hosts and http_version == "1.1"):
        found = len(hosts) or "none"
        raise AmbiguousHead(f"A request must have one Host header, found {found}.")
    if hosts and not _is_host(hosts[0]):
        raise AmbiguousHead("The Host header must be a host name, with a port or without.")
    if authority is not None and not (hosts and authority.lower() == hosts[0].lower()):
        raise AmbiguousHead("The request line names another host than the Host header.")
    if path is None:
        raise OtherSpelling(
            "There is nothing at this path: it must be without empty segments, without '.' and "
            "'..', and without escapes of letters, digits and slashes."
        )
    if head.transfer_encoding is not None and head.transfer_encoding.lower() != b"chunked":
        raise AmbiguousHead("The only Transfer-Encoding that is read is chunked.")
    if head.content_encoding is not None and not _is_plain(head.content_encoding):
        raise UnsupportedEncoding("Send the body as it is: compressed bodies are not read.")


def _is_plain(content_encoding: bytes) -> bool:
    return content_encoding.strip().lower() in (b"identity", b"")


@lru_cache(maxsize=256)
def _is_host(host: bytes) -> bool:
    return len(host) <= 255 and _HOST.fullmatch(host) is not None


@lru_cache(maxsize=1_024)
def canonical_path(raw_path: bytes) -> bytes | None:
    """The canonical spelling of the path, as routes see it; None if the path has another spelling.

    On the routes of integrations repeated slashes count as one. A platform's id is left unchanged.
    """
    free = _FREE_TEXT_BELOW.match(raw_path)
    end = free.end() if free else len(raw_path)
    path = raw_path[:end]
    if _INTEGRATIONS.match(path):
        path = _SLASHES.sub(b"/", path)
    if not path.startswith(b"/") or _OTHER_SPELLING.search(path):
        return None
    return path + raw_path[end:]
