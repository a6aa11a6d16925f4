"""The target is checked at every attempt, and the connection goes where the check was."""

from __future__ import annotations

import io
import shutil
import ssl
import subprocess
from collections.abc import Sequence
from ipaddress import ip_address
from pathlib import Path

import pytest

from orderguard.domain.ids import MerchantId
from orderguard.domain.webhook import WebhookEndpoint
from orderguard.domain.webhook_target import IpAddress, TargetRefused
from orderguard.webhooks import resolver
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


def test_when_one_address_does_not_answer_the_next_one_is_tried(
    house: House, merchant: MerchantId, receiver: Receiver
) -> None:
    endpoint = house.an_endpoint(merchant, f"http://shop.invalid:{receiver.port}/")
    house.happen(merchant, 1, 1)

    # Nobody listens at 127.0.0.2: the receiver is bound to one address.
    house.dispatch_all(endpoint, resolve=at("127.0.0.2", "127.0.0.1"))

    assert [1] == receiver.accepted_of(1)
    assert 1 == len(house.deliveries(endpoint)[0].attempts)


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
    if shutil.which("openssl") is None:
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
