"""The operator of the app names the Orderguard servers that merchants may enter."""

from __future__ import annotations

from tests.connectors.bigcommerce.owner import Owner
from tests.connectors.bigcommerce.shopper import Shopper
from tests.connectors.bigcommerce.site import Site
from tests.connectors.woocommerce.merchant import Merchant


def test_no_request_is_sent_to_an_address_that_the_operator_did_not_name(
    site: Site, owner: Owner, shopper: Shopper, merchant: Merchant
) -> None:
    site.control("servers", "https://orderguard.example")
    merchant.front.door.received.clear()

    owner.enters("save")
    saved = owner.steps[-1]
    owner.enters("test")
    shopper.add("lamp")
    shopper.see()
    shopper.place()
    owner.deliver()

    refusal = (
        f"{merchant.front.url} is not a server of this app's operator. "
        "Enter https://orderguard.example."
    )
    assert [(False, refusal)] * 2 == [saved, owner.steps[-1]]
    assert [] == merchant.front.door.received
    assert (55_00, 0) == (shopper.total, merchant.billed())


def test_an_address_that_the_operator_named_is_used(
    site: Site, owner: Owner, shopper: Shopper, merchant: Merchant
) -> None:
    site.control("servers", "https://orderguard.example", merchant.front.url)

    owner.enters("test")
    shopper.add("lamp")
    shopper.see()
    shopper.tick()
    order = shopper.place()
    owner.deliver()

    assert [True] * 5 == [ok for ok, _ in owner.steps]
    books = merchant.books(order.id)
    assert books
    assert {"returnCoverage": 50_00, "shippingProtection": 50_00} == books.covered
    assert (59_98, 4_98) == (shopper.total, merchant.billed())
