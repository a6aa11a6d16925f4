"""What a published configuration answers."""

from __future__ import annotations

import pytest

from orderguard.domain.configuration.configuration import Limits
from orderguard.domain.coverage_mode import RETURN_COVERAGE
from orderguard.domain.money import EUR, JPY, USD
from tests.support.builders import a_configuration

TWO_ARMS = [{"name": "control", "weight": 1}, {"name": "offered", "weight": 1}]


def an_experiment(key: str, status: str) -> dict[str, object]:
    return {"key": key, "status": status, "arms": TWO_ARMS}


def test_the_running_experiment_is_found_among_the_others() -> None:
    configuration = a_configuration(
        experiments=[
            an_experiment("old", "stopped"),
            an_experiment("now", "running"),
            an_experiment("next", "draft"),
        ]
    )

    running = configuration.running_experiment

    assert running is not None
    assert "now" == running.key


def test_no_experiment_runs_when_none_was_started() -> None:
    configuration = a_configuration(experiments=[an_experiment("next", "draft")])

    assert configuration.running_experiment is None


def test_limits_are_per_currency() -> None:
    configuration = a_configuration(limits={"USD": {"subtotal_minimum": 10_00}})

    assert Limits(subtotal_minimum=10_00, subtotal_maximum=None) == configuration.limits_in(USD)


def test_a_currency_without_limits_is_unlimited() -> None:
    configuration = a_configuration(limits={"USD": {"subtotal_minimum": 10_00}})

    assert Limits(None, None) == configuration.limits_in(EUR)


@pytest.mark.parametrize("locale", ["en", "en-GB", "de-CH", None])
def test_supported_languages_and_silence_are_supported(locale: str | None) -> None:
    assert a_configuration(locales=["en", "de-CH"]).supports_locale(locale)


@pytest.mark.parametrize("locale", ["fr", "de", "de-DE"])
def test_other_languages_are_not_supported(locale: str) -> None:
    assert not a_configuration(locales=["en", "de-CH"]).supports_locale(locale)


def test_without_a_list_every_language_is_supported() -> None:
    assert a_configuration(locales=[]).supports_locale("fr")


def test_a_mode_can_be_priced_when_one_of_its_plans_can() -> None:
    configuration = a_configuration(
        pricing={
            "returnCoverage": [{"base": {"USD": 2_98}}, {"base": {"EUR": 2_50}}],
            "shippingProtection": [{"rate_bps": 100}],
        }
    )

    priced = [configuration.can_price(RETURN_COVERAGE, code) for code in (USD, EUR, JPY)]

    assert [True, True, False] == priced
