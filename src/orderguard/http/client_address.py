"""The client's address, from the connection and from `X-Forwarded-For` of trusted proxies."""

from __future__ import annotations

from collections.abc import Iterable, MutableMapping
from functools import lru_cache
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address, ip_network
from typing import Any

Network = IPv4Network | IPv6Network

_HOME_OF_IPV6 = 64
"""The prefix length of a home: a client with one IPv6 address usually has the whole /64."""

_WIDER_NETWORKS = ((56, 4), (48, 16))
"""Networks that providers give to one customer, and how many times the limit of a /64 each has."""


def client_of(scope: MutableMapping[str, Any], trusted: Iterable[Network]) -> str:
    """The address by which rate limits count a request: IPv4, or the /64 of an IPv6 address.

    `X-Forwarded-For` is read from the right, and only as long as the hop that added an entry is a
    trusted proxy: the client can forge every entry further left.
    """
    return counted_address(_address_of(scope, trusted))


def clients_of(
    scope: MutableMapping[str, Any], trusted: Iterable[Network]
) -> tuple[tuple[str, int], ...]:
    """The networks that rate limits count a request for, each with its multiple of the limit.

    For IPv6 these are the /64, the /56 and the /48: one customer of a provider may have a /48, and
    with it 65,536 networks of the size that a single home has.
    """
    return _networks(_address_of(scope, trusted))


def _address_of(scope: MutableMapping[str, Any], trusted: Iterable[Network]) -> str:
    peer = scope.get("client")
    address = str(peer[0]) if peer else ""
    trusted = tuple(trusted)
    for forwarded in reversed(_forwarded_for(scope) if trusted else ()):
        if not is_in(address, trusted):
            break
        address = _without_port(forwarded)
    return address


def _forwarded_for(scope: MutableMapping[str, Any]) -> list[str]:
    lines = [value for name, value in scope["headers"] if name == b"x-forwarded-for"]
    return [part.strip() for line in lines for part in line.decode("latin-1").split(",")]


def _without_port(text: str) -> str:
    """The address of `9.9.9.9:1234`, `[2001:db8::1]:1234` and `[2001:db8::1]`."""
    text = text.strip('"')
    if text.startswith("["):
        return text[1:].partition("]")[0]
    host, colon, _ = text.partition(":")
    return host if colon and "." in host else text


def is_in(address: str, networks: Iterable[Network]) -> bool:
    """Whether the address is in one of the networks. A Unix socket, which has no address, is."""
    parsed = _parsed(address)
    if parsed is None:
        return not address  # file permissions protect a Unix socket
    return any(parsed in network for network in networks)


def counted_address(address: str) -> str:
    """The text to count an address by: IPv4, the /64 of IPv6, or `unknown` for any other."""
    return _networks(address)[0][0]


@lru_cache(maxsize=4_096)
def _networks(address: str) -> tuple[tuple[str, int], ...]:
    parsed = _parsed(address)
    if parsed is None:
        return (("unknown", 1),)
    if isinstance(parsed, IPv4Address):
        return ((str(parsed), 1),)
    number = int(parsed)  # without the name of an interface, which a link-local address may have
    sizes = ((_HOME_OF_IPV6, 1), *_WIDER_NETWORKS)
    return tuple((str(ip_network((number, size), strict=False)), times) for size, times in sizes)


@lru_cache(maxsize=4_096)
def _parsed(address: str) -> IPv4Address | IPv6Address | None:
    try:
        parsed = ip_address(address)
    except ValueError:
        return None
    if isinstance(parsed, IPv6Address) and parsed.ipv4_mapped:
        return parsed.ipv4_mapped
    return parsed
