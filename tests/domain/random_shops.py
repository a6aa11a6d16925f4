"""Random carts and configuration documents, as wild as the wire and the console admit."""

from __future__ import annotations

from typing import Any

from hypothesis import strategies as st

from orderguard.domain.cart import Cart, Customer, DeliveryMethod
from orderguard.domain.configuration.configuration import MerchantConfiguration
from orderguard.domain.configuration.experiment import Arm
from orderguard.domain.money import EUR, JPY, KWD, USD
from orderguard.domain.region import Region
from tests.support.builders import a_cart, a_configuration, a_line

CURRENCIES = [USD, EUR, JPY, KWD]
AMOUNTS = st.one_of(st.integers(0, 1_000_00), st.integers(0, 10**12))
PHRASES = st.sampled_from(["always", "never", "costly", "in control", "fails"])
RARELY_HOLDING = st.sampled_from(["never", "never", "costly", "in control", "fails"])

LINES = st.builds(
    a_line,
    AMOUNTS,
    quantity=st.integers(1, 20),
    sku=st.sampled_from([None, None, None, "LAMP-7", "GC-25", "FEE"]),
)

CARTS: st.SearchStrategy[Cart] = st.builds(
    lambda lines, subtotal, discounted, **changes: a_cart(
        *lines, subtotal_amount=subtotal, discounted_subtotal_amount=discounted, **changes
    ),
    st.lists(LINES, min_size=1, max_size=4),
    AMOUNTS,
    AMOUNTS,
    total_amount=AMOUNTS,
    total_tax_amount=AMOUNTS,
    currency=st.sampled_from(CURRENCIES),
    region=st.sampled_from([Region("US", "OH"), Region("DE")]),
    locale=st.sampled_from([None, "en-GB", "de"]),
    customer=st.builds(Customer, is_b2b=st.booleans()),
    delivery_methods=st.lists(st.sampled_from(DeliveryMethod), max_size=2).map(tuple),
)

FEES = st.integers(0, 50_00)
IN_ALL = st.fixed_dictionaries({str(code): FEES for code in CURRENCIES})
BY_CURRENCY = st.one_of(IN_ALL, IN_ALL, IN_ALL, st.fixed_dictionaries({"USD": FEES}))
RATES = st.integers(0, 10_000)


def _tiers(bounds: set[int], steps: list[dict[str, int]]) -> list[dict[str, int]]:
    limits: list[dict[str, int]] = [{"up_to": bound} for bound in sorted(bounds)]
    return [limit | step for limit, step in zip([*limits, {}], steps, strict=False)]


TIERS = st.builds(
    _tiers,
    st.sets(st.integers(0, 1_000_00), max_size=3),
    st.lists(
        st.one_of(st.builds(lambda a: {"amount": a}, FEES), st.builds(lambda r: {"rate_bps": r}, RATES)),  # noqa: E501
        min_size=4,
        max_size=4,
    ),
)  # fmt: skip

SHARES: st.SearchStrategy[dict[str, Any]] = st.one_of(
    st.just({}),
    st.fixed_dictionaries({"rate_bps": RATES}),
    st.fixed_dictionaries(
        {"tiers": st.fixed_dictionaries({str(code): TIERS for code in CURRENCIES})}
    ),
    st.fixed_dictionaries({"per_item": BY_CURRENCY}),
)

ROUNDINGS = st.one_of(
    st.fixed_dictionaries(
        {"direction": st.sampled_from(["half_up", "half_even", "up", "down"])},
        optional={"step": st.fixed_dictionaries({"USD": st.integers(1, 5_00)})},
    ),
    st.fixed_dictionaries({"ending": BY_CURRENCY}),
)


def _plan(base: dict[str, int], share: dict[str, Any], rest: dict[str, Any]) -> dict[str, Any]:
    plan = {"base": base} | share | rest
    low, high = plan.get("minimum", {}), plan.get("maximum", {})
    if high:
        plan["maximum"] = {code: high[code] + low.get(code, 0) for code in high}
    return plan


PLANS = st.builds(
    _plan,
    BY_CURRENCY,
    SHARES,
    st.fixed_dictionaries(
        {},
        optional={
            "when": PHRASES,
            "minimum": BY_CURRENCY,
            "maximum": BY_CURRENCY,
            "rounding": ROUNDINGS,
        },
    ),
)

DOCUMENTS: st.SearchStrategy[dict[str, Any]] = st.fixed_dictionaries(
    {
        "modes": st.sampled_from(
            [["returnCoverage", "shippingProtection"], ["returnCoverage"], ["shippingProtection"]]
        ),
        "currencies": st.just([str(code) for code in CURRENCIES]),
        "exclusions": st.sampled_from([[], [{"sku": "GC-*"}]]),
        "coverage_products": st.just([{"sku": "FEE"}]),
        "rules": st.lists(RARELY_HOLDING, max_size=1).map(
            lambda phrases: [{"name": phrase, "reject_when": phrase} for phrase in phrases]
        ),
        "pricing": st.fixed_dictionaries(
            {
                "returnCoverage": st.lists(PLANS, min_size=1, max_size=2),
                "shippingProtection": st.lists(PLANS, min_size=1, max_size=2),
            }
        ),
    }
)

CONFIGURATIONS: st.SearchStrategy[MerchantConfiguration] = st.builds(
    lambda document: a_configuration(**document), DOCUMENTS
)
ARMS = st.sampled_from([None, Arm("control", 1), Arm("offered", 1), Arm("held back", 1, True)])
