"""Each rule of the integration check, broken once and held once (contract §13)."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from orderguard.domain.cart import DeliveryMethod
from orderguard.domain.coverage_mode import RETURN_COVERAGE, SHIPPING_PROTECTION
from orderguard.domain.eligibility_reason import EligibilityReason
from orderguard.domain.integration.check import RULES, Standing
from orderguard.domain.money import EUR, JPY, USD
from orderguard.domain.offers.offer import Offer
from orderguard.domain.orders.acceptance import AcceptanceOutcome, WarningCode
from orderguard.domain.orders.fee_verdict import FeeVerdict
from orderguard.domain.orders.order import OrderStatus
from tests.domain.integration.traffic import (
    a_key,
    a_seen_order,
    a_seen_session,
    an_acceptance,
    failures,
    line,
    metadata,
    no_acceptance,
    warned,
)
from tests.support.builders import a_cart, a_configuration, a_line
from tests.support.orders import NOON

LATER = NOON + timedelta(minutes=5)
SESSION = "lop_a1b2c3d4e5f6g7h8i9j0"
SHARED = no_acceptance().session
PICKUP = (DeliveryMethod.PICKUP,)


def _linked_elsewhere(**changes: Any) -> Any:
    """An order that names the session of another one."""
    acceptance = warned(
        WarningCode.SESSION_LINKED_ELSEWHERE, session=None, quote=None, verdict=FeeVerdict.UNLINKED
    )
    document = metadata(session_id=SHARED) | changes
    return a_seen_order(acceptance, document=document)


def _owner(**document: Any) -> Any:
    return a_seen_order(an_acceptance(session=SHARED), document=document)


def _unlinked(code: WarningCode, **changes: Any) -> Any:
    acceptance = warned(code, session=None, quote=None, verdict=FeeVerdict.UNLINKED)
    return a_seen_order(acceptance, **changes)


def _hidden(reason: EligibilityReason, **cart: Any) -> Any:
    return a_seen_session(cart=a_cart(**cart), offer=Offer(reason))


BROKEN: list[tuple[str, dict[str, Any], str]] = [
    (
        "analysed_again",
        {"sessions": [a_seen_session(has_cart_id=False, cart=a_cart(id="c-1"))]},
        "has its id only inside cart",
    ),
    (
        "analysed_again",
        {"sessions": [a_seen_session(has_cart_id=False) for _ in range(3)]},
        "came with neither cartId nor sessionId",
    ),
    (
        "new_session_per_order",
        {"orders": [_linked_elsewhere(total_price=1), _owner(total_price=2)]},
        "of another order",
    ),
    (
        "new_session_per_order",
        {"orders": [_linked_elsewhere()]},
        "of another order",
    ),
    (
        "analysed_before_order",
        {"orders": [a_seen_order(no_acceptance(session=None), came_first=True)]},
        "came before any cart had been analysed",
    ),
    ("delivery_groups", {"sessions": [a_seen_session()]}, "came without deliveryGroups"),
    (
        "minor_units",
        {"sessions": [a_seen_session(cart=a_cart(a_line(50)))]},
        "50 was probably meant as 50.00 USD",
    ),
    (
        "minor_units",
        {"sessions": [a_seen_session(cart=a_cart(subtotal_amount=50))]},
        "lines come to 5000, and subtotalAmount is 50",
    ),
    (
        "minor_units",
        {"sessions": [a_seen_session(cart=a_cart(subtotal_amount=500_000))]},
        "lines come to 5000, and subtotalAmount is 500000",
    ),
    ("key_on_server", {"keys": [a_key(seen_in_browser_at=NOON)]}, "was sent by a browser"),
    (
        "mode_verbatim",
        {"orders": [a_seen_order(warned(WarningCode.FEE_UNRECOGNISED, no_acceptance))]},
        "About fee_unrecognised.",
    ),
    (
        "mode_verbatim",
        {
            "orders": [
                a_seen_order(
                    an_acceptance(modes=(SHIPPING_PROTECTION,), verdict=FeeVerdict.MODE_MISMATCH)
                )
            ]
        },
        "accepts shippingProtection, and returnCoverage and shippingProtection was quoted",
    ),
    (
        "session_on_order",
        {"orders": [_unlinked(WarningCode.SESSION_MISSING)]},
        "About session_missing.",
    ),
    (
        "session_on_order",
        {"orders": [_unlinked(WarningCode.SESSION_UNKNOWN)]},
        "About session_unknown.",
    ),
    (
        "session_on_order",
        {"orders": [a_seen_order(no_acceptance(session=None)) for _ in range(3)]},
        "names no session",
    ),
    (
        "fee_as_quoted",
        {"orders": [a_seen_order(warned(WarningCode.FEE_ALTERED, amount=4))]},
        "charges 0.04 USD, and 4.98 USD was quoted: About fee_altered.",
    ),
    (
        "fee_as_quoted",
        {"orders": [a_seen_order(warned(WarningCode.FEE_STALE))]},
        "was quoted: About fee_stale.",
    ),
    (
        "fee_as_quoted",
        {"orders": [a_seen_order(warned(WarningCode.FEE_AMOUNT_AMBIGUOUS))]},
        "was quoted: About fee_amount_ambiguous.",
    ),
    (
        "fee_as_quoted",
        {"orders": [a_seen_order(warned(WarningCode.FEE_AMOUNT_AMBIGUOUS, quote=None))]},
        "charges 4.98 USD: About fee_amount_ambiguous.",
    ),
    (
        "no_fee_when_hidden",
        {"orders": [a_seen_order(an_acceptance(quote=None, verdict=FeeVerdict.ALTERED))]},
        "had no offer",
    ),
    (
        "declined_pushed",
        {"orders": [a_seen_order() for _ in range(20)]},
        "protected, as are all 20 orders; none was declined",
    ),
    (
        "unpaid_not_active",
        {"orders": [a_seen_order(document={"financial_status": "Pending"})]},
        "is active, and its financial_status is Pending",
    ),
    (
        "given_back",
        {"orders": [a_seen_order(warned(WarningCode.REFUND_NOT_UNDERSTOOD))]},
        "About refund_not_understood.",
    ),
    (
        "same_order_once",
        {"orders": [_linked_elsewhere(total_price=1), _owner(total_price=1)]},
        "is another order of this session once more",
    ),
    (
        "same_order_once",
        {"orders": [a_seen_order(external_id=None, revision=2)]},
        "has no external_id",
    ),
    ("sells_without_us", {"failures": failures(20)}, "failed (503), and no order followed"),
    (
        "request_id_kept",
        {"sessions": [a_seen_session(request_id="mine") for _ in range(2)]},
        "shares X-Request-Id mine with other sessions",
    ),
    (
        "modes_seen",
        {
            "sessions": [
                a_seen_session(offer=replace(session.offer, prices=session.offer.prices[:1]))
                for session in [a_seen_session() for _ in range(20)]
            ]
        },
        "was not offered shippingProtection",
    ),
    (
        "currencies_seen",
        {"sessions": [_hidden(EligibilityReason.CURRENCY_NOT_SUPPORTED, currency=EUR)]},
        "is in EUR, which is not configured",
    ),
    (
        "locales_seen",
        {"sessions": [_hidden(EligibilityReason.LOCALE_NOT_SUPPORTED, locale="fr-FR")]},
        "has the locale fr-FR, which is not configured",
    ),
]

HELD: list[tuple[str, dict[str, Any]]] = [
    ("analysed_again", {"sessions": [a_seen_session(analysis_count=2, carts=2)]}),
    ("new_session_per_order", {"orders": [a_seen_order(), a_seen_order()]}),
    ("analysed_before_order", {"orders": [a_seen_order()]}),
    (
        "delivery_groups",
        {
            "sessions": [
                a_seen_session(),
                a_seen_session(cart=a_cart(delivery_methods=PICKUP)),
            ]
        },
    ),
    (
        "delivery_groups",
        {
            "configuration": a_configuration(modes=["returnCoverage"]),
            "sessions": [a_seen_session(cart=a_cart(delivery_methods=(DeliveryMethod.SHIPPING,)))],
        },
    ),
    ("minor_units", {"sessions": [a_seen_session(), a_seen_session()]}),
    (
        "minor_units",
        {"sessions": [a_seen_session(cart=a_cart(a_line(50), currency=JPY))]},
    ),
    (
        "minor_units",
        {
            "sessions": [
                a_seen_session(cart=a_cart(a_line(50))),
                a_seen_session(),
                a_seen_session(cart=a_cart(a_line(0))),
            ]
        },
    ),
    ("key_on_server", {"keys": [a_key(), a_key(last_used_at=None)]}),
    ("mode_verbatim", {"orders": [a_seen_order()]}),
    ("session_on_order", {"orders": [a_seen_order()]}),
    ("fee_as_quoted", {"orders": [a_seen_order(), a_seen_order(no_acceptance())]}),
    (
        "no_fee_when_hidden",
        {"orders": [a_seen_order(no_acceptance(outcome=AcceptanceOutcome.NOT_SHOWN))]},
    ),
    ("declined_pushed", {"orders": [a_seen_order(no_acceptance())]}),
    ("unpaid_not_active", {"orders": [a_seen_order(status=OrderStatus.PENDING)]}),
    ("given_back", {"orders": [a_seen_order(status=OrderStatus.CANCELLED)]}),
    ("given_back", {"orders": [a_seen_order(document={"refunds": [{}]})]}),
    ("same_order_once", {"orders": [a_seen_order(revision=2)]}),
    (
        "sells_without_us",
        {
            "failures": failures(20, hours_ago=1.5),
            "orders": [
                a_seen_order(),
                a_seen_order(no_acceptance(session=None), received_at=NOON - timedelta(hours=1)),
            ],
        },
    ),
    ("request_id_kept", {"sessions": [a_seen_session(request_id="mine-1")]}),
    ("modes_seen", {"sessions": [a_seen_session()]}),
    ("currencies_seen", {"sessions": [a_seen_session()]}),
    ("locales_seen", {"sessions": [a_seen_session(cart=a_cart(locale="fr-FR"))]}),
    (
        "locales_seen",
        {
            "configuration": a_configuration(locales=["en"]),
            "sessions": [a_seen_session(cart=a_cart(locale="en-GB"))],
        },
    ),
]

NOT_SEEN: list[tuple[str, dict[str, Any], str]] = [
    ("analysed_again", {"sessions": [a_seen_session(has_cart_id=False, has_order=True)]}, ""),
    (
        "delivery_groups",
        {"sessions": [a_seen_session(cart=a_cart(delivery_methods=(DeliveryMethod.SHIPPING,)))]},
        "PICKUP or LOCAL_DELIVERY",
    ),
    ("delivery_groups", {"configuration": None, "sessions": [a_seen_session()]}, ""),
    ("new_session_per_order", {"orders": [a_seen_order()]}, ""),
    ("sells_without_us", {"failures": failures(19)}, ""),
    ("sells_without_us", {"failures": failures(3, hours_ago=0.5)}, ""),
    ("modes_seen", {"sessions": [_hidden(EligibilityReason.EMPTY_CART)]},
     "returnCoverage, shippingProtection"),
    ("modes_seen", {"configuration": None, "sessions": [a_seen_session()]}, ""),
    ("currencies_seen", {"configuration": a_configuration(currencies=["USD"])}, "USD"),
    (
        "locales_seen",
        {"configuration": a_configuration(locales=["de", "en"]),
         "sessions": [a_seen_session(cart=a_cart(locale="de-AT"))]},
        "en",
    ),
]  # fmt: skip


@pytest.mark.parametrize(("code", "traffic", "note"), BROKEN)
def test_a_broken_rule_is_found_with_evidence_and_remedy(
    code: str, traffic: dict[str, Any], note: str
) -> None:
    found = line(code, **traffic)

    assert Standing.BROKEN is found.standing
    assert note in found.evidence[0].note
    assert found.rule.remedy


@pytest.mark.parametrize(("code", "traffic"), HELD)
def test_a_rule_that_the_traffic_keeps_is_held_with_evidence(
    code: str, traffic: dict[str, Any]
) -> None:
    found = line(code, **traffic)

    assert Standing.HELD is found.standing, found
    assert found.evidence


@pytest.mark.parametrize(("code", "traffic", "missing"), NOT_SEEN)
def test_a_rule_without_enough_traffic_is_not_seen_yet(
    code: str, traffic: dict[str, Any], missing: str
) -> None:
    found = line(code, **traffic)

    assert (Standing.NOT_SEEN, missing) == (found.standing, found.missing)


def test_every_rule_is_broken_once_and_held_once_here() -> None:
    codes = {rule.code for rule in RULES}

    assert codes == {code for code, *_ in BROKEN} == {code for code, _ in HELD}


def test_no_rule_is_held_or_broken_without_traffic() -> None:
    standings = {line(rule.code, configuration=None).standing for rule in RULES}

    assert {Standing.NOT_SEEN} == standings


def test_a_key_for_browsers_proves_nothing_about_the_server() -> None:
    key = a_key(origins=frozenset({"https://shop.example"}))

    assert Standing.NOT_SEEN is line("key_on_server", keys=[key]).standing


def test_a_mode_that_nothing_was_quoted_for_is_named() -> None:
    acceptance = an_acceptance(
        modes=(RETURN_COVERAGE,), quote=None, verdict=FeeVerdict.MODE_MISMATCH
    )

    [evidence] = line("mode_verbatim", orders=[a_seen_order(acceptance)]).evidence

    assert evidence.note.endswith("accepts returnCoverage, and nothing was quoted")


def test_a_metadata_entry_that_is_no_text_is_passed_over() -> None:
    document = {"metadata": [{"key": "session_id", "value": 7}], "total": 3}

    assert None is a_seen_order(document=document).external_session
    assert USD == a_seen_order().record.acceptance.charged[0].currency
