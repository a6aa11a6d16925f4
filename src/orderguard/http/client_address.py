"""Who is at the other end, as far as it can be believed."""

from __future__ import annotations

from collections.abc import Iterable, MutableMapping
from ipaddress import IPv4Network, IPv6Address, IPv6Network, ip_address, ip_network
from typing import Any

Network = IPv4Network | IPv6Network

_HOME_OF_IPV6 = 64
"""Whoever has one IPv6 address usually has all of its /64."""


def client_of(scope: MutableMapping[str, Any], trusted: Iterable[Network]) -> str:
    """The address that requests are counted by.

    `X-Forwarded-For` is believed only from the right, and only as far as those who wrote it are
    trusted proxies: everything further left is whatever the client chose to send.
    """
    peer = scope.get("client")
    address = str(peer[0]) if peer else ""
    trusted = tuple(trusted)
    for forwarded in reversed(_forwarded_for(scope) if trusted else ()):
        if not _is_in(address, trusted):
            break
        address = forwarded
    return _counted(address)


def _forwarded_for(scope: MutableMapping[str, Any]) -> list[str]:
    lines = [value for name, value in scope["headers"] if name == b"x-forwarded-for"]
    return [part.strip() for line in lines for part in line.decode("latin-1").split(",")]


def _is_in(address: str, networks: Iterable[Network]) -> bool:
    try:
        parsed = ip_address(address)
    except ValueError:
        return not address  # a Unix socket has no address: whoever may open it is trusted
    return any(parsed in network for network in networks)


def _counted(address: str) -> str:
    try:
        parsed = ip_address(address)
    except ValueError:
        return "unknown"
    if not isinstance(parsed, IPv6Address):
        return str(parsed)
    if parsed.ipv4_mapped:
        return str(parsed.ipv4_mapped)
    return str(ip_network((parsed, _HOME_OF_IPV6), strict=False))
