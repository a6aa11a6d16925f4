"""Check the target of a webhook: the public internet only, unless the operator allows otherwise.

The merchant chooses an endpoint's URL, and the request comes from inside our network. So the URL
must be plain, and every address of its host must be globally reachable. The networks are listed
here instead of asked of `ipaddress`, whose answers changed between releases.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address
from urllib.parse import urlsplit

from orderguard.domain.errors import Malformed

IpAddress = IPv4Address | IPv6Address

LONGEST_URL = 2048


class TargetRefused(Malformed):
    """The target is not allowed; the message says why."""


@dataclass(frozen=True, slots=True)
class WebhookTarget:
    """A well-formed target URL; the addresses of its host are still to be checked."""

    url: str
    host: str
    port: int


# IANA's registries of special-purpose addresses, with the multicast and reserved networks.
_NOT_PUBLIC_V4 = tuple(
    IPv4Network(network)
    for network in (
        "0.0.0.0/8",
        "10.0.0.0/8",
        "100.64.0.0/10",
        "127.0.0.0/8",
        "169.254.0.0/16",
        "172.16.0.0/12",
        "192.0.0.0/24",
        "192.0.2.0/24",
        "192.88.99.0/24",
        "192.168.0.0/16",
        "198.18.0.0/15",
        "198.51.100.0/24",
        "203.0.113.0/24",
        "224.0.0.0/4",
        "240.0.0.0/4",
    )
)
_GLOBAL_V6 = IPv6Network("2000::/3")
_NOT_PUBLIC_V6 = tuple(
    IPv6Network(network)
    for network in (
        "2001::/23",  # with Teredo, which hides an IPv4 address
        "2001:db8::/32",
        "2002::/16",  # 6to4, the same
        "3fff::/20",
    )
)
_NAT64 = IPv6Network("64:ff9b::/96")

_PRINTABLE = re.compile(r"[!#-;=?-\[\]_a-z~]+")
_LABEL = re.compile(r"[a-z0-9_]([a-z0-9_-]{0,61}[a-z0-9_])?")
# Resolvers read 2130706433, 0x7f.1 and 127.1 as addresses; a name's last label is never like that.
_NUMERIC_LABEL = re.compile(r"[0-9]+|0x[0-9a-f]*")


def is_public(address: IpAddress) -> bool:
    """Whether the address is globally reachable, and does not embed an address that is not.

    IPv4-mapped and NAT64 addresses are judged by the IPv4 address they embed.
    """
    if isinstance(address, IPv4Address):
        return not any(address in network for network in _NOT_PUBLIC_V4)
    if address.ipv4_mapped is not None:
        return is_public(address.ipv4_mapped)
    if address in _NAT64:
        return is_public(IPv4Address(int(address) & 0xFFFF_FFFF))
    return address in _GLOBAL_V6 and not any(address in network for network in _NOT_PUBLIC_V6)


def parse_target(text: str, *, allows_private: bool) -> WebhookTarget:
    """Parse the URL of a webhook target. Raises `TargetRefused`.

    The addresses of the host are for `check_addresses` to check, except that of a host which is an
    address itself. With `allows_private`, http is allowed as well.
    """
    if len(text) > LONGEST_URL or not _PRINTABLE.fullmatch(text):
        raise TargetRefused(
            f"The URL must be up to {LONGEST_URL} printable ASCII characters without spaces, "
            "quotes or backslashes. Write other names in their xn-- form."
        )
    try:
        parts = urlsplit(text)
        host, port = parts.hostname or "", parts.port
    except ValueError:
        raise TargetRefused("The URL cannot be read. Example: https://shop.example/hooks") from None
    _check_form(parts.scheme, parts.netloc, parts.fragment, allows_private=allows_private)
    _check_host(host, allows_private=allows_private)
    if port == 0:
        raise TargetRefused("Port 0 cannot be connected to.")
    return WebhookTarget(text, host, port or (443 if parts.scheme == "https" else 80))


def _check_form(scheme: str, netloc: str, fragment: str, *, allows_private: bool) -> None:
    if scheme != "https" and not (allows_private and scheme == "http"):
        raise TargetRefused("The URL must begin with https://.")
    if "@" in netloc:
        raise TargetRefused("The URL must not carry a user name or password.")
    if fragment:
        raise TargetRefused("The URL must not have a fragment (#…): it would not be sent.")


def _check_host(host: str, *, allows_private: bool) -> None:
    address = _literal(host)
    if address is not None:
        check_addresses(host, [address], allows_private=allows_private)
        return
    labels = host.split(".")
    if _NUMERIC_LABEL.fullmatch(labels[-1]):
        raise TargetRefused("An address must be written in full, as four decimal numbers.")
    if len(host) > 253 or not all(_LABEL.fullmatch(label) for label in labels):
        raise TargetRefused("The URL's host is not a host name. Example: https://shop.example/")


def _literal(host: str) -> IpAddress | None:
    if "%" in host:  # an interface of this machine
        return None
    try:
        return ip_address(host)
    except ValueError:
        return None


def check_addresses(host: str, addresses: Sequence[IpAddress], *, allows_private: bool) -> None:
    """Raises `TargetRefused` unless the host may be sent to at all of these addresses."""
    if not addresses:
        raise TargetRefused(f"{host} does not resolve to an address.")
    if allows_private:
        return
    if not all(is_public(address) for address in addresses):
        # The message leaves the address out: it would disclose our network to the outside.
        raise TargetRefused(
            f"{host} is not on the public internet: private, loopback, link-local, multicast and "
            "reserved addresses are refused."
        )
