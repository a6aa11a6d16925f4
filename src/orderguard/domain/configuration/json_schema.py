"""The JSON Schema of configurations, for editors of TOML (ADR 0071).

Its shapes and bounds equal those of the reader. Constraints between several settings are not in it;
publication checks them. Draft 7 is the newest version that the editor extension Taplo reads.

Taplo marks every line of a table when a key is missing or unknown. So an unknown key is declared as
a wrong value, which is marked alone, and the document as a whole requires no key.
"""

from __future__ import annotations

from typing import Any

from orderguard.domain.configuration.configuration import MerchantConfiguration
from orderguard.domain.configuration.setting import MINOR_UNITS, RATE, Member, members_of
from orderguard.domain.coverage_mode import CoverageMode
from orderguard.domain.money import Currency

Schema = dict[str, Any]

_NO_SETTING = {"const": "no setting has this name"}

_UNITS = {
    MINOR_UNITS: "In minor units: 998 is 9.98 USD.",
    RATE: "In basis points: 150 is 1.5 %.",
}


def configuration_schema() -> Schema:
    """The schema of a whole document, as JSON values."""
    definitions: dict[str, Schema] = {}
    return {
        "$schema": "http://json-schema.org/draft-07/schema#",
        "title": "Configuration of a merchant of Orderguard",
        **_table(MerchantConfiguration, definitions) | {"required": []},
        "definitions": definitions,
    }


def _table(table: type, definitions: dict[str, Schema]) -> Schema:
    members = members_of(table)
    return {
        "type": "object",
        "properties": {name: _member(each, definitions) for name, each in members.items()},
        "required": [name for name, each in members.items() if each.is_required],
        "additionalProperties": _NO_SETTING,
    }


def _member(member: Member, definitions: dict[str, Schema]) -> Schema:
    value = _list(member, definitions) if member.is_list else _value(member, definitions)
    if member.by is Currency:
        codes = {"^[A-Za-z]{3}$": value}
        value = {"type": "object", "patternProperties": codes, "additionalProperties": _NO_SETTING}
    elif member.by is CoverageMode:
        modes = {str(mode): value for mode in CoverageMode}
        value = {"type": "object", "properties": modes, "additionalProperties": _NO_SETTING}
    told = {"description": f"{member.description} {_UNITS.get(member.setting.unit, '')}".strip()}
    if member.is_single and member.default is not None:
        told["default"] = member.default
    # A `$ref` hides what stands beside it in draft 7.
    return told | ({"allOf": [value]} if "$ref" in value else value)


def _list(member: Member, definitions: dict[str, Schema]) -> Schema:
    value = _value(member, definitions)
    return {"type": "array", "items": value, "maxItems": member.at_most}


def _value(member: Member, definitions: dict[str, Schema]) -> Schema:
    if table := member.table:
        if table.__name__ not in definitions:
            definitions[table.__name__] = _table(table, definitions)
        return {"$ref": f"#/definitions/{table.__name__}"}
    if member.choices:
        labels = [member.setting.labels[each] for each in member.choices]
        choices = [str(each) for each in member.choices]
        return {"enum": choices, "x-taplo": {"docs": {"enumValues": labels}}}
    if member.of is int:
        bounds = {"minimum": member.setting.minimum, "maximum": member.setting.maximum}
        return {"type": "integer", **bounds}
    if member.of is bool:
        return {"type": "boolean"}
    return {"type": "string", "minLength": 1, "maxLength": member.length}
