"""Countries and subdivisions as integrations write them."""

from __future__ import annotations

import pytest

from orderguard.domain.errors import Malformed
from orderguard.domain.region import Region


@pytest.mark.parametrize(
    ("text", "region"),
    [
        ("US", Region("US")),
        ("us", Region("US")),
        ("US-OH", Region("US", "OH")),
        ("us-oh", Region("US", "OH")),
        ("GB-ENG", Region("GB", "ENG")),
        ("AT-9", Region("AT", "9")),
    ],
)
def test_a_region_is_read_in_any_case(text: str, region: Region) -> None:
    assert region == Region.parse(text)


@pytest.mark.parametrize("subdivision", ["OH", "oh", "US-OH", "us-oh", "Us-Oh"])
def test_a_subdivision_may_repeat_its_country(subdivision: str) -> None:
    assert Region("US", "OH") == Region.of("us", subdivision)


def test_a_country_alone_has_no_subdivision() -> None:
    assert Region("US") == Region.of("us")


def test_a_country_we_do_not_know_costs_no_offers() -> None:
    assert Region("ZZ") == Region.parse("ZZ")


@pytest.mark.parametrize("text", ["", "U", "USA", "U1", "-OH", "US OH", "ÄÖ", "US\n"])
def test_what_is_no_country_code_is_refused(text: str) -> None:
    country = text.partition("-")[0]

    with pytest.raises(Malformed) as refusal:
        Region.parse(text)

    expected = 'expected an ISO 3166 code such as "US" or "US-OH", or {"country": "US"}.'
    assert f"{country!r} is not a country code; {expected}" == str(refusal.value)


@pytest.mark.parametrize("subdivision", ["", "OHIO", "O H", "CA-OH", "US-", "ÖH"])
def test_what_is_no_subdivision_code_is_refused(subdivision: str) -> None:
    with pytest.raises(Malformed) as refusal:
        Region.of("US", subdivision)

    assert str(refusal.value).startswith(f"{subdivision!r} is not a subdivision code; expected an")


@pytest.mark.parametrize("text", ["US", "US-OH"])
def test_a_region_is_written_as_it_is_read(text: str) -> None:
    assert text == str(Region.parse(text))
