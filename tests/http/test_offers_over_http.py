"""The shortest way through the product."""

from tests.support.shop import Shop


def test_an_eligible_cart_is_offered_both_modes_at_the_sum_of_their_prices(shop: Shop) -> None:
    answer = shop.analyze()

    assert ["returnCoverage", "shippingProtection"] == answer["mode"]
    assert {"amount": 4_98, "currencyCode": "USD", "method": "fee"} == answer["chargeInstructions"]


def test_the_session_shows_the_last_analysis(shop: Shop) -> None:
    analysed = shop.analyze()

    shown = shop.session(analysed["sessionId"]).json()

    for member in ("sessionId", "eligible", "reason", "mode", "chargeInstructions"):
        assert analysed[member] == shown[member]
