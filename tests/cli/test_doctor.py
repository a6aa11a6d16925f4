"""`orderguard doctor`: what it finds, and that nothing keeps it from looking on."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy import insert, text

from orderguard.actions.create_merchant import create_merchant
from orderguard.domain.analytics.diagnosis import Finding, Severity
from orderguard.domain.configuration.published import PublishedConfiguration
from orderguard.domain.configuration.scheduled_publication import (
    ScheduledPublication,
    ScheduledStatus,
)
from orderguard.domain.ids import ConfigurationVersion
from orderguard.domain.orders.event import Event, EventType
from orderguard.domain.people.audit import Change
from orderguard.domain.webhooks.webhook import WebhookEndpoint, WebhookEndpointId, WebhookSecret
from orderguard.randomness import (
    new_event_id,
    new_merchant_id,
    new_scheduled_publication_id,
    new_session_id,
)
from orderguard.running.wiring import now, wire_examination
from orderguard.storage.database import SqlDatabase
from orderguard.storage.tables import offer_sessions
from tests.cli.shell import Shell as Terminal
from tests.support.builders import a_document
from tests.support.databases import new_database_url
from tests.support.shop import A_TESTER, RunningServer, Shop

NEVER = {"name": "no robots", "reject_when": 'platform == "robot"'}
FAILING = {"name": "eighth line", "reject_when": "cart.lines[7].quantity > 1"}
A_MONTH_ON = timedelta(days=31)


@pytest.fixture(scope="module")
def house(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningServer]:
    """A server with few merchants, because all of them are examined."""
    server = RunningServer(tmp_path_factory.mktemp("doctor"))
    yield server
    server.stop()


def name_of(shop: Shop) -> str:
    with shop.running.database.read() as work:
        merchant = work.merchants.find(shop.id)
    assert merchant
    return merchant.name


def findings_about(shop: Shop, check: str, *, at: datetime | None = None) -> list[Finding]:
    findings = wire_examination(shop.running.database)(at=at or now())
    return [f for f in findings if f.merchant == name_of(shop) and f.check == check]


def test_a_database_that_is_not_there_is_a_problem_with_a_remedy(shell: Terminal) -> None:
    answer = shell.run("doctor", "--json")

    (finding,) = answer.document
    assert ("schema", "problem") == (finding["check"], finding["severity"])
    assert "Run: orderguard db upgrade" == finding["advice"]
    assert 1 == answer.exit_code
    assert not (shell.directory / "orderguard.db").exists()


def test_a_file_that_is_no_database_is_a_problem_and_not_a_crash(shell: Terminal) -> None:
    shell.write("orderguard.db", "This is not a database. " * 100)

    answer = shell.run("doctor")

    assert 1 == answer.exit_code
    assert "problem" in answer.stdout


def test_warnings_are_no_failure(shell: Terminal) -> None:
    merchant = shell.a_merchant()

    answer = shell.run("doctor")

    assert 0 == answer.exit_code
    assert "No configuration is published" in answer.stdout
    assert f"orderguard keys issue {merchant} --scope cart" in answer.stdout


def test_a_currency_of_carts_that_is_not_configured_is_found(house: RunningServer) -> None:
    shop = house.a_shop()
    shop.analyze(cart={"currencyCode": "EUR"})

    (finding,) = findings_about(shop, "currencies")

    assert finding.severity is Severity.WARNING
    assert "1 carts of late were in EUR, which is not configured." == finding.found


def test_currencies_that_nothing_can_be_offered_in_are_one_finding(house: RunningServer) -> None:
    shop = house.a_shop()
    for code in ("IRT", "BGN", "IRT"):
        shop.analyze(cart={"currencyCode": code})

    (finding,) = findings_about(shop, "currencies")

    assert finding.found == (
        "3 carts of late were in currencies that ISO 4217 does not list, such as BGN, IRT."
    )
    assert "Send the code of one that is listed." in finding.advice


def test_prices_that_clients_lose_are_found(house: RunningServer) -> None:
    lost = house.a_shop()
    safe = house.a_shop(
        pricing={m: [{"base": {"USD": 250}}] for m in ("returnCoverage", "shippingProtection")}
    )

    (finding,) = findings_about(lost, "prices")

    assert finding.severity is Severity.WARNING
    assert finding.found.startswith("pricing: A charge in USD can be 4.98.")
    assert [] == findings_about(safe, "prices")


def test_what_carts_were_a_week_ago_does_not_count(house: RunningServer) -> None:
    shop = house.a_shop()
    shop.analyze(cart={"currencyCode": "EUR"})

    assert [] == findings_about(shop, "currencies", at=now() + timedelta(days=8))


def test_a_rule_that_matches_nothing_is_a_warning_once_it_had_its_chance(
    house: RunningServer,
) -> None:
    shop = house.a_shop(rules=[NEVER])
    for _ in range(19):
        shop.analyze()
    assert [] == findings_about(shop, "rules")

    shop.analyze()

    (finding,) = findings_about(shop, "rules")
    assert finding.severity is Severity.WARNING
    assert "rule no robots matched none of 20 carts of late." == finding.found


def test_a_rule_that_always_fails_is_a_problem(house: RunningServer) -> None:
    shop = house.a_shop(rules=[FAILING])
    shop.analyze()

    (finding,) = findings_about(shop, "rules")

    assert finding.severity is Severity.PROBLEM
    assert "rule eighth line failed for all 1 carts of late." == finding.found


def test_a_key_that_nobody_uses_for_a_month_is_named_without_being_shown(
    house: RunningServer,
) -> None:
    shop = house.a_shop()

    findings = findings_about(shop, "keys", at=now() + A_MONTH_ON)

    assert f"Key {shop.issued.key.id} was never used in 31 days." in [f.found for f in findings]
    assert shop.key not in str(findings)


def test_a_webhook_that_nobody_takes_is_found_without_its_address(house: RunningServer) -> None:
    shop = house.a_shop()
    endpoint = WebhookEndpoint(
        id=WebhookEndpointId("whe_doctordoctor"),
        merchant=shop.id,
        url="https://127.0.0.1:9/hidden-token",
        created_at=now(),
    )
    event = Event(type=EventType.STATEMENT_CLOSED, at=now(), topic="statement:2026-01", body={})
    with house.database.begin() as work:
        work.webhook_endpoints.add(endpoint, WebhookSecret("whsec_x"))
        work.outbox.add(shop.id, [event], new_event_id=new_event_id)

    (soon,) = findings_about(shop, "webhooks")
    (later,) = findings_about(shop, "webhooks", at=now() + timedelta(hours=2))
    (much_later,) = findings_about(shop, "webhooks", at=now() + timedelta(hours=25))

    assert (Severity.OK, Severity.WARNING, Severity.PROBLEM) == (
        soon.severity,
        later.severity,
        much_later.severity,
    )
    assert "hidden-token" not in str([soon, later, much_later])


def test_one_merchants_trouble_keeps_no_other_from_being_examined(house: RunningServer) -> None:
    troubled, other = house.a_shop(), house.a_shop()
    with house.database.begin() as work:
        work.configurations.add(
            PublishedConfiguration(
                troubled.id, ConfigurationVersion(99), "no = such thing", now(), A_TESTER
            )
        )
        work.connection.execute(
            text("UPDATE api_keys SET scopes = '[\"kitchen\"]' WHERE merchant_id = :merchant"),
            {"merchant": troubled.id},
        )

    (configuration,) = findings_about(troubled, "configuration")
    (keys,) = findings_about(troubled, "keys")

    assert configuration.severity is Severity.PROBLEM
    assert "This check failed by itself: ValueError." == keys.found
    assert [Severity.OK] == [f.severity for f in findings_about(other, "configuration")]


@pytest.fixture
def alone(tmp_path: Path) -> Iterator[SqlDatabase]:
    """A database that no server looks after."""
    database = SqlDatabase(new_database_url(tmp_path))
    yield database
    database.dispose()


@pytest.mark.parametrize(
    ("analysed", "check", "words"),
    [
        (timedelta(hours=-1), "analytics", "1 sessions and orders wait to be counted"),
        (timedelta(hours=1), "dates", "A session was analysed in the future"),
    ],
)
def test_the_time_of_sessions_is_looked_at(
    alone: SqlDatabase, analysed: timedelta, check: str, words: str
) -> None:
    at = now()
    merchant = create_merchant(alone, "acme", new_id=new_merchant_id(), change=Change(A_TESTER, at))
    with alone.begin() as work:
        work.connection.execute(
            insert(offer_sessions).values(
                merchant_id=merchant.id,
                id=new_session_id(at),
                created_at=at,
                updated_at=at + analysed,
                analysis_count=1,
                ever_eligible=False,
                is_kept=False,
            )
        )

    findings = wire_examination(alone)(at=at)

    (found,) = [finding.found for finding in findings if finding.check == check]
    assert words in found


def test_json_is_all_that_is_printed(shell: Terminal) -> None:
    shell.a_merchant()

    printed = shell.run("doctor", "--json").stdout

    assert "acme" in {finding["merchant"] for finding in json.loads(printed)}


def scheduled(shop: Shop, status: ScheduledStatus, due_at: datetime, source: str) -> None:
    with shop.running.database.begin() as work:
        publication = ScheduledPublication(
            merchant=shop.id,
            id=new_scheduled_publication_id(),
            name="Sale",
            source=source,
            based_on=None,
            draft=None,
            due_at=due_at,
            status=ScheduledStatus.WAITING,
            scheduled_at=due_at,
            scheduled_by=A_TESTER,
        )
        work.scheduled_publications.add(publication)
        if status is not ScheduledStatus.WAITING:
            work.scheduled_publications.settle(publication, status, at=due_at)


@pytest.mark.parametrize(
    ("status", "due_in", "document", "severity", "said"),
    [
        ("waiting", timedelta(days=2), {}, Severity.OK, "1 wait for their time"),
        ("waiting", timedelta(days=2), {"modes": []}, Severity.WARNING, "will not be published"),
        ("waiting", timedelta(days=1), {}, Severity.PROBLEM, "should have been published"),
        ("failed", timedelta(hours=1), {}, Severity.WARNING, "was not"),
        ("failed", -timedelta(days=9), {}, Severity.OK, "0 wait"),
        ("cancelled", timedelta(hours=1), {"modes": []}, Severity.OK, "0 wait"),
    ],
)
def test_what_is_published_at_a_time_is_looked_after(
    house: RunningServer,
    status: str,
    due_in: timedelta,
    document: dict[str, object],
    severity: Severity,
    said: str,
) -> None:
    shop = house.a_shop()
    source = json.dumps(a_document(**document))
    # A day on from now, so that the server of this test has nothing to publish meanwhile.
    at = now() + timedelta(days=1, minutes=2)
    scheduled(shop, ScheduledStatus(status), now() + due_in, source)

    (finding,) = findings_about(shop, "publications", at=at)

    assert severity is finding.severity
    assert said in finding.found
