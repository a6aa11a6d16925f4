"""Where a webhook may go."""

from __future__ import annotations

from ipaddress import IPv4Address, IPv6Address, ip_address

import pytest
from hypothesis import given
from hypothesis import strategies as st

from orderguard.domain.webhooks.webhook_target import (
    LONGEST_URL,
    TargetRefused,
    check_addresses,
    is_public,
    parse_target,
)

PUBLIC = ["1.1.1.1", "8.8.8.8", "9.255.255.255", "11.0.0.0", "100.63.255.255", "100.128.0.0",
          "172.15.255.255", "172.32.0.0", "223.255.255.255", "2606:4700::1111", "2a00:1450::1",
          "::ffff:8.8.8.8", "64:ff9b::808:808"]  # fmt: skip
NOT_PUBLIC = ["0.0.0.0", "0.1.2.3", "10.0.0.1", "100.64.0.1", "127.0.0.1", "127.255.255.254",
              "169.254.169.254", "172.16.0.1", "172.31.255.255", "192.0.0.8", "192.0.2.1",
              "192.88.99.1", "192.168.1.1", "198.18.0.1", "198.51.100.7", "203.0.113.9",
              "224.0.0.1", "239.255.255.255", "240.0.0.1", "255.255.255.255",
              "::", "::1", "::7f00:1", "::ffff:127.0.0.1", "::ffff:10.0.0.1", "::ffff:a9fe:a9fe",
              "64:ff9b::7f00:1", "64:ff9b:1::1", "100::1", "2001::1", "2001:db8::1",
              "2002:7f00:1::", "3fff::1", "fc00::1", "fd12:3456::1", "fe80::1", "fec0::1",
              "ff02::1"]  # fmt: skip


@pytest.mark.parametrize("text", PUBLIC)
def test_an_address_of_the_public_internet_is_public(text: str) -> None:
    assert is_public(ip_address(text))


@pytest.mark.parametrize("text", NOT_PUBLIC)
def test_any_other_address_is_not(text: str) -> None:
    assert not is_public(ip_address(text))


@given(st.ip_addresses())
def test_what_python_knows_to_be_special_is_never_public(
    address: IPv4Address | IPv6Address,
) -> None:
    special = (
        address.is_private
        or address.is_loopback
        or address.is_link_local
        or address.is_multicast
        or address.is_reserved
        or address.is_unspecified
    )

    # Mapped addresses and NAT64 are judged by the IPv4 address in them.
    wraps = isinstance(address, IPv6Address) and int(address) >> 32 in (0xFFFF, 0x64FF9B << 64)
    assert not (special and is_public(address)) or wraps


@pytest.mark.parametrize(
    ("url", "host", "port"),
    [
        ("https://shop.example", "shop.example", 443),
        ("https://shop.example/hooks?token=a%20b", "shop.example", 443),
        ("https://Shop.Example:8443/", "shop.example", 8443),
        ("https://xn--bcher-kva.example/", "xn--bcher-kva.example", 443),
        ("https://a_b.shop.example/", "a_b.shop.example", 443),
        ("https://8.8.8.8/", "8.8.8.8", 443),
        ("https://[2606:4700::1111]:8443/", "2606:4700::1111", 8443),
        ("HTTPS://shop.example/", "shop.example", 443),
    ],
)
def test_a_plain_https_url_is_a_target(url: str, host: str, port: int) -> None:
    target = parse_target(url, allows_private=False)

    assert (url, host, port) == (target.url, target.host, target.port)


REFUSED = [
    ("http://shop.example/", "must begin with https"),
    ("ftp://shop.example/", "must begin with https"),
    ("//shop.example/", "must begin with https"),
    ("shop.example/hooks", "must begin with https"),
    ("", "printable ASCII"),
    ("https://", "not a host name"),
    ("https:///hooks", "not a host name"),
    ("https://user@shop.example/", "user name or password"),
    ("https://user:pw@shop.example/", "user name or password"),
    ("https://@shop.example/", "user name or password"),
    ("https://shop.example@10.0.0.1/", "user name or password"),
    ("https://shop.example/#part", "fragment"),
    ("https://shop.example:0/", "Port 0"),
    ("https://shop.example:65536/", "cannot be read"),
    ("https://shop.example:https/", "cannot be read"),
    ("https://[::1/", "cannot be read"),
    ("https://shop.example\\@10.0.0.1/", "printable ASCII"),
    ("https://shop .example/", "printable ASCII"),
    ("https://shop.example/\n", "printable ASCII"),
    ("https://shop.example/\t", "printable ASCII"),
    ("https://b\u00fccher.example/", "printable ASCII"),
    ("https://\u212aiosk.example/", "printable ASCII"),
    ("https://127\u30020\u30020\u30021/", "printable ASCII"),
    ("https://shop.example/" + "a" * LONGEST_URL, "printable ASCII"),
    ("https://shop..example/", "not a host name"),
    ("https://shop.example./", "not a host name"),
    ("https://-shop.example/", "not a host name"),
    ("https://" + "a" * 64 + ".example/", "not a host name"),
    ("https://" + "a." * 130 + "example/", "not a host name"),
    ("https://sh%6fp.example/", "not a host name"),
    ("https://127.1/", "four decimal numbers"),
    ("https://2130706433/", "four decimal numbers"),
    ("https://0x7f000001/", "four decimal numbers"),
    ("https://0x7F.0.0.0x1/", "four decimal numbers"),
    ("https://0177.0.0.1/", "four decimal numbers"),
    ("https://017700000001/", "four decimal numbers"),
    ("https://127.0.0.01/", "four decimal numbers"),
    ("https://256.0.0.1/", "four decimal numbers"),
    ("https://shop.example.0x/", "four decimal numbers"),
    ("https://127.0.0.1/", "not on the public internet"),
    ("https://169.254.169.254/latest/meta-data", "not on the public internet"),
    ("https://10.1.2.3:8443/", "not on the public internet"),
    ("https://224.0.0.1/", "not on the public internet"),
    ("https://[::1]/", "not on the public internet"),
    ("https://[::ffff:127.0.0.1]/", "not on the public internet"),
    ("https://[fe80::1]/", "not on the public internet"),
    ("https://[fe80::1%25eth0]/", "not a host name"),
    ("https://[2002:7f00:1::]/", "not on the public internet"),
]


@pytest.mark.parametrize(("url", "why"), REFUSED, ids=[repr(url)[:40] for url, _ in REFUSED])
def test_anything_that_is_not_plain_or_not_public_is_refused(url: str, why: str) -> None:
    with pytest.raises(TargetRefused, match=why):
        parse_target(url, allows_private=False)


@pytest.mark.parametrize("url", ["http://127.0.0.1:8000/", "https://[::1]/", "http://localhost/"])
def test_private_targets_and_http_are_fine_where_the_operator_says_so(url: str) -> None:
    target = parse_target(url, allows_private=True)

    assert url == target.url


def test_http_has_a_port_of_its_own() -> None:
    assert 80 == parse_target("http://localhost/", allows_private=True).port


@pytest.mark.parametrize("url", ["https://u@localhost/", "https://127.1/", "ftp://localhost/"])
def test_a_url_must_be_plain_even_where_private_targets_are_fine(url: str) -> None:
    with pytest.raises(TargetRefused):
        parse_target(url, allows_private=True)


def test_a_host_with_one_private_address_among_public_ones_is_refused() -> None:
    addresses = [ip_address("8.8.8.8"), ip_address("10.0.0.1")]

    with pytest.raises(TargetRefused) as refusal:
        check_addresses("shop.example", addresses, allows_private=False)

    assert "10.0.0.1" not in str(refusal.value)


def test_a_host_without_an_address_is_refused_in_any_case() -> None:
    with pytest.raises(TargetRefused, match=r"shop\.example does not resolve"):
        check_addresses("shop.example", [], allows_private=True)
