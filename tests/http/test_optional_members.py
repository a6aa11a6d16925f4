"""What an optional member says never costs the offer when it means nothing (decision 0048)."""

from __future__ import annotations

from typing import Any

import pytest

from tests.support.shop import RunningServer, Shop
from tests.support.wire import wire_line, wire_request

NESTED = [[{"a": 1}]]
NOTHING = ["", "  ", [], {}, False]
"""What languages write where they have nothing to say."""

REPORTED_ONLY = [[], {}, False, 5, 1.5, True, NESTED]
NO_LANGUAGE = [*NOTHING, 5, True, NESTED, "e", "C", "en GB", "-", "en_US.UTF-8", "sr_RS@latin",
               "not a locale", "x" * 70, "x" * 2000]  # fmt: skip
LEFT_OUT: dict[str, list[Any]] = {
    "cartId": NOTHING,
    "sessionId": NOTHING,
    "customer": ["", "  ", [], False],
    "customer.isB2B": ["", "  ", [], {}],
    "customer.locale": NO_LANGUAGE,
    "customer.groups": ["", "  ", {}, False],
    "locale": NO_LANGUAGE,
    "region.subdivision": [*NOTHING, "Ohio", "US-Ohio", "CA-ON", "\u00cele-de-France", "x" * 500],
    "deliveryGroups": ["", "  ", {}, False],
    "experimentationConsent": ["", "  ", [], {}],
    "offerOrigin": REPORTED_ONLY,
    "mountTarget": REPORTED_ONLY,
    "cartExperience": REPORTED_ONLY,
    "cart.id": ["", [], {}, False, 1.5, True, NESTED, "x" * 256, 10**255],
    "cart.locale": NO_LANGUAGE,
    "cart.customer": ["", "  ", [], False],
    "cart.deliveryGroups": ["", "  ", {}, False],
    "cart.region": [[], {}, False],
    "cart.lines[0].unitPrice": NOTHING,
    "cart.lines[0].currencyCode": NOTHING,
    "cart.lines[0].variantId": ["", [], {}, False, "x" * 256, 10**255],
    "cart.lines[0].sku": [[], {}, False, 10**255],
    "cart.lines[0].productType": [[], {}, False],
    "cart.lines[0].vendor": [[], {}, False],
    "cart.lines[0].tags": ["", "  ", {}, False],
    "cart.lines[0].collections": ["", "  ", {}, False],
    "cart.lines[0].requiresShipping": ["", "  ", [], {}],
}


def with_member(path: str, value: Any) -> dict[str, Any]:
    """A request for one lamp with this member, and debug output."""
    request = wire_request(debug=True, region={"country": "US"})
    *parents, last = path.replace("]", "").replace("[", ".").split(".")
    place: Any = request
    for part in parents:
        if isinstance(place, dict):
            place.setdefault(part, {})
        place = place[int(part) if isinstance(place, list) else part]
    place[last] = value
    return request


def answer_to(shop: Shop, request: dict[str, Any]) -> dict[str, Any]:
    response = shop.post(request)
    assert 200 == response.status_code, response.text
    answer: dict[str, Any] = response.json()
    return answer


def notes_of(answer: dict[str, Any]) -> list[str]:
    notes: list[str] = answer["debug"]["request"]["notes"]
    return notes


@pytest.mark.parametrize("path", LEFT_OUT)
def test_what_means_nothing_is_left_out_with_a_note(shop: Shop, path: str) -> None:
    for value in LEFT_OUT[path]:
        answer = answer_to(shop, with_member(path, value))

        (note,) = notes_of(answer)
        assert note.startswith(f"{path} was left out: "), value
        assert 4_98 == answer["chargeInstructions"]["amount"]


@pytest.mark.parametrize("value", ["", "  ", [], {}, False])
def test_debug_may_mean_nothing_too(shop: Shop, value: Any) -> None:
    assert "debug" not in answer_to(shop, wire_request(debug=value))


@pytest.mark.parametrize(("region", "country"), [("US-Ohio", "US"), ("de-", "DE"), ("US-", "US")])
def test_a_subdivision_that_is_none_leaves_the_country(
    running_server: RunningServer, region: str, country: str
) -> None:
    rule = {"name": "abroad", "reject_when": f'region.country != "{country}"'}
    shop = running_server.a_shop(rules=[rule])

    answer = answer_to(shop, wire_request(region=region, debug=True))

    assert answer["eligible"]
    assert {"country": country, "subdivision": None} == answer["debug"]["request"]["region"]
    assert notes_of(answer)[0].startswith("region.subdivision was left out: ")


def test_a_region_that_means_nothing_falls_back_to_the_older_place(shop: Shop) -> None:
    answer = answer_to(shop, wire_request(region="", cart={"region": "US-OH"}, debug=True))

    assert {"country": "US", "subdivision": "OH"} == answer["debug"]["request"]["region"]


def test_a_region_is_still_required(shop: Shop) -> None:
    for region in ("", [], {}, None):
        response = shop.post(wire_request(region=region))
        assert 400 == response.status_code
        assert ["region"] == [each["field"] for each in response.json()["error"]["details"]]


def test_a_locale_that_is_none_leaves_the_next_place_to_decide(
    running_server: RunningServer,
) -> None:
    shop = running_server.a_shop(locales=["de"])

    german = {"locale": "C", "customer": {"locale": "en_US.UTF-8"}, "cart": {"locale": "de_AT"}}
    assert shop.analyze(**german)["eligible"]
    assert shop.analyze(locale="C")["eligible"]
    assert "locale_not_supported" == shop.analyze(locale="fr")["reason"]


@pytest.mark.parametrize(
    ("written", "modes"),
    [
        ("pickup", ["returnCoverage"]),
        ("Local Delivery", ["returnCoverage"]),
        ("local-delivery", ["returnCoverage"]),
        (" shipping ", ["returnCoverage", "shippingProtection"]),
        ("Digital", ["returnCoverage", "shippingProtection"]),
    ],
)
def test_a_delivery_method_is_read_in_any_case(shop: Shop, written: str, modes: list[str]) -> None:
    assert modes == shop.analyze(deliveryGroups=[{"deliveryMethod": written}])["mode"]
    older = {"deliveryGroups": [{"deliveryMethod": written}]}
    assert modes == shop.analyze(cart=older)["mode"]


def test_a_delivery_that_is_not_chosen_yet_decides_nothing(shop: Shop) -> None:
    undecided = [{}, {"deliveryMethod": None}, {"deliveryMethod": ""}, None]

    answer = answer_to(
        shop,
        wire_request(deliveryGroups=[*undecided, {"deliveryMethod": "PICKUP"}], debug=True),
    )

    assert ["returnCoverage"] == answer["mode"]
    assert "deliveryGroups was read without the groups that have no method yet." in notes_of(answer)


def test_numbers_among_texts_are_read_as_texts(running_server: RunningServer) -> None:
    shop = running_server.a_shop(
        exclusions=[{"tag": "2024"}],
        rules=[
            {"name": "group", "reject_when": 'customer.groups.exists(g, g == "7")'},
            {"name": "vendor", "reject_when": 'cart.lines.exists(l, l.vendor == "42")'},
        ],
    )

    tagged = shop.analyze(wire_line(tags=["new", 2024]))
    grouped = shop.analyze(customer={"groups": [7, None, ""]})
    sold_by = shop.analyze(wire_line(vendor=42))

    assert "cart_only_has_excluded_products" == tagged["reason"]
    assert "eligibility_rule_not_met" == grouped["reason"]
    assert "eligibility_rule_not_met" == sold_by["reason"]


def test_a_text_that_is_too_long_is_cut_and_still_matches(running_server: RunningServer) -> None:
    shop = running_server.a_shop(exclusions=[{"tag": "final-sale*"}])

    answer = answer_to(
        shop,
        wire_request(
            wire_line(tags=["final-sale" + "x" * 2000], vendor="v" * 2000),
            offerOrigin="o" * 65,
            debug=True,
        ),
    )

    assert "cart_only_has_excluded_products" == answer["reason"]
    assert 3 == len(notes_of(answer))
    assert "offerOrigin was cut to 64 characters." in notes_of(answer)


def test_notes_are_few_however_much_there_is_to_note(shop: Shop) -> None:
    lines = [wire_line(id=str(number), variantId="") for number in range(100)]

    assert 20 == len(notes_of(answer_to(shop, wire_request(*lines, debug=True))))


def test_what_is_left_out_is_not_named_when_something_else_is_wrong(shop: Shop) -> None:
    response = shop.post(wire_request(wire_line(variantId="", title=None), offerOrigin=5))

    assert ["cart.lines[0].title"] == [
        each["field"] for each in response.json()["error"]["details"]
    ]


@pytest.mark.parametrize(
    ("title", "read"),
    [
        (rb"Lamp \ud83d", "Lamp \ufffd"),
        (rb"\uDE00 Lamp", "\ufffd Lamp"),
        (rb"\ud83d\ud83d\ude00", "\ufffd\U0001f600"),
        (rb"\\ud83d", "\\ud83d"),
        (rb"\\\ud83d\\", "\\\ufffd\\"),
    ],
)
def test_half_of_an_emoji_costs_no_offer(
    running_server: RunningServer, title: bytes, read: str
) -> None:
    shop = running_server.a_shop(exclusions=[{"tag": "never"}, {"tag": read}])
    body = shop.http.build_request(
        "POST", "/v1/analyze", json=wire_request(wire_line(title="TITLE", tags=["TITLE"]))
    ).content

    answer = shop.http.post("/v1/analyze", content=body.replace(b"TITLE", title)).json()

    assert "cart_only_has_excluded_products" == answer["reason"], answer


def test_a_rule_may_drop_shipping_protection_when_nothing_is_shipped(
    running_server: RunningServer,
) -> None:
    # The rule that decision 0050 offers to merchants.
    rule = {
        "name": "nothing to ship",
        "reject_when": "!cart.lines.exists(l, l.requiresShipping)",
        "drop_mode": "shippingProtection",
    }
    shop = running_server.a_shop(rules=[rule])
    lamp, card = wire_line(requiresShipping=True), wire_line(id="2", requiresShipping=False)

    assert ["returnCoverage"] == shop.analyze(card)["mode"]
    assert ["returnCoverage", "shippingProtection"] == shop.analyze(lamp, card)["mode"]


def test_a_byte_order_mark_costs_no_offer(shop: Shop) -> None:
    body = shop.http.build_request("POST", "/", json=wire_request(debug=True)).content

    answer = shop.http.post("/v1/analyze", content=b"\xef\xbb\xbf" + body).json()

    assert 4_98 == answer["chargeInstructions"]["amount"]
    assert ["The body began with a byte order mark, which JSON does not have."] == notes_of(answer)
