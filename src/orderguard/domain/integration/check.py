"""The integration check: judge each rule of contract §13 by a merchant's own traffic."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from orderguard.domain.errors import Malformed
from orderguard.domain.integration import rules_of_carts as carts
from orderguard.domain.integration import rules_of_orders as orders
from orderguard.domain.integration.judgement import Evidence, Rule
from orderguard.domain.integration.traffic import Traffic
from orderguard.domain.money import shortened
from orderguard.domain.people.sandbox import parse_advance

EVIDENCE_SHOWN = 5
"""The most pieces of evidence that a line names, the newest ones."""


class Standing(StrEnum):
    """Whether the traffic shows that a rule is held, that it is broken, or neither."""

    HELD = "held"
    BROKEN = "broken"
    NOT_SEEN = "not_seen"


class Verdict(StrEnum):
    """The result of the whole check: passed, a rule broken, or too little traffic to tell."""

    PASSED = "passed"
    BROKEN = "broken"
    INCOMPLETE = "incomplete"
    """No rule is broken, and a required one was not seen."""


@dataclass(frozen=True, slots=True)
class CheckedRule:
    """One rule and its result. `count` is the number of pieces of evidence, shown or not."""

    rule: Rule
    standing: Standing
    evidence: tuple[Evidence, ...] = ()
    count: int = 0
    missing: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class IntegrationCheck:
    """The result of an integration check: a line per rule, and how much traffic was read."""

    at: datetime
    since: datetime | None
    lines: tuple[CheckedRule, ...]
    sessions: int
    orders: int

    def count(self, standing: Standing) -> int:
        """How many lines have this standing."""
        return sum(line.standing is standing for line in self.lines)

    @property
    def verdict(self) -> Verdict:
        if self.count(Standing.BROKEN):
            return Verdict.BROKEN
        required = [line for line in self.lines if line.rule.is_required]
        if all(line.standing is Standing.HELD for line in required):
            return Verdict.PASSED
        return Verdict.INCOMPLETE


WITHIN_AT_MOST = timedelta(days=3_650)


def parse_within(text: str) -> timedelta:
    """How old traffic may be: `2d`, `12h` or `30m`. Raises `Malformed`."""
    try:
        return min(parse_advance(text), WITHIN_AT_MOST)
    except Malformed:
        raise Malformed(
            f"{shortened(text)} is no time span; expected a number of days, hours or minutes, as "
            "in 2d, 12h or 30m."
        ) from None


def check_traffic(traffic: Traffic, *, since: datetime | None = None) -> IntegrationCheck:
    """Judge every rule. `since` is the time from which traffic was read, for the record."""
    return IntegrationCheck(
        at=traffic.at,
        since=since,
        lines=tuple(_checked(rule, traffic) for rule in RULES),
        sessions=len(traffic.sessions),
        orders=len(traffic.orders),
    )


def _checked(rule: Rule, traffic: Traffic) -> CheckedRule:
    judgement = rule.judge(traffic)
    if judgement.broken:
        standing, evidence = Standing.BROKEN, judgement.broken
    elif judgement.held and not judgement.missing:
        standing, evidence = Standing.HELD, judgement.held
    else:
        standing, evidence = Standing.NOT_SEEN, judgement.held
    shown = tuple(evidence[:EVIDENCE_SHOWN])
    return CheckedRule(rule, standing, shown, len(evidence), judgement.missing)


RULES: tuple[Rule, ...] = (
    Rule(
        "analysed_again",
        "The cart is analysed again when it changes, under one id",
        "Send one cartId, or the sessionId of the first answer, with every analysis of a cart.",
        "Send cartId at the top level of the request, beside cart. cart.id is for reports only.",
        carts.analysed_again,
    ),
    Rule(
        "new_session_per_order",
        "The id changes with the next order",
        "A session is for one order.",
        "Forget the sessionId and the cartId once the order is placed; a new cart gets new ones.",
        orders.new_session_per_order,
    ),
    Rule(
        "analysed_before_order",
        "The cart is analysed before the order is placed",
        "The fee of an order is the quote of an analysis that came before it.",
        "Call POST analyze at checkout, keep the sessionId, and push the order afterwards.",
        orders.analysed_before,
    ),
    Rule(
        "delivery_groups",
        "Delivery groups are sent, pickups among them",
        "deliveryGroups say how an order travels. What is picked up needs no shipping protection.",
        "Send deliveryGroups with SHIPPING, PICKUP, LOCAL_DELIVERY or DIGITAL: "
        '[{"deliveryMethod": "PICKUP"}]. Without them shipping is assumed.',
        carts.delivery_groups,
    ),
    Rule(
        "minor_units",
        "Amounts are minor units",
        "Every amount of a cart is a whole number of minor units: 50.00 USD is 5000.",
        "Send cents, in lines and in totals: 50.00 USD is 5000, and 50 is half a dollar.",
        carts.minor_units,
        is_required=True,
    ),
    Rule(
        "key_on_server",
        "The key stays on the server",
        "A key without an origin list is a secret of the shop's server.",
        "Revoke the key and issue a new one for the server. For a browser, issue a key with "
        "--scope cart --origin https://your.shop.",
        carts.key_on_server,
    ),
    Rule(
        "mode_verbatim",
        "The mode comes back verbatim",
        "The mode array of the answer is the accepted_offer_mode of the fee.",
        'Put the array of the answer on the fee, unchanged: "accepted_offer_mode": '
        '["returnCoverage", "shippingProtection"]. A fee without it covers nothing.',
        orders.mode_verbatim,
        is_required=True,
    ),
    Rule(
        "session_on_order",
        "The session's id is on the order",
        "Every order carries the sessionId of its cart in metadata, accepted or not.",
        'Send it as metadata: [{"key": "session_id", "value": "lop_…"}]. No other name or place '
        "is read.",
        orders.session_on_order,
        is_required=True,
    ),
    Rule(
        "fee_as_quoted",
        "The fee equals the quote",
        "The fee is the amount of chargeInstructions of the last analysis.",
        'Charge the amount of the last answer. Send 498 (minor units) or "4.98" (a text with a '
        'point): 5 is five cents, and "498" can be read in two ways.',
        orders.fee_as_quoted,
        is_required=True,
    ),
    Rule(
        "no_fee_when_hidden",
        "No fee after an ineligible answer",
        "An ineligible answer ends the offer: the fee goes, and the box disappears.",
        "Remove the fee as soon as an answer has eligible: false, also if it was accepted before.",
        orders.no_fee_when_hidden,
    ),
    Rule(
        "declined_pushed",
        "Declined orders are pushed too",
        "All orders are pushed, so that conversion can be measured.",
        "Push every order of a cart that was analysed, with its session_id and without the fee.",
        orders.declined_pushed,
    ),
    Rule(
        "unpaid_not_active",
        "Unpaid orders are not pushed as active",
        "Coverage begins when the order is paid.",
        "Push an order once it is paid, or with status pending until then.",
        orders.unpaid_not_active,
    ),
    Rule(
        "given_back",
        "Cancellations and refunds arrive",
        "A cancelled or refunded order ends its coverage and is billed no more.",
        "Push the order again with status cancelled, or with refunds that have an amount, or "
        "line_items with external_id and quantity.",
        orders.given_back,
    ),
    Rule(
        "same_order_once",
        "Repeated pushes are the same order",
        "PUT with the platform's order id as external_id can be repeated safely.",
        "Use PUT /api/v1/orders, and the same external_id for every push of an order.",
        orders.same_order_once,
    ),
    Rule(
        "sells_without_us",
        "The shop sells on while Orderguard fails",
        "A failed analysis hides the offer, and never holds up the checkout.",
        "Use a short timeout, treat any failure as no offer, and push the order without a fee. In "
        "a sandbox, TEST-status-503, TEST-drop and TEST-malformed try it.",
        orders.sells_without_us,
    ),
    Rule(
        "request_id_kept",
        "X-Request-Id is sent",
        "A request id of the shop's own is kept, and finds a request in both logs.",
        "Send X-Request-Id, a new one for each request, and log it.",
        carts.request_id_kept,
    ),
    Rule(
        "modes_seen",
        "Every coverage mode was offered",
        "Each configured mode has to reach shoppers.",
        "See why with: orderguard sessions explain ID. Pickups, rules and prices may drop a mode.",
        carts.modes_seen,
    ),
    Rule(
        "currencies_seen",
        "Every currency was seen, and no other",
        "A cart in a currency without a price gets no offer.",
        "Add the currency to currencies and to the price plans of the configuration.",
        carts.currencies_seen,
    ),
    Rule(
        "locales_seen",
        "Every locale was seen, and no other",
        "A cart in a locale that is not configured gets no offer.",
        "Add the locale to locales, or leave locales empty for any. Send locale as a BCP 47 tag.",
        carts.locales_seen,
    ),
)
"""Every rule, in the order of the contract."""
