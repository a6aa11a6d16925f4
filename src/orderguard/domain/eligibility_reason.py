"""Why the offer is or is not shown, in order of precedence (contract §4)."""

from __future__ import annotations

from enum import StrEnum


class EligibilityReason(StrEnum):
    """A reason on the wire. Declared in order of precedence: the first that applies is given."""

    CONFIGURATION_MISSING = "configuration_missing"
    ORDER_PROTECTION_DISABLED = "order_protection_disabled"
    EMPTY_CART = "empty_cart"
    CART_ONLY_HAS_COVERAGE_PRODUCTS = "cart_only_has_coverage_products"
    CART_ONLY_HAS_EXCLUDED_PRODUCTS = "cart_only_has_excluded_products"
    CART_HAS_EXCLUDED_PRODUCT = "cart_has_excluded_product"
    B2B_CUSTOMER_EXCLUDED = "b2b_customer_excluded"
    PICKUP_DELIVERY_SELECTED = "pickup_delivery_selected"
    CURRENCY_NOT_SUPPORTED = "currency_not_supported"
    CART_TOTAL_TOO_LOW = "cart_total_too_low"
    CART_TOO_VALUABLE = "cart_too_valuable"
    LOCALE_NOT_SUPPORTED = "locale_not_supported"
    RULE_EVALUATION_ERROR = "rule_evaluation_error"
    ELIGIBILITY_RULE_NOT_MET = "eligibility_rule_not_met"
    AB_TEST_CONTROL_GROUP = "ab_test_affects_attachment_rate_control_group"
    SYSTEM_ERROR = "system_error"
    ELIGIBLE = "eligible"


REASONS_A_RULE_MAY_GIVE = (
    EligibilityReason.CART_HAS_EXCLUDED_PRODUCT,
    EligibilityReason.B2B_CUSTOMER_EXCLUDED,
    EligibilityReason.PICKUP_DELIVERY_SELECTED,
    EligibilityReason.CURRENCY_NOT_SUPPORTED,
    EligibilityReason.CART_TOTAL_TOO_LOW,
    EligibilityReason.CART_TOO_VALUABLE,
    EligibilityReason.LOCALE_NOT_SUPPORTED,
    EligibilityReason.ELIGIBILITY_RULE_NOT_MET,
)
"""What a merchant's rule can truthfully claim; the others tell of the system, or of no rule."""
