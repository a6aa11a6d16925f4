"""Publishing a configuration: with typos nothing happens, without them it counts at once."""

from __future__ import annotations

import json
import tomllib

import pytest

from orderguard.actions.publish_configuration import publish_configuration
from orderguard.domain.errors import InvalidDocument
from orderguard.domain.people.audit import Change
from orderguard.running.wiring import now
from tests.support.builders import a_document
from tests.support.shop import A_TESTER, COMPILER, Shop

GOOD = """
modes = ["returnCoverage"]
currencies = ["USD"]

[limits.USD]
subtotal_minimum = 1000

[[pricing.returnCoverage]]
base = { USD = 198 }
"""


def _publish(shop: Shop, source: str) -> None:
    publish_configuration(
        shop.running.database, COMPILER, shop.id, source, change=Change(A_TESTER, now())
    )


def _versions(shop: Shop) -> list[int]:
    with shop.running.database.read() as work:
        return [each.version for each in work.configurations.history(shop.id)]


TYPOS = {
    "a setting": ("subtotal_minimum", "subtotal_minimun", "limits.USD.subtotal_minimun"),
    "a top-level setting": ("currencies", "currencys", "currencys"),
    "a mode": ('["returnCoverage"]', '["returnCoverige"]', "modes[0]"),
    "a currency": ("[limits.USD]", "[limits.USB]", "limits.USB"),
    "a type": ("= 1000", '= "1000"', "limits.USD.subtotal_minimum"),
    "major units": ("= 1000", "= 10.00", "limits.USD.subtotal_minimum"),
    "a section": ("pricing.returnCoverage", "pricing.returnCoverige", "pricing.returnCoverige"),
}


@pytest.mark.parametrize(("right", "wrong", "path"), TYPOS.values(), ids=TYPOS)
def test_a_typo_is_named_with_its_path_and_stores_nothing(
    shop: Shop, right: str, wrong: str, path: str
) -> None:
    source = GOOD.replace(right, wrong)
    assert tomllib.loads(source)

    with pytest.raises(InvalidDocument) as refused:
        _publish(shop, source)

    assert path in [problem.path for problem in refused.value.problems]
    assert [1] == _versions(shop)
    assert 4_98 == shop.analyze()["chargeInstructions"]["amount"]


def test_a_misspelt_limit_is_answered_with_the_right_spelling(shop: Shop) -> None:
    with pytest.raises(InvalidDocument, match="did you mean subtotal_minimum"):
        _publish(shop, GOOD.replace("subtotal_minimum", "subtotal_minimun"))


@pytest.mark.parametrize(
    "source", ["", "modes = [", "{", "\x00", "modes = 1\nmodes = 2", "[" * 9999]
)
def test_what_is_neither_toml_nor_json_stores_nothing(shop: Shop, source: str) -> None:
    with pytest.raises(InvalidDocument):
        _publish(shop, source)

    assert [1] == _versions(shop)


def test_every_publication_is_a_new_version_and_the_old_ones_stay(shop: Shop) -> None:
    _publish(shop, GOOD)
    _publish(shop, GOOD.replace("198", "298"))

    assert [3, 2, 1] == _versions(shop)
    assert 2_98 == shop.analyze()["chargeInstructions"]["amount"]
    with shop.running.database.read() as work:
        assert GOOD == work.configurations.history(shop.id)[1].source


def test_debug_output_names_the_version_that_decided(shop: Shop) -> None:
    _publish(shop, GOOD)

    assert 2 == shop.analyze(debug=True)["debug"]["configuration"]["version"]


def test_a_key_that_occurs_twice_is_refused_in_json_as_it_is_in_toml(shop: Shop) -> None:
    twice = json.dumps(a_document()).replace('"USD": 298', '"USD": 298, "USD": 198')

    for source in (twice, f"{GOOD}\n[limits.USD]\n"):
        with pytest.raises(InvalidDocument, match=r"occurs twice|declare"):
            _publish(shop, source)
