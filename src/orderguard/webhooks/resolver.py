"""The addresses of a host, from the system's resolver."""

from __future__ import annotations

import socket
from collections.abc import Sequence
from ipaddress import ip_address

from orderguard.domain.webhooks.webhook_target import IpAddress


def resolve(host: str, port: int) -> Sequence[IpAddress]:
    """All addresses of a host, best first, each once; empty when there are none. Blocks."""
    try:
        found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    except (OSError, UnicodeError):
        return []
    return list(dict.fromkeys(ip_address(str(sockaddr[0])) for *_, sockaddr in found))
