"""What is derived from the declarations of settings: words, and the JSON Schema for editors."""

from __future__ import annotations

import tomllib
from collections.abc import Iterator
from importlib.resources import files
from typing import Any

import jsonschema_rs
import pytest
from hypothesis import given, settings

from orderguard.domain.configuration.configuration import MerchantConfiguration
from orderguard.domain.configuration.json_schema import configuration_schema
from orderguard.domain.configuration.setting import Member, members_of
from orderguard.domain.errors import InvalidDocument
from tests.domain.random_shops import DOCUMENTS
from tests.support.builders import a_configuration, a_document

SCHEMA = configuration_schema()
CHECKED = jsonschema_rs.validator_for(SCHEMA)
DEMO = tomllib.loads(files("orderguard.demo").joinpath("merchant.toml").read_text(encoding="utf-8"))


def declared(table: type = MerchantConfiguration, at: str = "") -> Iterator[tuple[str, Member]]:
    """Every setting by its path, those of nested tables included."""
    for name, member in members_of(table).items():
        yield f"{at}{name}", member
        if member.table:
            yield from declared(member.table, f"{at}{name}.")


@pytest.mark.parametrize("member", [pytest.param(each, id=path) for path, each in declared()])
def test_a_setting_says_what_forms_schema_and_reference_need(member: Member) -> None:
    assert member.setting.label
    assert set(member.choices) == set(member.setting.labels)
    assert "{" not in member.description
    assert not member.is_list or member.at_most


def test_the_schema_is_of_draft_7_the_newest_that_taplo_reads() -> None:
    jsonschema_rs.meta.validate(SCHEMA)

    assert SCHEMA["$schema"] == "http://json-schema.org/draft-07/schema#"


@settings(max_examples=50)
@given(DOCUMENTS)
def test_what_can_be_published_is_right_by_the_schema(document: dict[str, Any]) -> None:
    CHECKED.validate(document)


def test_the_demo_and_every_further_setting_is_right_by_the_schema() -> None:
    further = {
        "charge_method": "product_line_item",
        "charge_product": {"id": "1", "handle": "protection"},
        "terms": {"returnCoverage": {"days": 30}, "shippingProtection": {"days": 60}},
    }

    CHECKED.validate(DEMO)
    CHECKED.validate(DEMO | further)


@pytest.mark.parametrize(
    "changes",
    [
        {"enabeld": True},
        {"enabled": "yes"},
        {"modes": ["warranty"]},
        {"modes": ["returnCoverage"] * 3},
        {"currencies": "USD"},
        {"charge_method": "product"},
        {"charge_method": "product_line_item", "charge_product": {"id": "7"}},
        {"limits": {"USD": {"subtotal_minimum": 10.5}}},
        {"limits": {"dollars": {"subtotal_minimum": 10}}},
        {"exclusions": [{"sku": ""}]},
        {"rules": [{"name": "a"}]},
        {"rules": [{"name": "a" * 101, "reject_when": "always"}]},
        {"rules": [{"name": "a", "reject_when": "always", "reason": "eligible"}]},
        {"pricing": {"returncoverage": []}},
        {"terms": {"returnCoverage": {"days": 0}}},
        {"provider_share_bps": 10_001},
        {"experiments": [{"key": "a", "status": "begun", "arms": []}]},
    ],
)
def test_what_is_wrong_by_the_schema_is_refused_by_the_reader(changes: dict[str, Any]) -> None:
    assert not CHECKED.is_valid(a_document(**changes))
    with pytest.raises(InvalidDocument):
        a_configuration(**changes)


@pytest.mark.parametrize(
    ("changes", "place"),
    [
        ({"enabeld": True}, ["enabeld"]),
        ({"limits": {"USD": {"subtotal": 1}}}, ["limits", "USD", "subtotal"]),
        ({"limits": {"dollars": {"subtotal_minimum": 1}}}, ["limits", "dollars"]),
        ({"terms": {"returns": {"days": 1}}}, ["terms", "returns"]),
    ],
)
def test_a_name_that_is_no_setting_is_marked_alone(
    changes: dict[str, Any], place: list[str]
) -> None:
    [error] = CHECKED.iter_errors(a_document(**changes))

    assert place == error.instance_path
    assert error.message == '"no setting has this name" was expected'


def test_a_description_says_the_unit_and_the_defaults_of_each_mode() -> None:
    share = SCHEMA["properties"]["provider_share_bps"]["description"]
    days = SCHEMA["definitions"]["Term"]["properties"]["days"]["description"]

    assert share.endswith("Nothing, unless set. In basis points: 150 is 1.5 %.")
    assert "30 days (return coverage) or 60 days (shipping protection), unless set." in days
