"""Rules of the integration check that are judged by analyses and by their API keys."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Collection, Iterable

from orderguard.domain.cart import Cart
from orderguard.domain.configuration.configuration import MerchantConfiguration
from orderguard.domain.coverage_mode import SHIPPING_PROTECTION
from orderguard.domain.eligibility_reason import EligibilityReason
from orderguard.domain.integration.judgement import Evidence, Judgement, by_key, by_session
from orderguard.domain.integration.traffic import SeenSession, Traffic
from orderguard.domain.locale import locale_matches
from orderguard.domain.money import exponent

TO_JUDGE_BY = 3
"""Sessions without any id and without a second analysis, before that is called a mistake."""

OFFERS_TO_JUDGE_BY = 20
"""Offers, before a mode that none of them had is called a mistake."""

_OUR_REQUEST_ID = re.compile(r"req_[0-9A-Za-z]{20}")


def analysed_again(traffic: Traffic) -> Judgement:
    """Judge the rule: a cart that changes is analysed again under the same id."""
    changed = [each for each in traffic.sessions if each.carts > 1]
    single = [
        each
        for each in traffic.sessions
        if each.analysis_count == 1 and not each.has_cart_id and not each.has_order
    ]
    broken = [
        by_session(each, "has its id only inside cart, where it is not read as cartId")
        for each in single
        if each.cart.id is not None
    ]
    again = any(each.analysis_count > 1 for each in traffic.sessions)
    if not broken and not again and len(single) >= TO_JUDGE_BY:
        broken = [by_session(each, "came with neither cartId nor sessionId") for each in single]
    held = [by_session(each, f"{each.analysis_count} analyses of a cart") for each in changed]
    return Judgement(held, broken)


def delivery_groups(traffic: Traffic) -> Judgement:
    """Judge the rule: carts carry `deliveryGroups`, including those for pickup."""
    sent = [each for each in traffic.sessions if each.cart.delivery_methods]
    held = [
        by_session(each, " and ".join(dict.fromkeys(each.cart.delivery_methods))) for each in sent
    ]
    if not _configures_shipping(traffic.configuration):
        return Judgement(held)
    if not sent:
        broken = [by_session(each, "came without deliveryGroups") for each in traffic.sessions]
        return Judgement(broken=broken)
    if any(each.cart.is_not_shipped_by_carrier for each in sent):
        return Judgement(held)
    return Judgement(held, missing="PICKUP or LOCAL_DELIVERY")


def _configures_shipping(configuration: MerchantConfiguration | None) -> bool:
    return configuration is not None and SHIPPING_PROTECTION in configuration.modes


def minor_units(traffic: Traffic) -> Judgement:
    """Judge the rule: amounts are whole minor units."""
    held: list[Evidence] = []
    broken: list[Evidence] = []
    cheap = [each for each in traffic.sessions if has_whole_major_units(each.cart)]
    priced = [each for each in traffic.sessions if each.cart.subtotal_amount]
    # A shop may sell stickers; a shop that sells nothing else is rarer than a forgotten factor.
    if 2 * len(cheap) > len(priced):
        note = "costs less than one {0} per piece: {1} was probably meant as {1}.00 {0}"
        broken = [
            by_session(each, note.format(each.cart.currency, each.cart.subtotal_amount))
            for each in cheap
        ]
    for each in priced:
        if is_hundredfold_apart(each.cart):
            lines = sum(line.total_price for line in each.cart.lines)
            note = f"lines come to {lines}, and subtotalAmount is {each.cart.subtotal_amount}"
            broken.append(by_session(each, note))
        elif not has_whole_major_units(each.cart):
            subtotal = f"{each.cart.subtotal_amount} minor units of {each.cart.currency}"
            held.append(by_session(each, f"subtotal of {subtotal}"))
    return Judgement(held, broken)


def has_whole_major_units(cart: Cart) -> bool:
    """Whether every piece costs less than one major unit: 50.00 was probably sent as 50."""
    one = 10 ** exponent(cart.currency)
    prices = [(line.total_price, line.quantity) for line in cart.lines if line.total_price]
    return one > 1 and bool(prices) and all(total < one * pieces for total, pieces in prices)


def is_hundredfold_apart(cart: Cart) -> bool:
    """Whether lines and subtotal differ by exactly the factor of the currency's decimals."""
    one = 10 ** exponent(cart.currency)
    lines, subtotal = sum(line.total_price for line in cart.lines), cart.subtotal_amount
    is_apart = subtotal == lines * one or lines == subtotal * one
    return one > 1 and lines > 0 and subtotal > 0 and is_apart


def key_on_server(traffic: Traffic) -> Judgement:
    """Judge the rule: the server's API key is never sent by a browser."""
    broken = [
        by_key(key, key.seen_in_browser_at, "was sent by a browser, with an Origin")
        for key in traffic.keys
        if key.seen_in_browser_at
    ]
    held = [
        by_key(key, key.last_used_at, "was used, and never by a browser")
        for key in traffic.keys
        if key.last_used_at and not key.seen_in_browser_at and not key.origins
    ]
    return Judgement(held, broken)


def request_id_kept(traffic: Traffic) -> Judgement:
    """Judge the rule: `X-Request-Id` is sent, and differs between requests."""
    own = [each for each in traffic.sessions if not _OUR_REQUEST_ID.fullmatch(each.request_id)]
    times = Counter(each.request_id for each in own)
    broken = [
        by_session(each, f"shares X-Request-Id {each.request_id[:60]} with other sessions")
        for each in own
        if times[each.request_id] > 1
    ]
    return Judgement(
        [by_session(each, f"X-Request-Id {each.request_id[:60]}") for each in own], broken
    )


def modes_seen(traffic: Traffic) -> Judgement:
    """Judge the rule: every configured coverage mode was offered at least once."""
    offers = [each for each in traffic.sessions if each.offer.eligible]
    wanted = traffic.configuration.modes if traffic.configuration else ()
    held, missing = _first_of_each(offers, lambda each: each.offer.modes, wanted)
    never = ", ".join(missing)
    if missing and len(offers) >= OFFERS_TO_JUDGE_BY:
        return Judgement(broken=[by_session(each, f"was not offered {never}") for each in offers])
    return Judgement(held, missing=never)


def currencies_seen(traffic: Traffic) -> Judgement:
    """Judge the rule: every configured currency was used at least once, and no other."""
    wanted = traffic.configuration.currencies if traffic.configuration else ()
    held, missing = _first_of_each(traffic.sessions, lambda each: (each.cart.currency,), wanted)
    broken = [
        by_session(each, f"is in {each.cart.currency}, which is not configured")
        for each in traffic.sessions
        if each.offer.reason is EligibilityReason.CURRENCY_NOT_SUPPORTED
    ]
    return Judgement(held, broken, ", ".join(missing))


def locales_seen(traffic: Traffic) -> Judgement:
    """Judge the rule: every configured locale was used at least once, and no other."""
    wanted = traffic.configuration.locales if traffic.configuration else ()
    sent = [each for each in traffic.sessions if each.cart.locale]
    broken = [
        by_session(each, f"has the locale {each.cart.locale}, which is not configured")
        for each in sent
        if each.offer.reason is EligibilityReason.LOCALE_NOT_SUPPORTED
    ]
    if not wanted:
        return Judgement([by_session(each, f"locale {each.cart.locale}") for each in sent], broken)
    held, missing = _first_of_each(
        sent,
        lambda each: [known for known in wanted if locale_matches(known, each.cart.locale or "")],
        wanted,
    )
    return Judgement(held, broken, ", ".join(missing))


def _first_of_each(
    sessions: Iterable[SeenSession],
    values: Callable[[SeenSession], Iterable[str]],
    wanted: Collection[str],
) -> tuple[list[Evidence], list[str]]:
    """Evidence for each wanted value, and the wanted values without any."""
    found: dict[str, SeenSession] = {}
    for session in sessions:
        for value in values(session):
            found.setdefault(value, session)
    held = [by_session(found[value], value) for value in wanted if value in found]
    return held, [value for value in wanted if value not in found]
