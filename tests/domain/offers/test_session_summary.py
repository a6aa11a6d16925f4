"""Sessions in lists."""

from __future__ import annotations

from datetime import UTC, datetime

from orderguard.domain.eligibility_reason import EligibilityReason
from orderguard.domain.ids import SessionId
from orderguard.domain.offers.offer import Offer
from orderguard.domain.offers.session_summary import SessionSummary
from orderguard.domain.what_if.shadow_report import PRICE_BANDS, PriceBand

AT = datetime(2026, 4, 23, tzinfo=UTC)


def test_the_place_of_a_session_is_its_last_analysis() -> None:
    id_ = SessionId("lop_a1b2c3d4e5f6g7h8i9j0")
    offer = Offer(EligibilityReason.EMPTY_CART)

    assert (AT, id_) == SessionSummary(id_, AT.replace(year=2025), AT, 2, offer).place


def test_every_band_of_prices_has_words_of_its_own() -> None:
    words = {PriceBand(end, 1, ()).words for end in (*PRICE_BANDS, None)}

    assert len(PRICE_BANDS) + 1 == len(words)
