"""Bounded input is bounded work: everything that a stranger or an editor can have parsed costs
about its length, in whatever shape it comes (ADR 0061).

Each shape is made four times as long, and the work is compared, not the time.
"""

from __future__ import annotations

import json
import tomllib
from collections.abc import Callable
from datetime import datetime
from urllib.parse import parse_qsl

import pytest
from falcon.asgi import Request
from falcon.testing import create_asgi_req
from falcon.util.uri import parse_query_string

from orderguard.actions.check_configuration import check_configuration
from orderguard.actions.compare_configurations import compare_configurations
from orderguard.actions.configuration_source.experiments import (
    NewArm,
    NewExperiment,
    with_experiment,
)
from orderguard.actions.configuration_source.reading import read_document, toml_to_edit
from orderguard.actions.configuration_source.text import rewritten
from orderguard.admin.configuration_form.editing import pressed
from orderguard.admin.console.cookies import SESSION, read_cookie
from orderguard.domain.configuration.places import places_of
from orderguard.domain.configuration.text_difference import text_difference
from orderguard.domain.locale import parse_locale
from orderguard.domain.money import Currency, from_major_units
from orderguard.domain.people.account import parse_email
from orderguard.domain.webhooks.webhook_target import parse_target
from orderguard.http.json_body import json_object, refuse_nul
from orderguard.http.wire.cart import analysis_request_from_body
from orderguard.http.wire.order import parse_timestamp
from orderguard.rules.cel import CelCompiler
from tests.support.work import assert_linear, peak_of

COMPILER = CelCompiler()

TextOf = Callable[[int], str]


def numbered(each: str) -> TextOf:
    """As many copies as fit, `{}` replaced by a number in each."""
    return lambda size: "".join(each.format(i) for i in range(size // (len(each) + 1)))


TOML: dict[str, TextOf] = {
    "one dotted key": lambda n: "a." * (n // 2) + "b=1\n",
    "one dotted heading": lambda n: "[" + "a." * (n // 2) + "b]\n",
    "a dotted heading of a list": lambda n: "[[" + "a." * (n // 2) + "b]]\n",
    "a dotted key in a table in a line": lambda n: "x={" + "a." * (n // 2) + "b=1}\n",
    "a dotted key in quotes": lambda n: '"a".' * (n // 4) + "b=1\n",
    "a dotted key with spaces": lambda n: "a . " * (n // 4) + "b=1\n",
    "a dotted key behind a string": lambda n: 'x="\\""\n' + "a." * (n // 2) + "b=1\n",
    "a dotted key behind a text of lines": lambda n: 'x="""\n""""\n' + "a." * (n // 2) + "b=1\n",
    "keys of as many parts as there may be": numbered("a.b.c.d.e.f.g.k{}=1\n"),
    "headings of as many parts": numbered("[a.b.c.d.e.f.g.k{}]\n"),
    "headings that grow": lambda n: "".join(
        "[" + ".".join("a" * (i + 1)) + "]\n" for i in range(int(n**0.5))
    ),
    "lists in lists": lambda n: "a=" + "[" * (n // 2) + "]" * (n // 2),
    "lists as deep as they may be": numbered("a{}=" + "[" * 14 + "]" * 14 + "\n"),
    "tables in tables": lambda n: "a=" + "{a=" * (n // 4) + "1" + "}" * (n // 4),
    "keys": numbered("k{}=1\n"),
    "headings": numbered("[k{}]\n"),
    "entries": lambda n: "[[rules]]\n" * (n // 10),
    "tables out of order": numbered("[a.k{0}]\n[b.k{0}]\n"),
    "a table in a line": lambda n: "a={" + ",".join(f"k{i}=1" for i in range(n // 8)) + "}\n",
    "a whole number": lambda n: "a=" + "9" * n,
    "a hexadecimal number": lambda n: "a=0x" + "f" * n,
    "a fraction": lambda n: "a=1." + "9" * n,
    "a time": lambda n: "a=2026-01-01T00:00:00." + "9" * n + "Z",
    "escapes": lambda n: 'a="' + "\\u0041" * (n // 6) + '"',
    "lines that go on": lambda n: 'a="""' + "\\\n" * (n // 2) + '"""',
    "quotes in a text of lines": lambda n: 'a="""' + '"" ' * (n // 3) + '"""',
    "a text of lines that never ends": lambda n: 'a="""' + '""\\"' * (n // 4),
    "a text that never ends": lambda n: 'a="' + '\\"' * (n // 2),
    "texts that never end": lambda n: '"\n' * (n // 2),
    "apostrophes": lambda n: "'''" * (n // 3) + "''",
    "a comment": lambda n: "#" + "x" * n,
    "comments": lambda n: "#\n" * (n // 2),
    "a long key": lambda n: "k" * n + "=1\n",
    "a long heading over many keys": lambda n: (
        "[limits." + "k" * (n // 2) + "]\n" + numbered("k{}=1\n")(n // 2)
    ),
    "currencies": lambda n: "[limits]\n" + numbered("k{}={{}}\n")(n),
    "exclusions": lambda n: "exclusions=[" + numbered('{{sku="*a*b{}*"}},')(n) + "]\n",
    "exclusions of stars": lambda n: (
        "exclusions=[" + numbered('{{sku="' + "*a" * 100 + '{}*"}},')(n) + "]\n"
    ),
    "rules": numbered(
        "[[rules]]\nname='r{0}'\nreject_when='cart.lines.exists(l, l.title.matches(\"a{0}.*b\"))'\n"
    ),
    "ends of lines": lambda n: "\r\n" * (n // 2),
    "spaces": lambda n: " " * n + "x",
    "brackets": lambda n: "]" * n,
}

JSON: dict[str, TextOf] = {
    "objects in objects": lambda n: '{"a":' * (n // 6) + "1" + "}" * (n // 6),
    "lists in lists": lambda n: '{"a":' + "[" * (n // 2) + "]" * (n // 2) + "}",
    "deep, then wide": lambda n: (
        '{"a":' + "[" * (n // 30) + ",".join("1" for _ in range(n // 3)) + "]" * (n // 30) + "}"
    ),
    "one key again and again": lambda n: "{" + ",".join('"a":1' for _ in range(n // 6)) + "}",
    "keys": lambda n: "{" + ",".join(f'"a{i}":1' for i in range(n // 10)) + "}",
    "a whole number": lambda n: '{"a":' + "9" * n + "}",
    "escapes": lambda n: '{"a":"' + "\\u0041" * (n // 6) + '"}',
    "colons in disguise": lambda n: (
        "{" + ",".join(f'"a{i}":"\\u003a"' for i in range(n // 16)) + "}"
    ),
    "a long key over many values": lambda n: (
        '{"' + "k" * (n // 2) + '":[' + ",".join("1" for _ in range(n // 4)) + "]}"
    ),
    "a long key over many keys": lambda n: (
        '{"' + "k" * (n // 2) + '":{' + ",".join(f'"a{i}":1' for i in range(n // 16)) + "}}"
    ),
    "a body that breaks off": lambda n: '{"a":[' + "[1]," * (n // 4),
}


def check(source: str) -> object:
    return check_configuration(source, COMPILER)


@pytest.mark.parametrize("shape", TOML)
def test_a_configuration_costs_about_its_length(shape: str) -> None:
    assert_linear(check, TOML[shape])


@pytest.mark.parametrize("shape", JSON)
def test_a_configuration_in_json_costs_about_its_length(shape: str) -> None:
    assert_linear(check, JSON[shape])


def edit(source: str) -> object:
    """What the form does with a text: it changes one value, and finds its way in the rest."""
    return rewritten(source, read_document(source) | {"enabled": False})


@pytest.mark.parametrize("shape", TOML)
def test_changing_a_value_in_a_text_costs_about_its_length(shape: str) -> None:
    assert_linear(edit, lambda size: "enabled = true\n" + TOML[shape](size), size=4_096)


def add_experiment(source: str) -> object:
    arms = (NewArm("a", 1), NewArm("b", 1, price_bps=11_000))
    return with_experiment(source, NewExperiment("key", arms))


OTHER_READERS: dict[str, Callable[[str], object]] = {
    "where problems are": lambda text: places_of(text) if _reads(text) else None,
    "two texts compared": lambda text: compare_configurations(text, text.replace("1", "2")),
    "a text to edit": toml_to_edit,
    "a button of the form": lambda text: pressed(text, "add rules"),
    "an experiment added": add_experiment,
}


def _reads(text: str) -> bool:
    """Places are looked for only in what was read."""
    read_document(text)
    return True


@pytest.mark.parametrize("reader", OTHER_READERS)
@pytest.mark.parametrize(
    "shape", ["one dotted key", "keys", "headings", "entries", "a table in a line", "exclusions"]
)
def test_whatever_reads_a_configuration_costs_about_its_length(shape: str, reader: str) -> None:
    pricing = "[[pricing.returnCoverage]]\nbase={USD=1}\n"
    assert_linear(OTHER_READERS[reader], lambda n: TOML[shape](n) + pricing, size=4_096)


def add_to_every_rule(source: str) -> object:
    document = read_document(source)
    for rule in document["rules"]:
        rule["reason"] = "x"
    return rewritten(source, document)


def test_changing_every_entry_of_a_long_list_is_bounded_work() -> None:
    rules = numbered("[[rules]]\nname='r{}'\nreject_when='true'\n")

    assert_linear(add_to_every_rule, rules, size=64 * 1024)


@pytest.mark.parametrize("shape", JSON)
def test_a_body_costs_about_its_length(shape: str) -> None:
    assert_linear(lambda text: refuse_nul(json_object(text.encode())), JSON[shape], size=32_768)
    assert_linear(
        lambda text: analysis_request_from_body(text.encode(), request_id="r"),
        JSON[shape],
        size=32_768,
    )


COOKIES: dict[str, TextOf] = {
    "backslashes": lambda n: f'{SESSION}="' + "\\" * n + '"',
    "octal numbers": lambda n: f'{SESSION}="' + "\\101" * (n // 4) + '"',
    "pairs": numbered("a{}=1;"),
    "semicolons": lambda n: ";" * n,
    "equals signs": lambda n: "a" + "=" * n,
    "our own again and again": lambda n: f"{SESSION}=;" * (n // 20),
}


@pytest.mark.parametrize("shape", COOKIES)
def test_a_cookie_costs_about_its_length(shape: str) -> None:
    assert_linear(
        lambda text: read_cookie(_request_with_cookie(text), SESSION), COOKIES[shape], size=32_768
    )


def _request_with_cookie(text: str) -> Request:
    return create_asgi_req(headers={"Cookie": text})


def test_a_cookie_is_read_as_it_was_written() -> None:
    request = _request_with_cookie(f"other=1; {SESSION}=abc_-123==; {SESSION}=second")

    assert "abc_-123==" == read_cookie(request, SESSION)
    assert read_cookie(request, "nothing") is None


FORMS: dict[str, TextOf] = {
    "escapes": lambda n: "a=" + "%41" * (n // 3),
    "signs of escapes": lambda n: "a=" + "%" * n,
    "plus signs": lambda n: "a=" + "+" * n,
    "fields": numbered("a{}=1&"),
    "one field again and again": lambda n: "a=1&" * (n // 4),
    "commas": lambda n: "a=" + "," * n,
}


@pytest.mark.parametrize("shape", FORMS)
def test_a_form_and_a_query_cost_about_their_length(shape: str) -> None:
    assert_linear(lambda text: parse_qsl(text, keep_blank_values=True), FORMS[shape], size=32_768)
    assert_linear(parse_query_string, FORMS[shape], size=32_768)


def a_target(text: str) -> object:
    return parse_target(text, allows_private=False)


SMALL: dict[str, tuple[Callable[[str], object], TextOf]] = {
    "an address of mail": (parse_email, lambda n: "a@" + "a." * (n // 2)),
    "a locale": (parse_locale, lambda n: "en" + "-a" * (n // 2)),
    "an amount": (lambda text: from_major_units(text, Currency("USD")), lambda n: "9" * n),
    "a fraction": (lambda text: from_major_units(text, Currency("USD")), lambda n: "1." + "9" * n),
    "a time": (parse_timestamp, lambda n: "2026-01-01T00:00:00." + "9" * n + "Z"),
    "a date": (datetime.fromisoformat, lambda n: "2026-01-01" * (n // 10)),
    "the target of a webhook": (a_target, lambda n: "https://" + "a." * (n // 2)),
    "modes as a text": (json.loads, lambda n: "[" * n),
    "a condition": (COMPILER.rule_condition, lambda n: "(" * (n // 2) + "true" + ")" * (n // 2)),
    "negations": (COMPILER.rule_condition, lambda n: "!" * n + "true"),
    "a long or": (COMPILER.rule_condition, lambda n: "||".join(["true"] * (n // 6))),
}


@pytest.mark.parametrize("shape", SMALL)
def test_a_single_value_costs_about_its_length(shape: str) -> None:
    read, text_of = SMALL[shape]
    # A condition is up to 2,000 characters, an address 255, a target 2,048.
    assert_linear(read, text_of, size=2_000)


def test_two_texts_without_a_line_in_common_are_compared_in_about_their_length() -> None:
    def lines(size: int) -> str:
        return "".join(f"u{i}\n" + "a\nb\nb\na\n" * 14 for i in range(size // 116))

    assert_linear(lambda text: text_difference(text, text.replace("b\nb", "b")), lines)


def test_the_measure_sees_what_pythons_own_parser_does_with_dots() -> None:
    with pytest.raises(AssertionError, match="bytes became"):
        assert_linear(tomllib.loads, TOML["one dotted key"])


def test_sixty_kilobytes_of_dots_are_refused_with_the_line_and_what_would_do() -> None:
    source = "enabled = true\n" + "a." * 30_000 + "b = 1\n"

    [placed] = check_configuration(source, COMPILER)

    assert "Line 2 has a key of more than 8 parts" in placed.problem.message
    assert "the deepest heading is [[pricing.shippingProtection.tiers.USD]]" in (
        placed.problem.message
    )
    assert 1_000_000 > peak_of(check, source)
