"""Whose requests are counted together (docs/operating.md, trusted proxies)."""

from __future__ import annotations

from typing import Any

import pytest

from orderguard.http.client_address import client_of, clients_of
from orderguard.settings import Settings

PROXIES = Settings(trusted_proxies="127.0.0.1, 10.0.0.0/8").trusted_networks


def _scope(peer: str | None, *forwarded_for: str) -> dict[str, Any]:
    return {
        "client": (peer, 4711) if peer else None,
        "headers": [(b"x-forwarded-for", line.encode()) for line in forwarded_for],
    }


@pytest.mark.parametrize(
    ("peer", "forwarded_for", "client"),
    [
        ("198.51.100.7", (), "198.51.100.7"),
        ("198.51.100.7", ("203.0.113.9",), "198.51.100.7"),
        ("127.0.0.1", (), "127.0.0.1"),
        ("127.0.0.1", ("198.51.100.7",), "198.51.100.7"),
        ("127.0.0.1", ("203.0.113.9, 198.51.100.7",), "198.51.100.7"),
        ("127.0.0.1", ("203.0.113.9", "198.51.100.7, 10.1.2.3"), "198.51.100.7"),
        ("127.0.0.1", ("not an address",), "unknown"),
        ("127.0.0.1", ("",), "unknown"),
        (None, ("198.51.100.7",), "198.51.100.7"),
        (None, (), "unknown"),
        ("2001:db8:1:2:3:4:5:6", (), "2001:db8:1:2::/64"),
        ("::ffff:198.51.100.7", (), "198.51.100.7"),
        ("127.0.0.1", ("198.51.100.7:1234",), "198.51.100.7"),
        ("127.0.0.1", ("[2001:db8:1:2::3]:1234",), "2001:db8:1:2::/64"),
        ("127.0.0.1", ("[2001:db8:1:2::3]",), "2001:db8:1:2::/64"),
        ("127.0.0.1", ('"[2001:db8:1:2::3]:1234"',), "2001:db8:1:2::/64"),
        ("127.0.0.1", ("2001:db8:1:2::3",), "2001:db8:1:2::/64"),
        ("127.0.0.1", ("203.0.113.9:1, 198.51.100.7:2, 10.1.2.3:3",), "198.51.100.7"),
        ("127.0.0.1", ("198.51.100.7:",), "198.51.100.7"),
        ("127.0.0.1", (":1234",), "unknown"),
        ("127.0.0.1", ("[", ""), "unknown"),
        ("fe80::1%eth0", (), "fe80::/64"),
        ("::ffff:10.0.0.1", ("198.51.100.7",), "198.51.100.7"),
    ],
)
def test_the_client_is_the_last_one_that_a_trusted_proxy_names(
    peer: str | None, forwarded_for: tuple[str, ...], client: str
) -> None:
    assert client == client_of(_scope(peer, *forwarded_for), PROXIES)


def test_without_trusted_proxies_only_the_peer_counts() -> None:
    assert "127.0.0.1" == client_of(_scope("127.0.0.1", "198.51.100.7"), ())


def test_an_ipv6_address_counts_for_its_home_and_for_the_networks_around_it() -> None:
    assert (
        ("2001:db8:1:2ff::/64", 1),
        ("2001:db8:1:200::/56", 4),
        ("2001:db8:1::/48", 16),
    ) == clients_of(_scope("2001:db8:1:2ff::6"), ())


@pytest.mark.parametrize("peer", ["198.51.100.7", "::ffff:198.51.100.7"])
def test_an_ipv4_address_counts_for_itself(peer: str) -> None:
    assert (("198.51.100.7", 1),) == clients_of(_scope(peer), ())
