"""The form of a configuration and its text are two views of one document (ADR 0034)."""

from __future__ import annotations

import json
import re
import tomllib
from collections.abc import Iterator, Mapping
from importlib.resources import files
from typing import Any

import pytest
import tomlkit
from hypothesis import given, settings
from hypothesis import strategies as st

from orderguard.actions.manage_drafts import find_problems
from orderguard.admin.configuration_form.binding import (
    FIELDS_SHOWN_AT_MOST,
    BoundControl,
    BoundMatchers,
    FormTooLarge,
    bind,
    controls_of,
    lists_of,
)
from orderguard.admin.configuration_form.editing import edited, pressed, put
from orderguard.admin.configuration_form.places import CURRENCY
from orderguard.admin.configuration_form.problems import PlacedProblem, placed_problems
from orderguard.admin.configuration_form.typed_numbers import plain_amount
from orderguard.admin.console.page_request import FIELDS_AT_MOST, Fields
from orderguard.domain.configuration.exclusion import LINE_FIELDS
from orderguard.domain.configuration.reading import configuration_from_document
from orderguard.domain.configuration.setting import Kind
from orderguard.domain.errors import InvalidDocument, Malformed
from orderguard.domain.ids import ConfigurationVersion
from orderguard.domain.iso4217 import EXPONENTS
from orderguard.domain.money import Currency, Money, from_major_units, to_major_units
from tests.domain.random_shops import DOCUMENTS
from tests.support.builders import Phrases, a_document
from tests.support.shop import COMPILER

DEMO = files("orderguard.demo").joinpath("merchant.toml").read_text(encoding="utf-8")


def last_plan(mode: str) -> str:
    """The demo's plan for everybody else."""
    return f"pricing.{mode}[{len(tomllib.loads(DEMO)['pricing'][mode]) - 1}]"


PLANS = len(tomllib.loads(DEMO)["pricing"]["shippingProtection"])
RETURNS, SHIPPING = last_plan("returnCoverage"), last_plan("shippingProtection")


def as_shown(source: str, **typed: str | list[str]) -> Fields:
    """The form as a browser sends it back, with some of its controls filled in otherwise.

    A name is written with `__` for what Python does not allow in names.
    """
    parts = bind(tomllib.loads(source) if source.lstrip()[:1] != "{" else json.loads(source))
    pairs: list[tuple[str, str]] = []
    for part in parts:
        for control in controls_of(part.members):
            pairs += _sent(control)
        for each in lists_of(part.members):
            for matcher in getattr(each, "found", ()):
                pairs += [(f"{matcher.name}.{field}", text) for field, text in matcher.conditions]
                if not matcher.conditions:
                    pairs += [(f"{matcher.name}.field", matcher.field)]
                    pairs += [(f"{matcher.name}.pattern", matcher.pattern)]
    pairs = [(name, text) for name, text in pairs if name not in typed]
    for name, texts in typed.items():
        pairs += [(name, text) for text in ([texts] if isinstance(texts, str) else texts)]
    return Fields(pairs)


def _sent(control: BoundControl) -> list[tuple[str, str]]:
    if control.kind is Kind.TICKS:
        return [(control.name, ""), *((control.name, each) for each in control.ticked)]
    if control.kind is Kind.TOGGLE:
        return [(control.name, ""), *([(control.name, "true")] if control.text else [])]
    return [(control.name, control.text.replace("\n", "\r\n"))]


def typed(source: str = DEMO, **fields: str | list[str]) -> dict[str, Any]:
    """The document after these controls of its form were filled in."""
    return tomllib.loads(edited(source, as_shown(source, **fields)))


def problems_of(source: str) -> list[PlacedProblem]:
    return placed_problems(bind(tomllib.loads(source)), find_problems(source, COMPILER))


# Every setting has a control


def test_every_setting_that_a_configuration_may_have_has_a_control() -> None:
    full = tomllib.loads(DEMO) | {
        "charge_method": "product_line_item",
        "charge_product": {"id": "1", "handle": "protection"},
        "terms": {"returnCoverage": {"days": 30}, "shippingProtection": {"days": 60}},
    }
    full["pricing"]["shippingProtection"][0]["tiers"] = {"USD": [{"amount": 1}]}

    in_the_form = _in_the_form(full)

    assert _accepted(full) == in_the_form


def _accepted(document: dict[str, Any]) -> dict[str, set[str]]:
    """What may stand in each table, as the document's own reader says when asked for nonsense."""
    _ask(document)
    with pytest.raises(InvalidDocument) as refused:
        configuration_from_document(document, Phrases(), version=ConfigurationVersion(1))
    accepted: dict[str, set[str]] = {}
    for problem in refused.value.problems:
        path, _, names = f"{problem}".partition(".?: is not a setting; known here: ")
        if not names and problem.path == "?":
            path, names = "", problem.message.partition("known here: ")[2]
        if names:
            accepted.setdefault(_pattern(path), set()).update(names.rstrip(".").split(", "))
    return accepted


def _ask(value: Any) -> None:
    """Put something into every table that nothing accepts, unless its keys are currencies."""
    for each in list(value.values()) if isinstance(value, dict) else value:
        if isinstance(each, dict | list):
            _ask(each)
    if isinstance(value, dict) and not value.keys() & EXPONENTS.keys():
        value["?"] = "?"


def _pattern(path: str) -> str:
    steps = re.sub(r"\[\d+\]", "[]", path).split(".")
    return ".".join(re.sub(r"^[A-Z]{3}(?=\[|$)", CURRENCY, step) for step in steps)


def _in_the_form(document: dict[str, Any]) -> dict[str, set[str]]:
    """What can be typed in each table, by the names of the controls."""
    known: dict[str, set[str]] = {}
    for name in _names(document):
        steps = _pattern(name).split(".")
        for index, step in enumerate(steps):
            if not step.startswith(CURRENCY):
                known.setdefault(".".join(steps[:index]), set()).add(step.removesuffix("[]"))
    return known


def _names(document: dict[str, Any]) -> Iterator[str]:
    for part in bind(document):
        yield from (each.name for each in controls_of(part.members))
        for each in lists_of(part.members):
            if isinstance(each, BoundMatchers):
                yield from (f"{each.name}[0].{field}" for field in LINE_FIELDS)


def test_every_control_has_a_label_and_no_two_have_one_name() -> None:
    parts = bind(tomllib.loads(DEMO))
    names = [each.name for part in parts for each in controls_of(part.members)]
    labels = [each.label for part in parts for each in part.members]

    assert all(labels)
    assert len(names) == len(set(names))
    assert len(names) > 400


# From the form to the text


def test_a_form_that_is_sent_back_as_it_was_changes_nothing() -> None:
    assert DEMO == edited(DEMO, as_shown(DEMO))


@settings(max_examples=50)
@given(DOCUMENTS)
def test_so_it_is_with_any_configuration(document: dict[str, Any]) -> None:
    for source in (tomlkit.dumps(document), json.dumps(document)):
        assert source == edited(source, as_shown(source))


@settings(max_examples=50)
@given(DOCUMENTS, st.integers(0), st.integers(0, 50_00))
def test_one_amount_that_is_typed_changes_that_amount_and_nothing_else(
    document: dict[str, Any], chosen: int, amount: int
) -> None:
    source = tomlkit.dumps(document)
    amounts = [
        control
        for part in bind(document)
        for control in controls_of(part.members)
        if control.kind is Kind.AMOUNT and isinstance(control.value, int)
    ]
    if not amounts:
        return
    control = amounts[chosen % len(amounts)]
    assert control.currency

    text = to_major_units(Money(amount, control.currency))
    changed = typed(source, **{control.name: text})

    put(document, control.path, amount)
    assert document == changed


def test_what_is_not_in_the_form_stays() -> None:
    assert DEMO == edited(DEMO, Fields())


@pytest.mark.parametrize(
    ("name", "text", "kept"),
    [
        (f"{RETURNS}.base.USD", "2.5", 2_50),
        (f"{RETURNS}.base.JPY", "300", 300),
        (f"{RETURNS}.base.KWD", "0.500", 500),
        (f"{SHIPPING}.rate_bps", "1.25", 125),
        (f"{SHIPPING}.rate_bps", "2 %", 200),
        ("provider_share_bps", "40", 4_000),
        ("terms.returnCoverage.days", "14", 14),
        ("rules[0].name", "  no batteries  ", "no batteries"),
        ("rules[0].reject_when", "true\r\n&& false", "true\n&& false"),
        ("rules[2].drop_mode", "returnCoverage", "returnCoverage"),
        ("experiments[0].arms[1].weight", "80", 80),
        ("enabled", "", False),
        ("locales", "en; sv,", ["en", "sv"]),
        ("currencies", "USD EUR", ["USD", "EUR"]),
        ("charge_product.id", "prod-1", "prod-1"),
    ],
)
def test_what_is_typed_is_kept_in_the_units_of_the_document(
    name: str, text: str, kept: object
) -> None:
    document = typed(**{name: text})

    assert kept == _at(document, name)


def _at(document: Any, name: str) -> Any:
    for step in re.findall(r"[^.\[\]]+", name):
        document = document[int(step)] if step.isdigit() else document[step]
    return document


def test_what_is_emptied_is_gone_and_so_is_a_table_with_nothing_in_it() -> None:
    source = "[pricing.a]\n[limits.USD]\nsubtotal_minimum = 100\n[charge_product]\nid = 'x'\n"

    document = typed(source, **{"limits.USD.subtotal_minimum": "", "charge_product.id": ""})

    assert {"pricing": {"a": {}}} == document


def test_modes_are_ticked_and_unticked() -> None:
    assert ["shippingProtection"] == typed(modes=["", "shippingProtection"])["modes"]
    assert [] == typed(modes=[""])["modes"]


def test_a_mode_that_nobody_knows_can_be_seen_and_unticked() -> None:
    source = 'modes = ["refundCoverage", "returnCoverage"]\n'
    [modes] = [c for p in bind(tomllib.loads(source)) for c in controls_of(p.members)
               if c.name == "modes"]  # fmt: skip

    assert ("refundCoverage", "refundCoverage") in modes.options
    assert ["returnCoverage"] == typed(source, modes=["", "returnCoverage"])["modes"]


def test_an_option_that_nobody_knows_is_not_lost() -> None:
    assert 'charge_method = "card"\n' == edited(
        'charge_method = "card"\n', as_shown('charge_method = "card"\n')
    )


def test_settings_that_the_form_does_not_know_are_left_alone() -> None:
    source = 'colour = "green"  # of the box\n[[rules]]\nname = "a"\nowner = "me"\n'

    text = edited(source, as_shown(source, **{"rules[0].name": "b"}))

    assert source.replace('"a"', '"b"') == text


def test_a_matcher_is_read_by_what_it_compares() -> None:
    document = typed(**{"exclusions[0].field": "vendor", "exclusions[0].pattern": "Acme *"})

    assert {"vendor": "Acme *"} == document["exclusions"][0]
    assert {"product_type": "Gift Card"} == document["exclusions"][1]


def test_a_matcher_with_several_conditions_has_a_control_for_each() -> None:
    source = 'exclusions = [{ vendor = "Acme", tag = "sale" }]\n'

    document = typed(source, **{"exclusions[0].tag": "", "exclusions[0].sku": "A-*"})

    assert [{"sku": "A-*", "vendor": "Acme"}] == document["exclusions"]


def test_long_lists_of_matchers_are_left_to_the_text() -> None:
    source = "exclusions = [" + ", ".join(['{ sku = "GC" }'] * 301) + "]\n"
    [exclusions] = [e for p in bind(tomllib.loads(source)) for e in lists_of(p.members)
                    if e.name == "exclusions"]  # fmt: skip

    assert () == getattr(exclusions, "found", None)
    assert source == edited(source, as_shown(source))


def test_an_amount_goes_by_its_currency_however_that_is_written() -> None:
    source = 'currencies = ["usd"]\n[limits.usd]\nsubtotal_minimum = 100\n'

    document = typed(source, **{"limits.usd.subtotal_minimum": "2"})

    assert {"usd": {"subtotal_minimum": 2_00}} == document["limits"]


def test_something_else_in_the_place_of_a_table_is_not_overwritten() -> None:
    source = "limits = 5\ncurrencies = ['USD']\nrules = ['x']\n"

    document = typed(source, **{"limits.USD.subtotal_minimum": "2", "rules[0].name": "n"})

    assert tomllib.loads(source) == document


def test_json_is_edited_as_json() -> None:
    source = json.dumps(a_document())

    text = edited(source, as_shown(source, **{"pricing.returnCoverage[0].base.USD": "3.48"}))

    assert 3_48 == json.loads(text)["pricing"]["returnCoverage"][0]["base"]["USD"]


# What people type for a number


@pytest.mark.parametrize(
    ("text", "currency", "amount"),
    [
        ("2,50", "USD", 2_50),
        ("$2.50", "USD", 2_50),
        ("$ 2,5", "USD", 2_50),
        ("2.50 USD", "USD", 2_50),
        ("usd 2.50", "USD", 2_50),
        ("US$2.50", "USD", 2_50),
        ("2,50 €", "EUR", 2_50),
        ("€2", "EUR", 2_00),
        ("£0,05", "GBP", 5),
        ("1,234.50", "USD", 1_234_50),
        ("1.234,50", "EUR", 1_234_50),
        ("1 234,50", "EUR", 1_234_50),
        ("1\u202f234,50 €", "EUR", 1_234_50),
        ("1,234,567", "USD", 1_234_567_00),
        ("12.345.678,9", "EUR", 12_345_678_90),
        ("¥1 500", "JPY", 1_500),
        ("2,5 kr", "SEK", 2_50),
        ("0,125", "KWD", 125),
        ("1.250", "KWD", 1_250),
        ("-2,50", "USD", -2_50),
        ("2.50", "USD", 2_50),
        ("250", "USD", 250_00),
    ],
)
def test_an_amount_is_read_as_people_write_it(text: str, currency: str, amount: int) -> None:
    code = Currency(currency)

    assert amount == from_major_units(plain_amount(text, code), code).amount


@pytest.mark.parametrize(
    ("text", "currency", "said"),
    [
        ("1,234", "USD", "'1,234' can be read in two ways; write 1234 or 1.234."),
        ("$1,234", "USD", "'$1,234' can be read in two ways; write 1234 or 1.234."),
        ("1,234", "JPY", "can be read in two ways"),
        ("€2.50", "USD", "'€2.50' is not an amount in USD."),
        ("2.50 EUR", "USD", "is not an amount in USD."),
        ("¥250", "USD", "is not an amount in USD."),
        ("1.234,567.8", "EUR", "is not an amount such as"),
        ("12,34.50", "USD", "is not an amount such as"),
        ("1.2.3", "USD", "is not an amount such as"),
        ("1.234", "EUR", "more than the 2 decimals of EUR"),
        ("two fifty", "USD", "is not a decimal amount such as 4.98"),
        ("2.50" + " " * 80 + "$", "USD", "is not a decimal amount"),
        ("1" * 50, "USD", "is not a decimal amount"),
    ],
)
def test_an_amount_that_could_mean_something_else_is_refused(
    text: str, currency: str, said: str
) -> None:
    with pytest.raises(Malformed, match=re.escape(said)):
        from_major_units(plain_amount(text, Currency(currency)), Currency(currency))


@pytest.mark.parametrize(
    ("text", "points"), [("1,5", 150), ("1.5 %", 150), ("0,25%", 25), ("12", 1_200)]
)
def test_a_percentage_is_read_as_people_write_it(text: str, points: int) -> None:
    source = edited(DEMO, as_shown(DEMO, **{f"{SHIPPING}.rate_bps": text}))

    assert f"rate_bps = {points}" in source


def test_every_amount_of_the_form_takes_a_comma_and_a_symbol() -> None:
    amounts = [
        each
        for part in bind(tomllib.loads(DEMO))
        for each in controls_of(part.members)
        if each.kind is Kind.AMOUNT and each.currency == "USD" and each.text
    ]
    assert 5 < len(amounts)

    for change in (lambda text: text.replace(".", ","), lambda text: f"${text}"):
        fields = {each.name: change(each.text) for each in amounts}
        assert DEMO == edited(DEMO, as_shown(DEMO, **fields))


# What is typed amiss


@pytest.mark.parametrize(
    ("name", "text", "said"),
    [
        (f"{RETURNS}.base.USD", "1,500", "'1,500' can be read in two ways; write 1500 or 1.500."),
        (f"{RETURNS}.base.USD", "one fifty", "'one fifty' is not a decimal amount"),
        (f"{RETURNS}.base.USD", "€1.50", "'€1.50' is not an amount in USD."),
        (f"{RETURNS}.base.JPY", "1.5", "more than the 0 decimals of JPY"),
        (f"{SHIPPING}.rate_bps", "1.255", "'1.255' is not a percentage"),
        ("experiments[0].arms[1].weight", "many", "'many' is not a whole number"),
        ("rules[0].reject_when", "cart.nonsense", "Line 1"),
        ("rules[0].name", "", "Is missing."),
        ("currencies", "USD, dollars", "'dollars' is not an ISO 4217 currency code"),
        ("limits.USD.subtotal_maximum", "1.00", "Is 1.00, below the minimum of 15.00."),
        ("provider_share_bps", "250", "a percentage from 0 to 100, found 250."),
        (f"{RETURNS}.rounding.step.JPY", "0", "an amount in JPY from 1 to"),
    ],
)
def test_what_is_typed_amiss_stays_and_is_told_beside_its_control(
    name: str, text: str, said: str
) -> None:
    source = edited(DEMO, as_shown(DEMO, **{name: text}))

    shown = {c.name: c for p in bind(tomllib.loads(source)) for c in controls_of(p.members)}
    problems = {each.name: each.message for each in problems_of(source)}
    assert text == shown[name].text
    assert said in problems[name]


def test_what_was_typed_amiss_can_be_put_right() -> None:
    name = f"{RETURNS}.base.USD"
    wrong = edited(DEMO, as_shown(DEMO, **{name: "1,500"}))

    right = edited(wrong, as_shown(wrong, **{name: "1.50"}))

    assert DEMO == right


def test_a_fraction_of_a_minor_unit_in_the_text_becomes_what_the_form_shows() -> None:
    source = 'currencies = ["USD"]\n[limits.USD]\nsubtotal_minimum = 4.98\n'

    assert 4_98 == typed(source)["limits"]["USD"]["subtotal_minimum"]


@pytest.mark.parametrize(
    ("source", "name"),
    [
        ("rules = [{ name = 'a', reject_when = 'true', colour = 'red' }]", "rules[0]"),
        ("charge_method = 'product_line_item'", "charge_product.id"),
        ("rules = 'none'", "rules"),
        ("colour = 'red'", ""),
        ("exclusions = [{ sku = '*' }]", "exclusions[0]"),
    ],
)
def test_a_problem_without_a_control_is_told_as_near_as_can_be(source: str, name: str) -> None:
    places = [each.name for each in problems_of(source)]

    assert name in places


def test_a_problem_says_where_it_is() -> None:
    source = edited(
        DEMO,
        as_shown(
            DEMO,
            **{
                "pricing.returnCoverage[1].tiers.EUR[0].amount": "x",
                f"{SHIPPING}.minimum.JPY": "x",
            },
        ),
    )

    assert [
        "Price plans of return coverage, plan 2, Tiers in EUR, tier 1, Adds, EUR",
        f"Price plans of shipping protection, plan {PLANS}, Minimum, JPY",
    ] == [each.label for each in problems_of(source)]


def test_a_problem_that_has_no_place_names_its_path() -> None:
    [message] = [each.message for each in problems_of("colour = 'red'\n") if not each.name]

    assert message.startswith("Colour: is not a setting")


# Lists


def after(button: str, source: str = DEMO) -> dict[str, Any]:
    return tomllib.loads(pressed(source, button)[0])


def names(document: Mapping[str, Any]) -> list[str]:
    return [str(rule.get("name", ""))[:12] for rule in document.get("rules", [])]


def test_lists_grow_shrink_and_change_their_order() -> None:
    first, second, *others = names(tomllib.loads(DEMO))

    assert [second, first, *others] == names(after("up rules[1]"))
    assert [second, first, *others] == names(after("down rules[0]"))
    assert [first, *others] == names(after("remove rules[1]"))
    assert [first, second, *others, ""] == names(after("add rules"))


def test_lists_within_lists_do_too() -> None:
    tiers = "pricing.returnCoverage[1].tiers"

    document = after(f"remove {tiers}.USD[0]")
    plan = document["pricing"]["returnCoverage"][1]
    new = after(f"add {tiers}.GBP")["pricing"]["returnCoverage"][1]

    assert [100_000, None] == [tier.get("up_to") for tier in plan["tiers"]["USD"]]
    assert [{}] == new["tiers"]["GBP"]


def test_a_button_says_what_it_was_about() -> None:
    buttons = ("add rules", "up rules[2]", "down rules[0]", "remove rules[0]", "wide exclusions[1]")

    about = [pressed(DEMO, button)[1] for button in buttons]

    assert ["rules[5]", "rules[1]", "rules[1]", "rules", "exclusions[1]"] == about


def test_a_new_experiment_is_a_draft() -> None:
    assert {"status": "draft"} == after("add experiments")["experiments"][-1]


def test_the_last_entry_takes_its_list_with_it() -> None:
    source = 'modes = []\n\n[[rules]]\nname = "a"\n'

    assert {"modes": []} == after("remove rules[0]", source)


@pytest.mark.parametrize("button", ["up rules[0]", "down rules[4]", "remove rules[9]"])
def test_there_is_nothing_beyond_the_ends_of_a_list(button: str) -> None:
    assert DEMO == pressed(DEMO, button)[0]


@pytest.mark.parametrize("button", ["", "add", "add colours", "burn rules[0]", "add limits.USD"])
def test_other_buttons_are_refused(button: str) -> None:
    with pytest.raises(Malformed):
        pressed(DEMO, button)


def test_a_form_is_given_up_when_it_has_more_controls_than_a_page_holds() -> None:
    plans = [{}] * 30_000  # a thousand controls for each, if they were all made
    document = {"currencies": list(EXPONENTS), "pricing": {"returnCoverage": plans}}

    with pytest.raises(FormTooLarge):
        bind(document)


def test_a_browser_may_send_more_fields_than_a_form_begins_with() -> None:
    assert FIELDS_AT_MOST > FIELDS_SHOWN_AT_MOST
