"""Typical mistakes of integrations, each answered with its remedy at once (contract §3, §7, §9).

Mistakes that are refused say what to do; legal ones are hints for a sandbox, or warnings of an
order. Every case ends at the money: what was charged, covered and earned.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any, get_args

import httpx
import pytest

from orderguard.domain.offers.hints import HintCode
from orderguard.http.wire.refusal import Code
from tests.support.order_desk import (
    OrderShop,
    accepted_order,
    amounts,
    billed,
    codes,
    of_session,
    usd,
    wire_fee,
    wire_item,
    wire_order,
)
from tests.support.shop import NOTHING_STORED, RunningServer, Shop
from tests.support.wire import wire_line, wire_request

ONLY_SHIPPING: dict[str, Any] = {
    "modes": ["shippingProtection"],
    "pricing": {"shippingProtection": [{"base": {"USD": 3_29}}]},
}
SHIPPED = [{"deliveryMethod": "SHIPPING"}]
OFFER, ORDERS = "/v1/analyze", "/api/v1/orders"


@pytest.fixture
def sandbox(running_server: RunningServer) -> Shop:
    """A sandbox merchant who offers both modes in USD: 2.98 and 2.00."""
    return running_server.a_shop(is_sandbox=True)


@pytest.fixture
def desk(sandbox: Shop) -> OrderShop:
    """The backend of the sandbox merchant."""
    return OrderShop(sandbox)


def sound(**changes: Any) -> dict[str, Any]:
    """A request without any mistake."""
    return wire_request(**({"cartId": "c-1", "deliveryGroups": SHIPPED} | changes))


def hints(answer: httpx.Response) -> dict[str, str]:
    """The messages of the hints, by code."""
    assert 200 == answer.status_code, answer.text
    return {each["code"]: each["message"] for each in answer.json()["metadata"].get("hints", [])}


def warned(order: dict[str, Any], code: str) -> str:
    """The message of a warning that the order must have."""
    return next(each["message"] for each in order["warnings"] if each["code"] == code)


def earned(desk: OrderShop) -> int:
    return sum(billed(desk.shop.running.database, desk.id).values())


def test_a_sound_request_gets_no_hint(sandbox: Shop) -> None:
    answer = sandbox.post(sound())

    assert {} == hints(answer)
    assert 4_98 == answer.json()["chargeInstructions"]["amount"]


@pytest.mark.parametrize("path", [OFFER, ORDERS])
@pytest.mark.parametrize(
    ("header", "value", "remedy"),
    [
        ("X-API-Key", "{key}", "It came in x-api-key"),
        ("Authorization", "{key}", "needs Bearer and a space"),
        ("Authorization", "Token {key}", "needs Bearer and a space"),
        ("X-Loop-Key", "none", "Send your API key in the X-Authorization header."),
    ],
)
def test_a_key_in_a_wrong_header(
    desk: OrderShop, path: str, header: str, value: str, remedy: str
) -> None:
    client = desk.shop.running.client()

    answer = client.post(path, json={}, headers={header: value.format(key=desk.key)})

    error = answer.json()["error"]
    assert 401 == answer.status_code
    assert remedy.lower() in error.get("hint", error["message"]).lower()
    assert desk.key not in answer.text


def test_bearer_in_x_authorization_is_read_and_told(sandbox: Shop) -> None:
    answer = sandbox.http.post(
        OFFER, json=sound(), headers={"X-Authorization": f"Bearer {sandbox.key}"}
    )

    assert ["key_with_bearer"] == list(hints(answer))
    assert 4_98 == answer.json()["chargeInstructions"]["amount"]


def test_a_key_without_the_scope_on_both_apis(desk: OrderShop) -> None:
    keys = {"cart": desk.shop.issue_key("cart").text, "orders": desk.shop.issue_key("orders").text}
    refusals = [
        desk.http.put(ORDERS, json=wire_order(), headers={"X-Authorization": keys["cart"]}),
        desk.http.post(OFFER, json=sound(), headers={"X-Authorization": keys["orders"]}),
    ]
    orders, offer = (each.json() for each in refusals)

    assert [401, 401] == [each.status_code for each in refusals]
    assert "Unauthorized." == orders["error"]["message"]
    assert "the orders scope; it has cart." in orders["error"]["hint"]
    assert "--scope orders" in orders["error"]["hint"]
    assert "the cart scope; it has orders." in offer["error"]["message"]
    assert NOTHING_STORED == desk.shop.row_counts()


def test_whole_dollars(sandbox: Shop) -> None:
    dollars = wire_request(
        wire_line(50), cart={"subtotalAmount": 50}, cartId="c", deliveryGroups=SHIPPED
    )
    apart = sound(cart=wire_request(wire_line(50))["cart"])
    fractions = sandbox.post(sound(cart=wire_request(cart={"subtotalAmount": 19.99})["cart"]))

    small = hints(sandbox.post(dollars))["subtotal_in_major_units"]
    assert "50 is read as 0.50 USD" in small
    assert "send 5000" in small
    assert ["lines_and_subtotal_apart"] == list(hints(sandbox.post(apart)))
    assert 400 == fractions.status_code
    assert "1999 for 19.99" in fractions.json()["error"]["message"]


def test_a_cart_below_the_minimum_that_is_within_it_in_minor_units(
    running_server: RunningServer,
) -> None:
    limits = {"USD": {"subtotal_minimum": 50_00, "subtotal_maximum": 5000_00}}
    sandbox = running_server.a_shop(is_sandbox=True, limits=limits)
    cart = wire_request(wire_line(24_99), cart={"subtotalAmount": 24_99})["cart"]

    answer = sandbox.post(sound(cart=cart))

    assert "cart_total_too_low" == answer.json()["reason"]
    assert "send 249900" in hints(answer)["subtotal_in_major_units"]


def test_a_currency_that_is_not_configured(sandbox: Shop) -> None:
    answer = sandbox.post(sound(cart=wire_request(cart={"currencyCode": "EUR"})["cart"]))

    assert "currency_not_supported" == answer.json()["reason"]
    assert "configured currencies, USD." in hints(answer)["currency_not_configured"]


def test_modes_as_one_string(desk: OrderShop) -> None:
    session = desk.analyze()
    one = wire_fee(modes="returnCoverage,shippingProtection")

    answer = desk.put(accepted_order(session, fees=[one]))

    assert 422 == answer.status_code
    [message] = answer.json()["errors"]["fees.0.accepted_offer_mode"]
    assert "Send the mode array of the analysis as it is." in message
    # One mode as one string is understood.
    order = desk.push(accepted_order(session, fees=[wire_fee(modes="shippingProtection")]))
    assert ["shippingProtection"] == order["acceptance"]["modes"]
    assert [50_00] == amounts(order)


@pytest.mark.parametrize(
    ("place", "told"),
    [
        ({}, "no session_id in its metadata"),
        ({"sessionId": "{session}"}, "sessionId has a session id"),
        ({"metadata": [{"key": "sessionId", "value": "{session}"}]}, "metadata.0.value has"),
        ({"note_attributes": [{"name": "session_id", "value": "{session}"}]}, "note_attributes.0"),
    ],
)
def test_no_session_id_or_one_in_a_wrong_place(
    desk: OrderShop, place: dict[str, Any], told: str
) -> None:
    session = desk.analyze()
    order = accepted_order() | place

    pushed = desk.push(_filled(order, session))

    message = warned(pushed, "session_missing")
    assert told in message
    assert "metadata" in message
    # The shopper has paid, so the order is covered; only the comparison is missing.
    assert ("accepted", "unlinked") == _judged(pushed)
    assert ([50_00, 50_00], 4_98) == (amounts(pushed), earned(desk))
    assert ("accepted", "exact") == _judged(desk.push(accepted_order(session)))


def _filled(value: Any, session: str) -> Any:
    if isinstance(value, dict):
        return {name: _filled(each, session) for name, each in value.items()}
    if isinstance(value, list):
        return [_filled(each, session) for each in value]
    return session if value == "{session}" else value


def _judged(order: dict[str, Any]) -> tuple[str, str]:
    return order["acceptance"]["outcome"], order["acceptance"]["verdict"]


def test_session_metadata_as_an_object_is_shown_as_a_list(desk: OrderShop) -> None:
    answer = desk.put(wire_order(metadata={"session_id": "lop_a1b2c3d4e5f6g7h8i9j0"}))

    assert 422 == answer.status_code
    assert '[{"key": "session_id", "value": "lop_…"}]' in answer.json()["errors"]["metadata"][0]


def test_a_session_id_misspelt(desk: OrderShop) -> None:
    session = desk.analyze()
    misspelt = desk.shop.post(sound(session_id=session))
    short = desk.push(accepted_order(session[:-1]))

    assert "it probably should be sessionId" in hints(misspelt)["unknown_member"]
    assert "lop_ and 20 letters or digits" in warned(short, "session_unknown")
    assert (("accepted", "unlinked"), [50_00, 50_00]) == (_judged(short), amounts(short))
    refused = desk.shop.post(sound(sessionId=session[:-1]))
    assert (400, ["sessionId"]) == (
        refused.status_code,
        [each["field"] for each in refused.json()["error"]["details"]],
    )


@pytest.mark.parametrize(
    ("amount", "factor"),
    [(3, "3 looks like major units"), (329_00, "It is 100 times the quote")],
)
def test_a_fee_in_the_wrong_unit(running_server: RunningServer, amount: int, factor: str) -> None:
    desk = OrderShop(running_server.a_shop(is_sandbox=True, **ONLY_SHIPPING))
    session = desk.analyze()

    order = desk.push(accepted_order(session, fees=[wire_fee(amount, ["shippingProtection"])]))

    message = warned(order, "fee_altered")
    assert factor in message
    assert 'Send 329, or "3.29".' in message
    assert ("accepted", "altered") == _judged(order)
    assert [50_00] == amounts(order)


def test_a_fee_as_a_text_of_minor_units_is_never_billed_a_hundredfold(
    running_server: RunningServer,
) -> None:
    desk = OrderShop(running_server.a_shop(is_sandbox=True, **ONLY_SHIPPING))
    fee = wire_fee("329", ["shippingProtection"])

    linked = desk.push(accepted_order(desk.analyze(), fees=[fee]))
    assert (("accepted", "exact"), 3_29) == (_judged(linked), earned(desk))

    unlinked = desk.push(accepted_order(external_id="1002", fees=[fee]))
    assert 'minor units (498) or a decimal text for major units ("4.98")' in warned(
        unlinked, "fee_amount_ambiguous"
    )


@pytest.mark.parametrize(
    ("member", "remedy"),
    [
        ({}, "Send the mode array of the analysis as accepted_offer_mode"),
        ({"acceptedOfferMode": ["returnCoverage"]}, "A fee has acceptedOfferMode"),
        ({"accepted_offer_modes": ["returnCoverage"]}, "A fee has accepted_offer_modes"),
    ],
)
def test_a_fee_without_or_with_a_misspelt_mode(
    desk: OrderShop, member: dict[str, Any], remedy: str
) -> None:
    fee = {"name": "Order protection", "amount": usd(4_98)} | member

    order = desk.push(wire_order(fees=[fee], metadata=of_session(desk.analyze())))

    assert remedy in warned(order, "fee_unrecognised")
    assert ("declined", [], 0) == (
        order["acceptance"]["outcome"],
        amounts(order),
        earned(desk),
    )


def test_no_delivery_groups(sandbox: Shop, running_server: RunningServer) -> None:
    without = sandbox.post(wire_request(cartId="c-1"))
    returns_only = running_server.a_shop(is_sandbox=True, modes=["returnCoverage"])

    assert "offered for pickups" in hints(without)["no_delivery_groups"]
    assert 4_98 == without.json()["chargeInstructions"]["amount"]
    picked_up = sandbox.post(sound(deliveryGroups=[{"deliveryMethod": "PICKUP"}]))
    assert 2_98 == picked_up.json()["chargeInstructions"]["amount"]
    assert {} == hints(returns_only.post(wire_request(cartId="c-1")))


@pytest.mark.parametrize("name", ["id", "cartId", "sessionId", "cart_id"])
def test_an_id_only_inside_the_cart(sandbox: Shop, name: str) -> None:
    cart = wire_request(cart={name: "c-1"})["cart"]

    first, second = (
        sandbox.post(wire_request(deliveryGroups=SHIPPED) | {"cart": cart}) for _ in range(2)
    )

    [(code, message)] = hints(first).items()
    assert code == ("id_inside_cart" if name == "id" else "unknown_member")
    assert "beside cart" in message or "cartId" in message
    assert first.json()["sessionId"] != second.json()["sessionId"]


def test_an_order_before_its_analysis(desk: OrderShop) -> None:
    order = desk.push(accepted_order("lop_a1b2c3d4e5f6g7h8i9j0"))

    assert "Analyse the cart before the order is placed" in warned(order, "session_unknown")
    assert (("accepted", "unlinked"), [50_00, 50_00]) == (_judged(order), amounts(order))


@pytest.mark.parametrize("member", ["unitPrice", "price", "total", "line_total"])
def test_an_unknown_price_of_an_order_line(desk: OrderShop, member: str) -> None:
    line = {"external_id": "lamp", "title": "Lamp", "quantity": 2, member: 25_00}

    order = desk.push(accepted_order(desk.analyze(), line_items=[line]))

    assert f"line lamp has {member}, which is not read. Send unit_price" in warned(
        order, "nothing_covered"
    )
    assert [0, 0] == amounts(order)
    mended = desk.push(accepted_order(line_items=[wire_item()]))
    assert [50_00, 50_00] == amounts(mended)


def test_a_missing_member_names_the_one_that_was_sent(desk: OrderShop) -> None:
    line = {name: each for name, each in wire_line().items() if name != "totalPrice"}
    cart = desk.shop.post(wire_request(line | {"total_price": 50_00}))
    order = desk.put(
        {"lineItems" if name == "line_items" else name: each for name, each in wire_order().items()}
    )

    assert "Found total_price, which is not read." in cart.json()["error"]["message"]
    assert "Found lineItems, which is not read." in order.json()["errors"]["line_items"][0]


def test_a_servers_key_in_a_browser(sandbox: Shop) -> None:
    origin = {"Origin": "https://shop.example"}
    for_browsers = sandbox.issue_key("cart", origins=["https://shop.example"]).text

    seen = sandbox.http.post(OFFER, json=sound(), headers=origin)
    right = sandbox.http.post(
        OFFER, json=sound(), headers=origin | {"X-Authorization": for_browsers}
    )

    assert ["server_key_in_browser"] == list(hints(seen))
    assert {} == hints(right)


def test_live_merchants_get_hints_with_debug_alone(shop: Shop) -> None:
    assert {} == hints(shop.post(wire_request()))
    assert ["no_delivery_groups"] == list(hints(shop.post(wire_request(debug=True))))
    assert "hints" not in shop.session(shop.analyze()["sessionId"]).json()["metadata"]


def test_hints_are_bounded_and_need_no_readable_body(sandbox: Shop) -> None:
    many = sandbox.post(sound() | {f"cartId{number}": 1 for number in range(500)})
    large = sandbox.post(sound(cart_id="x", padding="x" * 70_000))
    repaired = sandbox.http.post(
        OFFER, content=wire_request_text(sound(note="\\ud800")), headers={"Origin": "null"}
    )

    assert 20 == len(many.json()["metadata"]["hints"])
    assert {} == hints(large)
    assert ["server_key_in_browser"] == list(hints(repaired))


def wire_request_text(request: dict[str, Any]) -> bytes:
    """The body of a request whose `note` has an escape that no text has."""
    return httpx.Request("POST", "http://x", json=request).content.replace(b"\\\\ud", b"\\ud")


@pytest.mark.parametrize(
    ("path", "known"),
    [
        ("/api/v1/coverages?orderId=1", "cursor, limit, order_id, sort_order"),
        ("/api/2026-10/coverages/1?expand=order", "it has none"),
        ("/admin/v1/audit?actor=x&since=2026", "action, actor, cursor, limit"),
    ],
)
def test_an_unknown_parameter_of_our_own_routes_is_refused_with_the_known_ones(
    desk: OrderShop, path: str, known: str
) -> None:
    key = desk.shop.issue_key("orders", "admin").text

    answer = desk.http.get(path, headers={"X-Authorization": key})

    assert answer.status_code == (400 if path.startswith("/admin") else 422)
    assert known in answer.text


def test_an_unknown_parameter_of_a_route_of_checkout_plus_is_ignored(desk: OrderShop) -> None:
    assert 200 == desk.http.get(f"{ORDERS}?fields=id").status_code


def test_every_error_leads_to_its_code_on_the_errors_page(desk: OrderShop) -> None:
    page = desk.shop.running.client().get("/docs/errors").text
    answers = [
        desk.shop.post([]),
        desk.shop.session("lop_a1b2c3d4e5f6g7h8i9j0"),
        desk.http.get("/v1/nowhere"),
        desk.http.get(OFFER),
        desk.http.put(ORDERS, json={}),
        desk.http.get(f"{ORDERS}/1"),
        desk.http.get("/api/v1/coverages/1"),
        desk.shop.http.get(ORDERS),
        desk.http.get("/admin/v1/keys"),
        desk.http.put(ORDERS, content=b"{}", headers={"Content-Encoding": "gzip"}),
    ]

    for answer in answers:
        body = answer.json()
        path, _, code = body["doc_url"].partition("#")
        assert ("/docs/errors", True) == (path, f'id="{code}"' in page), code
        assert answer.headers["x-request-id"] == body["requestId"]
    assert all(f'id="{code}"' in page for code in get_args(Code))


def test_every_hint_is_provoked_here() -> None:
    text = Path(__file__).read_text(encoding="utf-8")

    assert [] == [code for code in HintCode if f'"{code}"' not in text]


def test_declined_orders_are_not_warned_of_a_session_they_do_not_name(desk: OrderShop) -> None:
    assert [] == codes(desk.push(wire_order()))
