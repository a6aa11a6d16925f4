"""`manage.py orderguard_test`: check the connection step by step, and explain each mistake."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import httpx
from django.conf import settings as django_settings
from django.core.management.base import BaseCommand, CommandError
from django.db import DatabaseError

from orderguard_oscar import checks, conf, server
from orderguard_oscar.cart import PLATFORM
from orderguard_oscar.core.client import Hidden, Offer, exponent, parse_currency
from orderguard_oscar.core.client.analysis import PATH as ANALYZE
from orderguard_oscar.core.client.analysis import read_answer
from orderguard_oscar.core.client.order_push import PATH as ORDERS
from orderguard_oscar.core.domain.errors import Malformed
from orderguard_oscar.models import OfferedBasket
from orderguard_oscar.surcharge import is_payable

SECONDS = 5.0
Step = tuple[bool, str]
NO_OFFERS = {
    "configuration_missing": "this merchant has published no configuration in Orderguard yet",
    "order_protection_disabled": "protection is switched off in Orderguard",
    "currency_not_supported": "the configuration in Orderguard has no prices in this currency",
}


class Command(BaseCommand):
    """Checks the connection. It stores nothing in Orderguard, and makes no order."""

    help = "Say whether this shop is connected to Orderguard, and if not, why."

    def handle(self, *_: Any, **__: Any) -> None:
        """Print each step and its result. Fails when a step fails."""
        is_right = True
        for ok, sentence in _steps():
            self.stdout.write(f"{'ok   ' if ok else 'WRONG'}  {sentence}")
            is_right = is_right and ok
        if not is_right:
            raise CommandError("Orderguard does not work in this shop yet.")


def _steps() -> Iterator[Step]:
    warnings = [warning for check in checks.ALL for warning in check()]
    for warning in warnings:
        # A status that the payments decide is worth saying, and nothing wrong.
        yield warning.id == "orderguard.W006", f"{warning.msg} {warning.hint or ''}".rstrip()
    settings = conf.current()
    if settings is None:
        return
    try:
        yield from _server(settings)
    except httpx.RequestError as error:
        yield False, f"{settings.url} does not answer: {error}"
    yield from _waiting()


def _server(settings: conf.Settings) -> Iterator[Step]:
    ready = server.send(settings, "GET", "/readyz", seconds=SECONDS)
    if ready.status_code != 200:
        yield False, f"{settings.url}/readyz answers {ready.status_code}; is this Orderguard?"
        return
    yield True, "The server answers."
    yield _cart_key(settings)
    yield _orders_key(settings)


def _cart_key(settings: conf.Settings) -> Step:
    currency = str(getattr(django_settings, "OSCAR_DEFAULT_CURRENCY", "GBP"))
    try:
        body = _sample(settings, currency)
    except Malformed:
        return False, f"Orderguard cannot count in {currency}, the currency of this shop."
    answer = server.send(
        settings, "POST", ANALYZE, key=settings.key,
        content=json.dumps(body).encode(), seconds=SECONDS,
    )  # fmt: skip
    if answer.status_code != 200:
        return False, f"ORDERGUARD_KEY: {_said(answer)}"
    read = read_answer(200, answer.content, currency)
    if isinstance(read, Offer):
        return _offered(read)
    if not read.decided:
        return False, "The answer to a sample basket cannot be read; is this Orderguard?"
    return _not_offered(read)


def _offered(offer: Offer) -> Step:
    if not is_payable(offer):
        return False, f"{offer.charge.amount} has more decimals than this shop's orders keep."
    return True, f"ORDERGUARD_KEY works; a sample basket is offered for {offer.charge.amount}."


def _not_offered(hidden: Hidden) -> Step:
    if hidden.reason in NO_OFFERS:
        return False, f"ORDERGUARD_KEY works, but {NO_OFFERS[hidden.reason]}."
    return True, f"ORDERGUARD_KEY works; the sample basket gets no offer ({hidden.reason})."


def _orders_key(settings: conf.Settings) -> Step:
    path = f"{ORDERS}?limit=1"
    answer = server.send(settings, "GET", path, key=settings.orders_key, seconds=SECONDS)
    if answer.status_code == 200:
        return True, "ORDERGUARD_ORDERS_KEY works."
    swapped = server.send(settings, "GET", path, key=settings.key, seconds=SECONDS)
    if swapped.status_code == 200 and settings.key != settings.orders_key:
        return False, "The two keys are swapped: ORDERGUARD_KEY is the one for orders."
    return False, f"ORDERGUARD_ORDERS_KEY: {_said(answer)}"


def _sample(settings: conf.Settings, currency: str) -> dict[str, Any]:
    """One piece for 50 whole units of the currency."""
    amount = 50 * 10 ** exponent(parse_currency(currency))
    line = {
        "id": "test",
        "productId": "test",
        "title": "Test",
        "quantity": 1,
        "totalPrice": amount,
        "originalTotalPrice": amount,
        "requiresShipping": True,
    }
    return {
        "platform": PLATFORM,
        "region": {"country": settings.country or "US"},
        "cartId": "oscar-test",
        "offerOrigin": "connection_test",
        "deliveryGroups": [{"deliveryMethod": "SHIPPING"}],
        "cart": {
            "currencyCode": currency,
            "lines": [line],
            "subtotalAmount": amount,
            "totalDiscountAmount": 0,
            "discountedSubtotalAmount": amount,
            "totalTaxAmount": 0,
            "totalAmount": amount,
            "itemCount": 1,
        },
    }


def _said(answer: httpx.Response) -> str:
    try:
        error = answer.json().get("error", {})
        message = str(error.get("message", ""))
    except (ValueError, AttributeError):
        message = ""
    return f"{answer.status_code} {message}".strip()


def _waiting() -> Iterator[Step]:
    try:
        waiting = OfferedBasket.objects.filter(is_due=True).count()
        refused = list(OfferedBasket.objects.exclude(refused="").order_by("-pk")[:5])
    except DatabaseError:
        yield False, "The table is missing. Run: manage.py migrate orderguard_oscar"
        return
    yield True, f"{waiting} orders wait to be reported."
    for row in refused:
        yield False, f"Order {row}: {row.refused}"
