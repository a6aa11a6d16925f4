"""Descriptions of the eligibility reasons and what an integrator should do (contract §4)."""

from __future__ import annotations

from orderguard.domain.eligibility_reason import EligibilityReason as Reason

_HIDE = "Hide the offer."

REASONS: dict[Reason, tuple[str, str]] = {
    Reason.CONFIGURATION_MISSING: (
        "The merchant has published no configuration.",
        "Hide the offer. Publish one: `orderguard config publish`.",
    ),
    Reason.ORDER_PROTECTION_DISABLED: (
        "The merchant's configuration says `enabled = false`.",
        "Hide the offer. Publish a configuration that enables it.",
    ),
    Reason.EMPTY_CART: (
        "The cart has no lines.",
        "Hide the offer. Ask again once there is a line.",
    ),
    Reason.CART_ONLY_HAS_COVERAGE_PRODUCTS: (
        "Every line is a coverage product, so there is nothing to protect.",
        _HIDE,
    ),
    Reason.CART_ONLY_HAS_EXCLUDED_PRODUCTS: (
        "Every line that is not a coverage product matches an exclusion.",
        _HIDE,
    ),
    Reason.CART_HAS_EXCLUDED_PRODUCT: (
        "A line matches an exclusion, and the merchant rejects such carts.",
        _HIDE,
    ),
    Reason.B2B_CUSTOMER_EXCLUDED: (
        "`customer.isB2B` is true, and the merchant excludes business customers.",
        _HIDE,
    ),
    Reason.PICKUP_DELIVERY_SELECTED: (
        "A delivery group is `PICKUP` or `LOCAL_DELIVERY`, which leaves no coverage to offer.",
        "Hide the offer. Ask again when another delivery is chosen.",
    ),
    Reason.CURRENCY_NOT_SUPPORTED: (
        "The merchant does not sell coverage in `cart.currencyCode`.",
        _HIDE,
    ),
    Reason.CART_TOTAL_TOO_LOW: (
        "The subtotal is below the merchant's minimum. Exactly on it is enough.",
        "Hide the offer. Ask again when the cart has grown.",
    ),
    Reason.CART_TOO_VALUABLE: (
        "The subtotal is above the merchant's maximum. Exactly on it is still fine.",
        _HIDE,
    ),
    Reason.LOCALE_NOT_SUPPORTED: (
        "The locale that was sent is not among the merchant's locales.",
        _HIDE,
    ),
    Reason.RULE_EVALUATION_ERROR: (
        "A rule of the merchant failed while it was evaluated.",
        "Hide the offer, do not block checkout. The server's log names the rule.",
    ),
    Reason.ELIGIBILITY_RULE_NOT_MET: (
        "A rule of the merchant says no and names no other reason.",
        "Hide the offer. `debug` shows which rule it was.",
    ),
    Reason.AB_TEST_CONTROL_GROUP: (
        "The session is in an experiment's control group, which sees no offer.",
        "Hide the offer. Expected for sessions that consent to experiments.",
    ),
    Reason.SYSTEM_ERROR: (
        "Something unexpected happened while deciding.",
        "Hide the offer, do not block checkout. Ask again when the cart changes.",
    ),
    Reason.ELIGIBLE: (
        "The cart is eligible; `mode` and `chargeInstructions` are there.",
        "Show the offer.",
    ),
}


OF_REASONS = (
    "Why the offer is or is not shown: the first that applies, in this order. "
    "Treat any value but `eligible`, also one you do not know yet, as: hide the offer."
)
