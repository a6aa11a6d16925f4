"""The checks of `orderguard doctor` for each merchant."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Protocol

from orderguard.actions.check_configuration import find_warnings
from orderguard.actions.examine_analytics import examine_analytics
from orderguard.actions.examine_orders import examine_orders
from orderguard.actions.ports.unit_of_work import UnitOfWork
from orderguard.actions.publish_configuration import read_configuration
from orderguard.domain.analytics.diagnosis import Finding, Severity
from orderguard.domain.cart import Cart
from orderguard.domain.configuration.configuration import MerchantConfiguration
from orderguard.domain.configuration.rule import ConditionCompiler
from orderguard.domain.configuration.scheduled_publication import (
    WAITING_AT_MOST,
    ScheduledPublication,
    ScheduledStatus,
)
from orderguard.domain.errors import InvalidDocument
from orderguard.domain.ids import MerchantId
from orderguard.domain.money import is_listed
from orderguard.domain.offers.session_summary import SessionPlace
from orderguard.domain.people.api_key import ApiKey, Scope
from orderguard.domain.webhooks.webhook import DeliveryState, DisabledBecause, WebhookEndpoint
from orderguard.domain.what_if.rule_health import RuleHealth

OF_LATE = timedelta(days=7)
CARTS_AT_MOST = 2_000
"""Recent carts for which rules and price plans are evaluated: about a second of one core."""

CARTS_AT_ONCE = 500
CURRENCIES_NAMED = 5
WARNINGS_AT_MOST = 10
CARTS_TO_JUDGE_BY = 20
"""With fewer carts, a rule that never matched is no finding."""

UNUSED_AFTER = timedelta(days=30)
AHEAD_AT_MOST = timedelta(minutes=1)
BACKLOG_WARNING = timedelta(hours=1)
BACKLOG_PROBLEM = timedelta(days=1)
DELIVERIES_LOOKED_AT = 20
FAILURES_LOOKED_AT = 10
OVERDUE_AFTER = timedelta(minutes=1)


@dataclass(frozen=True, slots=True)
class Examined:
    """The inputs of a merchant's checks: the merchant, the time and the rest of the environment."""

    merchant: MerchantId
    at: datetime
    """The merchant's time, which differs from `real_at` for a sandbox."""
    real_at: datetime
    compiler: ConditionCompiler
    bytes_per_day: int = 0
    """The quota of bytes that the merchant's analyses may take per day; 0: no limit."""


def check_dates(work: UnitOfWork, examined: Examined) -> Iterator[Finding]:
    """Check for sessions dated in the future: they come first in lists, and are kept too long."""
    last = work.vitals.last_analysed_at(examined.merchant)
    if last is not None and last > examined.at + AHEAD_AT_MOST:
        yield Finding(
            check="dates",
            severity=Severity.WARNING,
            found=f"A session was analysed in the future, at {last:%Y-%m-%d %H:%M} UTC.",
            advice="Set the clocks of all machines that serve, and let them follow a time server.",
        )
    else:
        yield Finding(check="dates", severity=Severity.OK, found="No session is from the future.")


def check_keys(work: UnitOfWork, examined: Examined) -> Iterator[Finding]:
    """Check for useless keys, which can only be stolen, and for scopes without a key."""
    live = [
        key
        for key in work.api_keys.of_merchant(examined.merchant)
        if key.is_live(at=examined.real_at)
    ]
    findings = [
        Finding(
            check="keys",
            severity=Severity.WARNING,
            found=f"Key {key.id} {why}.",
            advice=f"Revoke it if nobody needs it: orderguard keys revoke {key.id}",
        )
        for key in live
        if (why := _why_useless(key, at=examined.real_at))
    ]
    missing = [
        scope for scope in (Scope.CART, Scope.ORDERS) if not any(scope in k.scopes for k in live)
    ]
    findings += [
        Finding(
            check="keys",
            severity=Severity.WARNING,
            found=f"No live key has the scope {scope}.",
            advice=f"Issue one: orderguard keys issue {examined.merchant} --scope {scope}",
        )
        for scope in missing
    ]
    if not findings:
        findings.append(
            Finding(check="keys", severity=Severity.OK, found=f"{len(live)} keys are in use.")
        )
    yield from findings


def _why_useless(key: ApiKey, *, at: datetime) -> str | None:
    if not key.scopes:
        return "has no scope, so it opens nothing"
    if key.last_used_at is not None:
        days = (at - key.last_used_at).days
        return f"was not used for {days} days" if days >= UNUSED_AFTER.days else None
    days = (at - key.created_at).days
    return f"was never used in {days} days" if days >= UNUSED_AFTER.days else None


def check_configuration(work: UnitOfWork, examined: Examined) -> Iterator[Finding]:
    """Check that a configuration is published, and that it fits recent carts."""
    latest = work.configurations.latest(examined.merchant)
    if latest is None:
        yield Finding(
            check="configuration",
            severity=Severity.WARNING,
            found="No configuration is published, so nothing is offered.",
            advice=f"Publish one: orderguard config publish {examined.merchant} shop.toml",
        )
        return
    try:
        configuration = read_configuration(latest.source, examined.compiler, version=latest.version)
    except InvalidDocument as error:
        yield Finding(
            check="configuration",
            severity=Severity.PROBLEM,
            found=f"Version {latest.version} means nothing to this release: {error.problems[0]}",
            advice="Publish a version that does, or go back to the release before.",
        )
        return
    carts = list(_carts_of_late(work, examined))
    yield Finding(
        check="configuration",
        severity=Severity.OK,
        found=f"Version {latest.version} is published; compared with {len(carts)} carts of late.",
    )
    for warning in find_warnings(latest.source, examined.compiler)[:WARNINGS_AT_MOST]:
        yield Finding(
            check="prices",
            severity=Severity.WARNING,
            found=str(warning),
            advice="Publish a version without it, if it concerns what this shop sells.",
        )
    yield from _currencies(configuration, carts)
    yield from _conditions(configuration, carts)


def _carts_of_late(work: UnitOfWork, examined: Examined) -> Iterator[Cart]:
    """The latest cart of each session of the last week, up to `CARTS_AT_MOST`, newest first."""
    after: SessionPlace | None = None
    for _ in range(CARTS_AT_MOST // CARTS_AT_ONCE):
        answers = work.session_search.latest_answers(
            examined.merchant, after=after, limit=CARTS_AT_ONCE
        )
        for answer in answers:
            if answer.updated_at < examined.at - OF_LATE:
                return
            if answer.cart is not None:
                yield answer.cart
        if len(answers) < CARTS_AT_ONCE:
            return
        after = answers[-1].updated_at, answers[-1].session


def _currencies(configuration: MerchantConfiguration, carts: Iterable[Cart]) -> Iterator[Finding]:
    seen = Counter(cart.currency for cart in carts)
    if unlisted := [currency for currency in seen if not is_listed(currency)]:
        named = ", ".join(sorted(unlisted)[:CURRENCIES_NAMED])
        yield Finding(
            check="currencies",
            severity=Severity.WARNING,
            found=f"{sum(map(seen.pop, unlisted))} carts of late were in currencies that ISO 4217 "
            f"does not list, such as {named}.",
            advice="Nothing is offered in such a currency. Send the code of one that is listed.",
        )
    for currency in sorted({*seen, *configuration.currencies}):
        unpriced = [
            mode for mode in configuration.modes if not configuration.can_price(mode, currency)
        ]
        if currency not in configuration.currencies:
            found = f"{seen[currency]} carts of late were in {currency}, which is not configured."
            advice = (
                f"Add {currency} to currencies and to the price plans, if you want to offer it."
            )
        elif unpriced:
            found = f"There is no price in {currency} for {' and '.join(unpriced)}."
            advice = f"Add {currency} to the price plans, or take it out of currencies."
        else:
            continue
        yield Finding(check="currencies", severity=Severity.WARNING, found=found, advice=advice)


def _conditions(configuration: MerchantConfiguration, carts: Iterable[Cart]) -> Iterator[Finding]:
    health = RuleHealth(configuration)
    for cart in carts:
        health.add(cart)
    for condition in health.conditions:
        if condition.always_failed:
            yield Finding(
                check="rules",
                severity=Severity.PROBLEM,
                found=f"{condition.name} failed for all {condition.asked} carts of late.",
                advice="Correct it: while a rule fails, its carts see no offer.",
            )
        elif condition.never_held and condition.asked >= CARTS_TO_JUDGE_BY:
            yield Finding(
                check="rules",
                severity=Severity.WARNING,
                found=f"{condition.name} matched none of {condition.asked} carts of late.",
                advice="Check that it says what you meant; remove it if it is over.",
            )


def check_publications(work: UnitOfWork, examined: Examined) -> Iterator[Finding]:
    """Check for scheduled publications that failed recently, are overdue, or would fail."""
    found = work.scheduled_publications.of_merchant(
        examined.merchant, limit=WAITING_AT_MOST + FAILURES_LOOKED_AT
    )
    findings = [
        Finding(check="publications", severity=severity, found=f"{each.name} {what}", advice=advice)
        for each in found
        for severity, what, advice in _troubles_of(each, examined)
    ]
    waiting = sum(each.is_waiting for each in found)
    yield from findings or [
        Finding(check="publications", severity=Severity.OK, found=f"{waiting} wait for their time.")
    ]


def _troubles_of(
    publication: ScheduledPublication, examined: Examined
) -> Iterator[tuple[Severity, str, str]]:
    settled_at = publication.settled_at
    failed = publication.status is ScheduledStatus.FAILED
    if failed and settled_at and examined.at - settled_at < OF_LATE:
        yield (
            Severity.WARNING,
            f"was to be published at {publication.due_at:%Y-%m-%d %H:%M} UTC, and was not.",
            "Correct it and publish it, if it is still wanted. Its problems: "
            f"orderguard config scheduled {examined.merchant}",
        )
    if not publication.is_waiting:
        return
    if examined.at - publication.due_at > OVERDUE_AFTER:
        yield (
            Severity.PROBLEM,
            f"should have been published at {publication.due_at:%Y-%m-%d %H:%M} UTC.",
            "Run a server, which publishes what is due: orderguard serve",
        )
    try:
        read_configuration(publication.source, examined.compiler)
    except InvalidDocument:
        yield (
            Severity.WARNING,
            "will not be published in its time: this release finds problems in it.",
            f"Cancel it: orderguard config cancel {examined.merchant} {publication.id}",
        )


def check_webhooks(work: UnitOfWork, examined: Examined) -> Iterator[Finding]:
    """Check webhook endpoints. Findings name them by id: a URL may contain a password."""
    for endpoint in work.webhook_endpoints.of_merchant(examined.merchant):
        severity, found, advice = _webhook(work, endpoint, at=examined.at)
        yield Finding(
            check="webhooks",
            severity=severity,
            found=f"Endpoint {endpoint.id} {found}.",
            advice=advice,
        )


def _webhook(
    work: UnitOfWork, endpoint: WebhookEndpoint, *, at: datetime
) -> tuple[Severity, str, str]:
    if endpoint.disabled_because is DisabledBecause.GONE:
        advice = f"Enable it once it is back: orderguard webhooks enable {endpoint.id}"
        return Severity.WARNING, "answered that it is gone, and gets nothing", advice
    if not endpoint.is_enabled:
        return Severity.OK, "is disabled, as somebody asked for", ""
    oldest = work.vitals.oldest_undelivered(endpoint)
    if oldest is not None and at - oldest >= BACKLOG_WARNING:
        hours = (at - oldest) // timedelta(hours=1)
        severity = Severity.PROBLEM if at - oldest >= BACKLOG_PROBLEM else Severity.WARNING
        advice = f"See what it answers: orderguard webhooks deliveries {endpoint.id}"
        return severity, f"has not taken what happened {hours} hours ago", advice
    last = work.webhook_deliveries.of_endpoint(endpoint, limit=DELIVERIES_LOOKED_AT)
    given_up = sum(1 for delivery in last if delivery.state is DeliveryState.FAILED)
    if given_up:
        again = f"orderguard webhooks replay {endpoint.id} --since 3d"
        advice = f"Once it is repaired, send them again: {again}"
        return Severity.PROBLEM, f"did not take {given_up} of the last {len(last)} events", advice
    return Severity.OK, "takes what it is sent", ""


def check_storage(work: UnitOfWork, examined: Examined) -> Iterator[Finding]:
    """Check the storage quota: a full quota means a leaked key, or a shop that has grown."""
    limit = examined.bytes_per_day
    if not limit:
        return
    today = examined.at.astimezone(UTC).date()
    for day in (today - timedelta(days=1), today):
        if work.vitals.stored_bytes(examined.merchant, day) >= limit:
            yield Finding(
                check="storage",
                severity=Severity.WARNING,
                found=f"On {day} carts reached the limit of {limit // 1_000_000} MB for one day; "
                "further ones were answered, but not kept.",
                advice="Look for a key that others use, or raise "
                "ORDERGUARD_STORED_MEGABYTES_PER_DAY.",
            )


def check_rollups(work: UnitOfWork, examined: Examined) -> Iterator[Finding]:
    """Check the rollups, which fall behind without a running server."""
    yield from examine_analytics(work, examined.merchant, at=examined.at)


def check_orders(work: UnitOfWork, examined: Examined) -> Iterator[Finding]:
    """Check for accepted orders whose content is probably wrong."""
    return examine_orders(work, examined.merchant, at=examined.at)


class MerchantCheck(Protocol):
    """A check of one merchant."""

    def __call__(self, work: UnitOfWork, /, examined: Examined) -> Iterable[Finding]: ...


MERCHANT_CHECKS: Mapping[str, MerchantCheck] = {
    "dates": check_dates,
    "keys": check_keys,
    "configuration": check_configuration,
    "publications": check_publications,
    "orders": check_orders,
    "webhooks": check_webhooks,
    "storage": check_storage,
    "analytics": check_rollups,
}
"""By the name that a finding has when the check itself fails."""
