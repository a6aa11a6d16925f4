"""500 orders by each way that we document are covered for what their goods cost.

The oracle knows the cart and nothing of our code: a coverage is worth the totals of those lines
that are neither excluded nor protection, in every mode that was offered. Each way builds its order
as its document does, from the same cart. Commits are not waited for on the disk, which changes no
outcome.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterator
from decimal import Decimal
from random import Random
from typing import Any

import pytest
from sqlalchemy import event

from orderguard.client import keep_offer, restore_offer, unit_price, with_protection
from orderguard.demo.cart_outcomes import CartOutcome
from orderguard.demo.carts import DemoCart
from orderguard.demo.order_outcomes import Story, order_document
from orderguard.domain.ids import ConfigurationVersion, MerchantId
from orderguard.domain.offers.analysis import Analysis
from orderguard.domain.offers.offer import Offer, make_offer
from orderguard.http.wire.cart import analysis_request_from_wire
from orderguard.randomness import new_session_id
from orderguard.running.wiring import now
from orderguard.storage.database import SqlDatabase
from tests.support.builders import a_configuration
from tests.support.databases import new_database_url
from tests.support.order_desk import Desk
from tests.support.recording import a_journal

ORDERS = 500
DECIMALS = {"USD": 2, "EUR": 2, "JPY": 0, "KWD": 3}
SHOP: dict[str, Any] = {
    "currencies": [*DECIMALS],
    "pricing": {
        "returnCoverage": [{"base": dict.fromkeys(DECIMALS, 2_98)}],
        "shippingProtection": [{"rate_bps": 150, "minimum": dict.fromkeys(DECIMALS, 98)}],
    },
    "exclusions": [{"tag": "final-sale"}, {"vendor": "Gifts"}],
    "coverage_products": [{"sku": "COVER"}],
}

Body = dict[str, Any]


def a_random_body(random: Random) -> Body:
    """A request of a shop, with at least one thing that may be covered."""
    lines = [_a_random_line(random, number, kind="goods") for number in range(1)]
    for number in range(1, random.randint(1, 6)):
        kind = random.choice(["goods", "goods", "final sale", "gift", "protection"])
        lines.append(_a_random_line(random, number, kind=kind))
    random.shuffle(lines)
    subtotal = sum(line["totalPrice"] for line in lines)
    cart = {
        "currencyCode": random.choice([*DECIMALS]),
        "lines": lines,
        "subtotalAmount": subtotal,
        "totalDiscountAmount": 0,
        "discountedSubtotalAmount": subtotal,
        "totalTaxAmount": 0,
        "totalAmount": subtotal,
        "itemCount": sum(line["quantity"] for line in lines),
    }
    return {"platform": "custom", "region": "US", "cart": cart}


def _a_random_line(random: Random, number: int, *, kind: str) -> Body:
    total = random.randint(1, 40_000)
    line = {
        "id": f"line-{number}",
        "productId": f"p-{number}",
        "title": f"Thing {number}",
        "sku": "COVER" if kind == "protection" else f"SKU-{number}",
        "quantity": random.choice([1, 1, 2, 3, 7, 11, 1_000]),
        "totalPrice": total,
        "originalTotalPrice": total,
        "tags": ["Final-Sale"] if kind == "final sale" else ["new"],
    }
    return line | ({"vendor": "gifts"} if kind == "gift" else {})


def worth(body: Body) -> int:
    """What may be claimed, from the cart alone."""
    return sum(
        line["totalPrice"]
        for line in body["cart"]["lines"]
        if line["sku"] != "COVER" and line["tags"] == ["new"] and "vendor" not in line
    )


def as_the_guide(external_id: str, body: Body, session: str, offer: Offer) -> Body:
    """`docs/integrate.md`: a text of major units per piece, and the product as in the cart."""
    currency = body["cart"]["currencyCode"]
    places = Decimal(10) ** DECIMALS[currency]
    assert offer.charge is not None
    charged = offer.charge.amount.amount
    return {
        "external_id": external_id,
        "name": f"#{external_id}",
        "taxes_included": True,
        "total_price": {
            "amount": str((body["cart"]["subtotalAmount"] + charged) / places),
            "currency_code": currency,
        },
        "line_items": [
            {
                "external_id": f"90{line['id']}",
                "title": line["title"],
                "quantity": line["quantity"],
                "product": {"external_id": line["productId"]},
                "sku": line["sku"],
                "unit_price": {
                    "amount": f"{line['totalPrice'] / places / line['quantity']:.8f}",
                    "currency_code": currency,
                },
            }
            for line in body["cart"]["lines"]
        ],
        "fees": [
            {
                "name": "Order protection",
                "amount": {"amount": charged, "currency_code": currency},
                "accepted_offer_mode": list(offer.modes),
            }
        ],
        "metadata": [{"key": "session_id", "value": session}],
    }


def as_the_python_client(external_id: str, body: Body, session: str, offer: Offer) -> Body:
    """`docs/python_client.md`: `unit_price` and `with_protection`."""
    cart, charge = body["cart"], offer.charge
    assert charge is not None
    accepted = restore_offer(
        {
            "sessionId": session,
            "mode": list(offer.modes),
            "chargeInstructions": {
                "amount": charge.amount.amount,
                "currencyCode": charge.amount.currency,
                "method": "fee",
            },
        }
    )
    assert accepted is not None
    assert session == keep_offer(accepted)["sessionId"]
    lines = [
        {
            "external_id": line["id"],
            "quantity": line["quantity"],
            "unit_price": unit_price(line["totalPrice"], line["quantity"], cart["currencyCode"]),
            "product": {"external_id": line["productId"]},
        }
        for line in cart["lines"]
    ]
    total = cart["subtotalAmount"] + charge.amount.amount
    order = {
        "external_id": external_id,
        "name": f"#{external_id}",
        "taxes_included": True,
        "total_price": {"amount": total, "currency_code": cart["currencyCode"]},
        "line_items": lines,
    }
    return with_protection(order, accepted)


def as_the_demo(external_id: str, body: Body, session: str, offer: Offer) -> Body:
    """`orderguard demo`: SKUs and the cart's own line ids."""
    assert offer.charge is not None
    outcome = CartOutcome(
        cart=DemoCart("random", body),
        reason=str(offer.reason),
        milliseconds=0,
        request_id="req",
        modes=tuple(offer.modes),
        price=offer.charge.amount,
        session_id=session,
    )
    return order_document(outcome, Story.ACCEPTED) | {"external_id": external_id}


@pytest.fixture(scope="module")
def hurried(tmp_path_factory: pytest.TempPathFactory) -> Iterator[SqlDatabase]:
    """A database that does not wait for the disk."""
    database = SqlDatabase(new_database_url(tmp_path_factory.mktemp("covered")))
    if database.engine.dialect.name == "sqlite":
        event.listen(database.engine, "connect", _do_not_wait)
    yield database
    database.dispose()


def _do_not_wait(connection: Any, _record: object) -> None:
    connection.execute("PRAGMA synchronous = OFF")


async def _record(url: str, analyses: list[Analysis]) -> None:
    journal = a_journal(url)
    journal.start()
    try:
        await asyncio.gather(*(journal.record(each) for each in analyses))
    finally:
        await journal.stop()


def _analysed(body: Body, merchant: MerchantId) -> Analysis:
    at = now()
    cart = analysis_request_from_wire(body, request_id="req")[0].cart
    return Analysis(
        merchant=merchant,
        session=None,
        cart_id=None,
        new_session=new_session_id(at),
        cart=cart,
        offer=make_offer(cart, a_configuration(**SHOP)),
        configuration_version=ConfigurationVersion(1),
        request_id="req",
        at=at,
    )


@pytest.mark.parametrize("write", [as_the_guide, as_the_python_client, as_the_demo])
def test_orders_are_covered_for_what_their_goods_cost(
    hurried: SqlDatabase, write: Callable[[str, Body, str, Offer], Body]
) -> None:
    # Given 500 carts that were offered protection
    random = Random(11)
    desk = Desk(hurried, **SHOP)
    bodies = [a_random_body(random) for _ in range(ORDERS)]
    analyses = [_analysed(body, desk.id) for body in bodies]
    asyncio.run(_record(hurried.url, analyses))

    for number, (body, analysis) in enumerate(zip(bodies, analyses, strict=True)):
        # When the shopper accepts, and the shop pushes the order
        assert analysis.offer.eligible
        order = write(f"{number}", body, analysis.new_session, analysis.offer)
        pushed = desk.push(order, at=now())

        # Then each coverage is worth the goods that the offer was about
        covered = [each.scope.amount.amount for each in pushed.coverages]
        assert [worth(body)] * len(analysis.offer.modes) == covered, order
        assert "exact" == pushed.record.acceptance.verdict
        assert () == pushed.record.acceptance.warnings
