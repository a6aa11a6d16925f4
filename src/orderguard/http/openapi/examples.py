"""Pairs of example requests and responses; tests send the one and compare the other."""

from __future__ import annotations

from typing import Any

from orderguard.http.openapi.vocabulary import Example

SESSION_ID = "lop_a1b2c3d4e5f6g7h8i9j0"

_COMPLETE: dict[str, Any] = {
    "platform": "woocommerce",
    "region": {"country": "US", "subdivision": "OH"},
    "cartId": "cart-10293",
    "customer": {"isB2B": False, "groups": ["newsletter"]},
    "locale": "en-US",
    "deliveryGroups": [{"deliveryMethod": "SHIPPING"}],
    "experimentationConsent": False,
    "offerOrigin": "checkout",
    "mountTarget": "order_summary",
    "cartExperience": "widget",
    "cart": {
        "id": "wc-10293",
        "currencyCode": "USD",
        "lines": [
            {
                "id": "line-1",
                "productId": "p-100",
                "variantId": "p-100-brass",
                "sku": "LAMP-BRASS",
                "title": "Floor lamp, brass",
                "quantity": 1,
                "unitPrice": 8900,
                "originalTotalPrice": 8900,
                "totalPrice": 7900,
                "productType": "Lighting",
                "vendor": "Northlight",
                "tags": ["new"],
                "collections": ["living-room"],
                "requiresShipping": True,
            },
            {
                "id": "line-2",
                "productId": "p-200",
                "title": "Light bulb, warm white",
                "quantity": 2,
                "unitPrice": 600,
                "originalTotalPrice": 1200,
                "totalPrice": 1200,
            },
        ],
        "subtotalAmount": 9100,
        "totalDiscountAmount": 0,
        "discountedSubtotalAmount": 9100,
        "totalTaxAmount": 683,
        "totalAmount": 9783,
        "itemCount": 3,
    },
}

_SHORTEST: dict[str, Any] = {
    "platform": "custom",
    "region": "US",
    "cart": {
        "currencyCode": "USD",
        "lines": [
            {
                "id": "1",
                "productId": "p-100",
                "title": "Floor lamp",
                "quantity": 1,
                "originalTotalPrice": 7900,
                "totalPrice": 7900,
            }
        ],
        "subtotalAmount": 7900,
        "totalDiscountAmount": 0,
        "discountedSubtotalAmount": 7900,
        "totalTaxAmount": 0,
        "totalAmount": 7900,
        "itemCount": 1,
    },
}

_TOO_SMALL: dict[str, Any] = _SHORTEST | {
    "cart": _SHORTEST["cart"]
    | {
        "lines": [
            {
                "id": 1,
                "productId": 4711,
                "title": "Light bulb",
                "quantity": 1,
                "originalTotalPrice": {"amount": "600", "currencyCode": "USD"},
                "totalPrice": {"amount": "600", "currencyCode": "USD"},
            }
        ],
        "subtotalAmount": 600,
        "discountedSubtotalAmount": 600,
        "totalAmount": 600,
    }
}

ANALYZE_REQUESTS = {
    "complete": Example("A complete request", _COMPLETE),
    "shortest": Example("The shortest one", _SHORTEST),
    "tolerated": Example(
        "A small cart, with integer ids and amounts as objects of digits", _TOO_SMALL
    ),
}

_PRICES = [
    {
        "mode": "returnCoverage",
        "amount": 250,
        "currencyCode": "USD",
        "components": [{"type": "base", "amount": 250}],
    },
    {
        "mode": "shippingProtection",
        "amount": 200,
        "currencyCode": "USD",
        "components": [{"type": "base", "amount": 200}],
    },
]
_ELIGIBLE: dict[str, Any] = {
    "sessionId": SESSION_ID,
    "eligible": True,
    "reason": "eligible",
    "mode": ["returnCoverage", "shippingProtection"],
    "chargeInstructions": {"amount": 450, "currencyCode": "USD", "method": "fee"},
    "metadata": {"priceBreakdown": _PRICES, "analysisCount": 1, "experimentCohort": None},
}
_INELIGIBLE: dict[str, Any] = {
    "sessionId": SESSION_ID,
    "eligible": False,
    "reason": "cart_total_too_low",
    "chargeInstructions": None,
    "metadata": {"priceBreakdown": [], "analysisCount": 1, "experimentCohort": None},
}
_CREATED = {"sessionCreated": True}
_TIMES = {"createdAt": "2026-04-23T13:25:00+00:00", "updatedAt": "2026-04-23T13:25:00+00:00"}

ANALYZED = {
    "eligible": Example(
        "Eligible: show the offer",
        _ELIGIBLE | {"metadata": _ELIGIBLE["metadata"] | _CREATED},
    ),
    "ineligible": Example(
        "Ineligible: hide the offer",
        _INELIGIBLE | {"metadata": _INELIGIBLE["metadata"] | _CREATED},
    ),
}
SHOWN = {
    "eligible": Example("A session whose cart is eligible", _ELIGIBLE | _TIMES),
    "ineligible": Example("A session whose cart is not", _INELIGIBLE | _TIMES),
}
