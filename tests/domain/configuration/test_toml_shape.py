"""A TOML text is refused before it is parsed when parsing it would cost more than its length."""

from __future__ import annotations

from pathlib import Path

import pytest

import orderguard
from orderguard.domain.configuration.toml_shape import (
    KEY_PARTS_AT_MOST,
    NESTING_AT_MOST,
    objection_to,
)


def dotted(parts: int) -> str:
    return ".".join("a" * parts)


def nested(depth: int) -> str:
    return f"a = {'[' * depth}{']' * depth}"


def test_the_demo_merchants_configuration_is_parsed() -> None:
    source = Path(orderguard.__file__).with_name("demo") / "merchant.toml"

    assert objection_to(source.read_text(encoding="utf-8")) is None


def test_a_key_may_have_as_many_parts_as_the_limit_and_no_more() -> None:
    assert objection_to(f"{dotted(KEY_PARTS_AT_MOST)} = 1") is None

    objection = objection_to(f"b = 1\n\n{dotted(KEY_PARTS_AT_MOST + 1)} = 1")

    assert objection
    assert 3 == objection.line
    assert f"more than {KEY_PARTS_AT_MOST} parts" in objection.message


def test_lists_may_be_nested_as_deep_as_the_limit_and_no_deeper() -> None:
    assert objection_to(nested(NESTING_AT_MOST)) is None

    objection = objection_to(f"\n{nested(NESTING_AT_MOST + 1)}")

    assert objection
    assert 2 == objection.line
    assert f"more than {NESTING_AT_MOST} brackets" in objection.message


@pytest.mark.parametrize(
    "source",
    [
        f'a = "{dotted(100)}"',
        f"a = '{dotted(100)}'",
        f'a = """{dotted(100)}"""',
        f"# {dotted(100)}",
        f'a = "{"[" * 100}"',
        "\n".join(nested(NESTING_AT_MOST) for _ in range(100)),
        ", ".join(dotted(KEY_PARTS_AT_MOST) for _ in range(100)),
        "]" * 100 + nested(NESTING_AT_MOST),
    ],
)
def test_texts_comments_and_keys_side_by_side_are_not_counted_together(source: str) -> None:
    assert objection_to(source) is None


def test_lines_within_a_long_text_are_counted() -> None:
    objection = objection_to(f'a = """\n\n"""\n{dotted(KEY_PARTS_AT_MOST + 1)} = 1')

    assert objection
    assert 4 == objection.line
