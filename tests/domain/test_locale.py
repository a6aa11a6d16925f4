"""The shopper's language."""

from __future__ import annotations

import pytest

from orderguard.domain.errors import Malformed
from orderguard.domain.locale import locale_matches, parse_locale


@pytest.mark.parametrize(
    ("text", "locale"),
    [
        ("en", "en"),
        ("EN", "en"),
        ("en-GB", "en-GB"),
        ("en_us", "en-US"),
        ("DE_de", "de-DE"),
        ("zh-hant-tw", "zh-Hant-TW"),
        ("ZH_HANT_TW", "zh-Hant-TW"),
        ("es-419", "es-419"),
        ("de-CH-1996", "de-CH-1996"),
        ("ca-ES-VALENCIA", "ca-ES-valencia"),
        ("haw-us", "haw-US"),
    ],
)
def test_a_locale_has_one_spelling_whatever_the_platform_makes_of_it(
    text: str, locale: str
) -> None:
    assert locale == parse_locale(text)


@pytest.mark.parametrize(
    "text", ["", "e", "languages", "en-", "-GB", "en--GB", "en GB", "en.UTF-8", "*", "en\n"]
)
def test_what_is_not_shaped_like_a_language_tag_is_refused(text: str) -> None:
    with pytest.raises(Malformed) as refusal:
        parse_locale(text)

    assert f"{text!r} is not a BCP 47 language tag such as en-GB." == str(refusal.value)


def test_a_tag_of_64_characters_is_read() -> None:
    tag = "en" + "-abcdefg" * 7 + "-abcde"

    assert 64 == len(parse_locale(tag + ""))


def test_a_tag_of_65_characters_is_refused() -> None:
    with pytest.raises(Malformed):
        parse_locale("en" + "-abcdefg" * 7 + "-abcdef")


def test_a_language_covers_its_regions() -> None:
    assert locale_matches("en", "en-GB")


def test_a_locale_covers_itself() -> None:
    assert locale_matches("en-GB", "en-GB")


def test_a_script_covers_its_regions() -> None:
    assert locale_matches("zh-Hant", "zh-Hant-TW")


@pytest.mark.parametrize(
    ("supported", "locale"), [("en-GB", "en"), ("en-GB", "en-US"), ("en", "eng"), ("de", "en")]
)
def test_a_region_covers_neither_the_language_nor_a_neighbour(supported: str, locale: str) -> None:
    assert not locale_matches(supported, locale)
