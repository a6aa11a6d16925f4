"""The target is checked at every attempt, and the connection goes where the check was."""

from __future__ import annotations

import io
import ssl
import subprocess
from collections.abc import Sequence
from ipaddress import ip_address
from pathlib import Path

import httpx
import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import update

from orderguard.actions.register_webhook_endpoint import (
    ENDPOINTS_AT_MOST,
    TooManyEndpoints,
    check_encoded_name,
    remove_webhook_endpoint,
)
from orderguard.domain.ids import MerchantId
from orderguard.domain.people.audit import Change
from orderguard.domain.webhooks.webhook import WebhookEndpoint
from orderguard.domain.webhooks.webhook_target import IpAddress, TargetRefused, parse_target
from orderguard.running.wiring import now
from orderguard.storage.tables import webhook_endpoints
from orderguard.webhooks import resolver
from tests.support.programs import find_program
from tests.support.shop import A_TESTER
from tests.webhooks.house import House, Resolve
from tests.webhooks.receiver import Receiver


def at(*addresses: str) -> Resolve:
    """A resolver that knows these addresses for any name."""

    def resolve(_host: str, _port: int) -> Sequence[IpAddress]:
        return [ip_address(address) for address in addresses]

    return resolve


def first_error(house: House, endpoint: WebhookEndpoint) -> str | None:
    """What the log says of the first attempt."""
    (delivery, *_) = house.deliveries(endpoint)
    return delivery.attempts[0].error


def has_attempts(house: House, endpoint: WebhookEndpoint) -> bool:
    return any(each.attempts for each in house.deliveries(endpoint))


@pytest.mark.parametrize(
    "addresses",
    [["127.0.0.1"], ["8.8.8.8", "10.0.0.1"], ["::1"], ["::ffff:169.254.169.254"], ["224.0.0.1"]],
    ids=str,
)
def test_a_name_that_resolves_to_a_private_address_is_refused_at_registration(
    house: House, merchant: MerchantId, addresses: list[str]
) -> None:
    with pytest.raises(TargetRefused, match="not on the public internet"):
        house.an_endpoint(
            merchant, "https://shop.example/", allows_private=False, resolve=at(*addresses)
        )


def test_a_name_that_does_not_resolve_is_refused_at_registration(
    house: House, merchant: MerchantId
) -> None:
    with pytest.raises(TargetRefused, match="does not resolve"):
        house.an_endpoint(merchant, "https://shop.example/", allows_private=False, resolve=at())


def test_a_name_that_became_private_after_registration_is_not_sent_to(
    house: House, merchant: MerchantId, receiver: Receiver
) -> None:
    # Given a name that was public when it was registered
    endpoint = house.an_endpoint(
        merchant,
        f"https://shop.example:{receiver.port}/",
        allows_private=False,
        resolve=at("8.8.8.8"),
    )
    house.happen(merchant, 1, 1)

    # When it leads to this machine at the time of sending
    house.dispatch_until(
        lambda: has_attempts(house, endpoint), resolve=at("127.0.0.1"), allows_private=False
    )

    # Then nothing is sent
    assert [] == receiver.received
    assert "not on the public internet" in (first_error(house, endpoint) or "")


def test_an_endpoint_from_times_when_private_targets_were_fine_is_not_sent_to_any_more(
    house: House, merchant: MerchantId, receiver: Receiver
) -> None:
    endpoint = house.an_endpoint(merchant, receiver.url)
    house.happen(merchant, 1, 1)

    house.dispatch_until(lambda: has_attempts(house, endpoint), allows_private=False)

    assert [] == receiver.received
    assert "must begin with https" in (first_error(house, endpoint) or "")


def test_the_connection_goes_to_the_address_that_was_checked_and_speaks_of_the_name(
    house: House, merchant: MerchantId, receiver: Receiver
) -> None:
    # Given a name that no system resolver knows, and that would resolve differently next time
    answers = iter([["127.0.0.1"], ["192.0.2.1"]])
    asked = []

    def rebinding(host: str, port: int) -> Sequence[IpAddress]:
        asked.append((host, port))
        return at(*next(answers))(host, port)

    endpoint = house.an_endpoint(merchant, f"http://shop.invalid:{receiver.port}/hooks?a=b")
    house.happen(merchant, 1, 1)

    # When an event is sent
    house.dispatch_all(endpoint, resolve=rebinding)

    # Then the name was asked for once, and the request is as if by name
    assert [("shop.invalid", receiver.port)] == asked
    (request,) = receiver.received
    assert f"shop.invalid:{receiver.port}" == request.headers["host"]
    assert "/hooks?a=b" == request.path


NO_NAMES = ["xn--0.example", "xn--a", "xn--example.com", "a.xn--0.example", "shop.xn--a.b"]


@pytest.mark.parametrize("host", NO_NAMES)
def test_a_host_that_stands_for_no_name_is_refused_at_registration(
    house: House, merchant: MerchantId, host: str
) -> None:
    for allows_private in (True, False):
        with pytest.raises(TargetRefused, match="what follows xn-- must be a name in Punycode"):
            house.an_endpoint(
                merchant, f"https://{host}/", allows_private=allows_private, resolve=at("8.8.8.8")
            )


def test_a_host_in_another_script_is_registered(house: House, merchant: MerchantId) -> None:
    endpoint = house.an_endpoint(merchant, "https://xn--mnchen-3ya.example/", resolve=at("8.8.8.8"))

    assert "https://xn--mnchen-3ya.example/" == endpoint.url


@given(st.text("abcdefghijklmnopqrstuvwxyz0123456789-_.", min_size=1, max_size=30))
def test_httpx_can_take_apart_whatever_is_registered(tail: str) -> None:
    url = f"https://xn--{tail}/hooks"
    try:
        target = parse_target(url, allows_private=True)
        check_encoded_name(target.host)
    except TargetRefused:
        return

    request = httpx.Request("POST", url)
    assert request.url.host
    assert target.host == request.headers["Host"].partition(":")[0]


@pytest.mark.parametrize("host", NO_NAMES)
def test_such_a_host_of_an_earlier_release_is_a_failed_attempt_and_no_crash(
    house: House, merchant: MerchantId, host: str, log_lines: io.StringIO
) -> None:
    endpoint = house.an_endpoint(merchant, "https://shop.example/", resolve=at("8.8.8.8"))
    with house.database.begin() as work:
        work.connection.execute(
            update(webhook_endpoints)
            .where(webhook_endpoints.c.id == endpoint.id)
            .values(url=f"https://{host}/")
        )
    house.happen(merchant, 1, 1)

    house.dispatch_until(lambda: has_attempts(house, endpoint), resolve=at(), allows_private=False)

    assert first_error(house, endpoint) in (
        "The URL's host is not a host name: what follows xn-- is not Punycode. Register the "
        "endpoint again with another URL.",
        f"{host} does not resolve to an address.",
    )
    assert "webhook.crashed" not in log_lines.getvalue()


def test_when_one_address_does_not_answer_the_next_one_is_tried(
    house: House, merchant: MerchantId, receiver: Receiver
) -> None:
    endpoint = house.an_endpoint(merchant, f"http://shop.invalid:{receiver.port}/")
    house.happen(merchant, 1, 1)

    # Nobody listens at 127.0.0.2: the receiver is bound to one address.
    house.dispatch_all(endpoint, resolve=at("127.0.0.2", "127.0.0.1"))

    assert [1] == receiver.accepted_of(1)
    assert 1 == len(house.deliveries(endpoint)[0].attempts)


def test_a_merchant_has_a_bounded_number_of_endpoints(house: House, merchant: MerchantId) -> None:
    endpoints = [
        house.an_endpoint(merchant, f"https://shop{n}.example/", resolve=at("8.8.8.8"))
        for n in range(ENDPOINTS_AT_MOST)
    ]
    other = house.a_merchant()

    with pytest.raises(
        TooManyEndpoints, match=r"20 webhook endpoints, and no more may be\. Remove"
    ):
        house.an_endpoint(merchant, "https://more.example/", resolve=at("8.8.8.8"))

    house.an_endpoint(other, "https://more.example/", resolve=at("8.8.8.8"))
    remove_webhook_endpoint(house.database, endpoints[0].id, change=Change(A_TESTER, now()))
    house.an_endpoint(merchant, "https://more.example/", resolve=at("8.8.8.8"))


def test_proxies_of_the_environment_are_not_asked(
    house: House, merchant: MerchantId, receiver: Receiver, monkeypatch: pytest.MonkeyPatch
) -> None:
    # A proxy would resolve the name once more, and connect to whatever it finds.
    with Receiver() as proxy:
        monkeypatch.setenv("HTTP_PROXY", f"http://127.0.0.1:{proxy.port}")
        monkeypatch.setenv("ALL_PROXY", f"http://127.0.0.1:{proxy.port}")
        endpoint = house.an_endpoint(merchant, receiver.url)
        house.happen(merchant, 1, 1)

        house.dispatch_all(endpoint)

        assert [] == proxy.received
    assert [1] == receiver.accepted_of(1)


def test_the_systems_resolver_gives_every_address_once() -> None:
    assert [ip_address("127.0.0.1")] == resolver.resolve("127.0.0.1", 80)


def test_a_name_that_does_not_exist_has_no_addresses() -> None:
    assert [] == resolver.resolve("a" * 64 + ".invalid", 80)


@pytest.fixture
def certificate(tmp_path: Path) -> tuple[Path, Path]:
    """A certificate for shop.invalid that signs itself, and its key."""
    if find_program("openssl") is None:
        pytest.skip("needs openssl to make a certificate")
    made, key = tmp_path / "certificate.pem", tmp_path / "key.pem"
    command = [
        *("openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1"),
        *("-nodes", "-days", "2", "-subj", "/CN=shop.invalid"),
        *("-addext", "subjectAltName=DNS:shop.invalid", "-keyout", str(key), "-out", str(made)),
    ]
    subprocess.run(command, check=True, capture_output=True)
    return made, key


@pytest.fixture
def tls(certificate: tuple[Path, Path], monkeypatch: pytest.MonkeyPatch) -> ssl.SSLContext:
    """What a receiver needs to be shop.invalid, which we trust for this test."""
    made, key = certificate
    monkeypatch.setenv("SSL_CERT_FILE", str(made))
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(made, key)
    return context


def test_tls_asks_for_the_name_and_checks_its_certificate(
    house: House, merchant: MerchantId, tls: ssl.SSLContext
) -> None:
    names: list[str | None] = []
    tls.sni_callback = lambda _socket, name, _context: names.append(name)
    with Receiver(tls=tls) as receiver:
        endpoint = house.an_endpoint(merchant, f"https://shop.invalid:{receiver.port}/")
        house.happen(merchant, 1, 1)

        house.dispatch_all(endpoint, resolve=at("127.0.0.1"))

    assert [1] == receiver.accepted_of(1)
    assert ["shop.invalid"] == names


def test_a_certificate_of_another_name_is_a_failed_attempt(
    house: House, merchant: MerchantId, tls: ssl.SSLContext, log_lines: io.StringIO
) -> None:
    with Receiver(tls=tls) as receiver:
        endpoint = house.an_endpoint(merchant, f"https://other.invalid:{receiver.port}/")
        house.happen(merchant, 1, 1)

        house.dispatch_until(lambda: has_attempts(house, endpoint), resolve=at("127.0.0.1"))

    assert [] == receiver.received
    assert "CERTIFICATE_VERIFY_FAILED" in (first_error(house, endpoint) or "")
