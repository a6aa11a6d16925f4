"""Analyse a cart, push the order, read its coverages: with the client of openapi-python-client.

`python flow.py URL KEY` prints what they come to, as JSON.
"""

import json
import sys

from orderguard_client import AuthenticatedClient
from orderguard_client.api.coverages import list_coverages
from orderguard_client.api.offers import analyze_cart
from orderguard_client.api.orders import create_order
from orderguard_client.models import (
    AnalyzeRequest,
    CoveragesResponse,
    Fee,
    MetadataEntry,
    OfferResponse,
    OrderLine,
    OrderMoney,
    OrderRequest,
    OrderResponse,
)
from orderguard_client.models.cart import Cart
from orderguard_client.models.cart_line import CartLine

url, key = sys.argv[1:]
client = AuthenticatedClient(url, token=key, prefix="", auth_header_name="X-Authorization")
lamp = CartLine(
    id="line-1",
    product_id="p-1",
    title="Lamp",
    quantity=2,
    total_price=50_00,
    original_total_price=50_00,
)
cart = Cart(
    lines=[lamp],
    currency_code="USD",
    subtotal_amount=50_00,
    total_discount_amount=0,
    discounted_subtotal_amount=50_00,
    total_tax_amount=0,
    total_amount=50_00,
    item_count=2,
)

offer = analyze_cart.sync(
    client=client, body=AnalyzeRequest(platform="custom", region="US", cart=cart)
)
assert isinstance(offer, OfferResponse), offer
assert offer.charge_instructions, offer
assert offer.mode, offer
charged = offer.charge_instructions.amount

pushed = create_order.sync(
    client=client,
    body=OrderRequest(
        external_id="generated-python",
        name="#1",
        status="active",
        taxes_included=False,
        total_price=OrderMoney(amount=50_00 + charged, currency_code="USD"),
        line_items=[
            OrderLine(
                external_id="line-1",
                title="Lamp",
                quantity=2,
                unit_price=OrderMoney(amount=25_00, currency_code="USD"),
            )
        ],
        fees=[
            Fee(
                name="Order protection",
                amount=OrderMoney(amount=charged, currency_code="USD"),
                accepted_offer_mode=offer.mode,
            )
        ],
        metadata=[MetadataEntry(key="session_id", value=offer.session_id)],
    ),
)
assert isinstance(pushed, OrderResponse), pushed

found = list_coverages.sync(client=client, order_id=int(pushed.order.id))
assert isinstance(found, CoveragesResponse), found
covered = {each.mode.value: each.amount.amount for each in found.coverages}
print(json.dumps({"charged": charged, "covered": covered}))
