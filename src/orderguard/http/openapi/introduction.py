"""The introductory text of the OpenAPI document."""

from __future__ import annotations

TAGS = {
    "Offers": "Is this cart offered protection, and for how much?",
    "Orders": "What shops push after the checkout. From the order alone it is recognised whether "
    "the shopper accepted, what is covered, and what the merchant owes.",
    "Coverages": "What the shop has to honour, until when, and why it ended.",
    "Admin": "What the console shows and changes, for programs. Its keys carry the scope `admin`.",
    "Operations": "For those who run the server, and for readers of its description.",
}

INTRODUCTION = """\
Orderguard decides at checkout whether an order is offered protection against returns and \
shipping trouble, in which modes and at what price. It speaks the Checkout+ API: an integration \
written for Checkout+ changes its base URL and its key.

Send the cart to `POST /v1/analyze` whenever it changes. If `eligible` is true, show the offer \
at `chargeInstructions.amount` and describe what `mode` lists. If the shopper accepts, charge \
that fee and put the `sessionId` and the modes, unchanged, on the order. In every other case, \
errors and timeouts included, hide the offer and let the checkout go on.

After the checkout, push the order to `PUT /api/v1/orders`, with a key of the scope `orders`. \
The answer says what was recognised, and what the shop has to honour.

Amounts are whole minor units: `450` is $4.50, and ¥450. On an order that is so for integers; a \
string is major units, `"4.50"`. New members may be added to answers at any time; ignore what you \
do not know. `/v1` and `/storefront/v1` are the same; the order routes exist under `/api/v1` and \
under dated versions.

Orderguard is compatible with Loop's Checkout+, and not affiliated to it."""

SECURITY_SCHEMES = {
    "XAuthorization": {
        "type": "apiKey",
        "in": "header",
        "name": "X-Authorization",
        "description": "The API key, as issued by `orderguard keys issue`, with or without "
        "`Bearer` before it. Offers need the scope "
        "`cart`, orders and coverages the scope `orders`, the admin API the scope `admin`. A "
        "key that a browser can see should carry `cart` only, and an origin allow-list.",
    },
    "Bearer": {
        "type": "http",
        "scheme": "bearer",
        "description": "The same key as `Authorization: Bearer …`, for clients that prefer it.",
    },
}
