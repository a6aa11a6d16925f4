"""A draft as a form, its prices and the carts that are tried on it, over HTTP, without scripts."""

from __future__ import annotations

import json
import re
from html import unescape
from time import perf_counter
from typing import Any

import httpx
import pytest

from orderguard.actions.manage_drafts import StartFrom, get_draft, save_draft, start_draft
from orderguard.admin.console.configuration_form import SOURCE_AT_MOST
from orderguard.domain.configuration.draft import Draft
from orderguard.domain.iso4217 import EXPONENTS
from orderguard.domain.people.account import Role
from orderguard.domain.people.audit import Change
from orderguard.randomness import new_draft_id
from orderguard.running.wiring import now
from tests.support.builders import a_document
from tests.support.console import Visitor, a_visitor, text_of
from tests.support.shop import A_TESTER, RunningServer, Shop
from tests.support.wire import wire_line, wire_request

SOURCE = """\
# Ours.
modes = ["returnCoverage"]
currencies = ["USD", "JPY"]

[[rules]]
name = "nothing to Canada"
reject_when = 'region.country == "CA"'

[[pricing.returnCoverage]]
base = { USD = 348, JPY = 300 }
"""
HOSTILE = "</textarea><script>alert('og')</script>"


@pytest.fixture
def editor(shop: Shop) -> Visitor:
    return a_visitor(shop, Role.EDITOR)


@pytest.fixture
def draft(shop: Shop) -> Draft:
    return a_draft(shop)


def a_draft(shop: Shop, source: str = SOURCE) -> Draft:
    return start_draft(
        shop.running.database,
        shop.id,
        "Spring prices",
        StartFrom(source=source),
        new_id=new_draft_id(),
        change=Change(A_TESTER, now()),
    )


def at(draft: Draft, then: str = "/form") -> str:
    return f"/console/m/{draft.merchant}/configuration/drafts/{draft.id}{then}"


def kept(shop: Shop, draft: Draft) -> Draft:
    with shop.running.database.read() as work:
        return get_draft(work, shop.id, draft.id)


def fields_of(page: str) -> list[tuple[str, str]]:
    """What a browser would send of the form on this page."""
    form = page[
        page.index('id="configuration-form"') : page.index("</form>", page.index('id="conf'))
    ]
    found: list[tuple[str, str]] = []
    for tag in re.finditer(
        r"<input ([^>]*)>|<textarea ([^>]*)>\n(.*?)</textarea>|<select ([^>]*)>(.*?)</select>",
        form,
        re.DOTALL,
    ):
        attributes = dict(re.findall(r'([\w-]+)="([^"]*)"', tag[1] or tag[2] or tag[4]))
        name = unescape(attributes.get("name", ""))
        if tag[1] is not None:
            is_box = attributes["type"] == "checkbox"
            if not is_box or re.search(r"\schecked\b", tag[1]):
                found.append((name, unescape(attributes["value"])))
        elif tag[2] is not None:
            found.append((name, unescape(tag[3])))
        else:
            chosen = re.search(r'value="([^"]*)" selected', tag[5])
            found.append((name, unescape(chosen[1]) if chosen else ""))
    return found


def send(
    editor: Visitor, path: str, page: httpx.Response, *, then: str = "", **typed: str
) -> httpx.Response:
    """The form of a page with some controls filled in otherwise."""
    fields = [(name, text) for name, text in fields_of(page.text) if name not in typed]
    body: dict[str, Any] = {}
    for name, text in [*fields, *typed.items()]:
        body.setdefault(name, []).append(text)
    return editor.http.post(path + then, data=body)


def messages(page: httpx.Response) -> dict[str, str]:
    """What is told beside the controls, by their names."""
    shown = re.findall(r'<p class="problem" id="problem-([^"]*)">(.*?)</p>', page.text)
    return {unescape(name): unescape(text) for name, text in shown}


def value_of(page: httpx.Response, name: str) -> str:
    return dict(fields_of(page.text))[name]


def test_a_form_that_is_saved_as_it_was_changes_nothing(
    shop: Shop, editor: Visitor, draft: Draft
) -> None:
    page = editor.get(at(draft))

    answer = send(editor, at(draft), page, do="save")

    assert 303 == answer.status_code
    assert draft == kept(shop, draft)


def test_a_price_is_changed_in_major_units(shop: Shop, editor: Visitor, draft: Draft) -> None:
    page = editor.get(at(draft))
    base = "pricing.returnCoverage[0].base"

    send(editor, at(draft), page, do="save", **{f"{base}.USD": "3.98", f"{base}.JPY": "350"})

    changed = SOURCE.replace("USD = 348, JPY = 300", "USD = 398, JPY = 350")
    assert changed == kept(shop, draft).source


def test_what_is_typed_amiss_is_kept_and_told_beside_the_control(
    shop: Shop, editor: Visitor, draft: Draft
) -> None:
    name = "pricing.returnCoverage[0].base.USD"

    answer = send(editor, at(draft), editor.get(at(draft)), do="save", **{name: "3,980"})

    page = editor.get(answer.headers["location"])
    assert "3,980" == value_of(page, name)
    assert "'3,980' can be read in two ways; write 3980 or 3.980." == messages(page)[name]
    assert f'id="f-{name}"' in page.text
    assert 'aria-invalid="true"' in page.text
    assert "Saved. 1 error to fix." in text_of(page)


def test_a_check_tells_and_keeps_nothing(shop: Shop, editor: Visitor, draft: Draft) -> None:
    page = editor.get(at(draft))

    checked = send(editor, at(draft), page, then="/check", modes="")

    assert "Expected at least one coverage mode" in messages(checked)["modes"]
    assert re.search(r'<a href="[^"]+/form" aria-current="page">', checked.text)
    assert draft == kept(shop, draft)


def test_somebody_who_types_is_told_only_what_was_found(
    shop: Shop, editor: Visitor, draft: Draft
) -> None:
    body = dict(fields_of(editor.get(at(draft)).text))
    body["pricing.returnCoverage[0].base.USD"] = "4.48"

    answer = editor.http.post(at(draft, "/form/check"), data=body, headers={"HX-Request": "true"})

    assert "<html" not in answer.text
    assert "<input" not in answer.text
    assert "Ready to publish" in text_of(answer)
    assert "4.48 USD" in text_of(answer).replace("\xa0", " ")


def test_buttons_change_lists_and_keep_what_was_typed(
    shop: Shop, editor: Visitor, draft: Draft
) -> None:
    page = editor.get(at(draft))

    more = send(editor, at(draft), page, do="add rules", **{"rules[0].name": "no Canada"})
    moved = send(
        editor,
        at(draft),
        more,
        do="up rules[1]",
        **{"rules[1].name": "no France", "rules[1].reject_when": 'region.country == "FR"'},
    )
    less = send(editor, at(draft), moved, do="remove rules[1]")
    send(editor, at(draft), less, do="save")

    assert "no Canada" == value_of(more, "rules[0].name")
    assert "Is missing." == messages(more)["rules[1].name"]
    assert ["no France", "no Canada"] == [value_of(moved, f"rules[{n}].name") for n in (0, 1)]
    assert 'name = "no France"' in kept(shop, draft).source
    assert "Canada" not in kept(shop, draft).source
    assert kept(shop, draft).source.startswith("# Ours.\n")


def test_after_a_button_the_keyboard_is_where_it_was_pressed(editor: Visitor, draft: Draft) -> None:
    more = send(editor, at(draft), editor.get(at(draft)), do="add rules")

    [focused] = re.findall(r"<(\w+)[^>]* autofocus", more.text)
    entry = more.text[: more.text.index(" autofocus")].rpartition("<details")[2]
    assert "summary" == focused
    assert 'id="f-rules[1]" open' in entry


def test_a_matcher_gets_a_second_condition(shop: Shop, editor: Visitor, draft: Draft) -> None:
    page = send(editor, at(draft), editor.get(at(draft)), do="add exclusions")
    typed = {"exclusions[0].field": "vendor", "exclusions[0].pattern": "Acme"}

    wide = send(editor, at(draft), page, do="wide exclusions[0]", **typed)
    send(editor, at(draft), wide, do="save", **{"exclusions[0].tag": "sale"})

    assert 'exclusions = [{ vendor = "Acme", tag = "sale" }]' in kept(shop, draft).source


def test_who_saves_second_is_told_and_loses_nothing(
    shop: Shop, editor: Visitor, draft: Draft
) -> None:
    page = editor.get(at(draft))
    save_draft(
        shop.running.database,
        shop.id,
        draft.id,
        SOURCE.replace("348", "448"),
        expected_revision=draft.revision,
        change=Change(A_TESTER, now()),
    )

    refused = send(editor, at(draft), page, do="save", **{"rules[0].name": "mine"})
    again = send(editor, at(draft), refused, do="save")

    assert 409 == refused.status_code
    assert "changed this draft meanwhile" in text_of(refused)
    assert "mine" == value_of(refused, "rules[0].name")
    assert 303 == again.status_code
    assert 'name = "mine"' in kept(shop, draft).source


def test_a_text_that_cannot_be_read_has_no_form(shop: Shop, editor: Visitor) -> None:
    page = editor.get(at(a_draft(shop, "modes = [")))

    assert 200 == page.status_code
    assert "A form needs a text that can be read" in text_of(page)
    assert "configuration-form" not in page.text


def test_a_configuration_larger_than_a_form_has_none(shop: Shop, editor: Visitor) -> None:
    plans = [{"base": {"USD": 1}} for _ in range(50)]
    document = a_document(
        currencies=["USD", "EUR", "JPY", "SEK", "CAD", "GBP", "AUD", "KWD"],
        pricing={"returnCoverage": plans, "shippingProtection": plans},
    )

    page = editor.get(at(a_draft(shop, json.dumps(document))))

    assert "larger than a form can hold" in text_of(page)


def a_short_text_of_many_controls() -> str:
    """1.3 KB: the currencies of the world, and a hundred price plans with controls for each."""
    document = {"currencies": list(EXPONENTS), "pricing": {"returnCoverage": [{}] * 100}}
    return json.dumps(document, separators=(",", ":"))


def test_a_short_text_of_too_many_controls_has_no_form(shop: Shop, editor: Visitor) -> None:
    page = editor.get(at(a_draft(shop, a_short_text_of_many_controls())))

    assert "larger than a form can hold" in text_of(page)


@pytest.mark.parametrize("then", ["", "/check"])
@pytest.mark.parametrize(
    "source", [a_short_text_of_many_controls(), "# " + "x" * SOURCE_AT_MOST], ids=["many", "long"]
)
def test_a_text_without_a_form_cannot_be_sent_as_one(
    editor: Visitor, draft: Draft, then: str, source: str
) -> None:
    page = editor.get(at(draft))

    answer = send(editor, at(draft), page, then=then, do="add rules", source=source)

    assert 400 == answer.status_code
    assert "larger than a form can hold" in text_of(answer)


def test_what_is_typed_beyond_the_size_of_a_form_is_there_as_text(
    editor: Visitor, draft: Draft
) -> None:
    long = "region.country == 'CA' || " * 5_000
    page = editor.get(at(draft))

    answer = send(editor, at(draft), page, do="add rules", **{"rules[0].reject_when": long})

    assert "larger than a form can hold" in text_of(answer)
    assert "Save it as text" in text_of(answer)
    assert long in unescape(answer.text)


def test_a_character_that_no_document_can_keep_is_left_out(
    shop: Shop, editor: Visitor, draft: Draft
) -> None:
    page = editor.get(at(draft))

    send(editor, at(draft), page, do="save", **{"rules[0].name": "no\0Canada"})

    assert 'name = "noCanada"' in kept(shop, draft).source


def test_hostile_words_stay_words(shop: Shop, editor: Visitor) -> None:
    document = a_document(
        rules=[{"name": HOSTILE, "reject_when": f"'{HOSTILE}' == \"\" || oops"}],
        exclusions=[{"sku": HOSTILE}],
        charge_method=HOSTILE,
    )
    draft = a_draft(shop, json.dumps(document))

    for path in ("/form", "/price-preview", "/try-cart"):
        page = editor.get(at(draft, path))

        assert 200 == page.status_code
        assert "<script>alert" not in page.text


def test_a_viewer_sees_the_form_and_cannot_send_it(shop: Shop, draft: Draft) -> None:
    page = a_visitor(shop, Role.VIEWER).get(at(draft))

    assert '<fieldset class="parts" disabled>' in page.text
    assert "Save draft" not in page.text
    assert "hx-post" not in page.text


@pytest.mark.parametrize("then", ["/form", "/price-preview", "/try-cart"])
def test_another_merchants_draft_is_not_found(
    editor: Visitor, shop: Shop, running_server: RunningServer, then: str
) -> None:
    theirs = a_draft(running_server.a_shop())

    answer = editor.get(f"/console/m/{shop.id}/configuration/drafts/{theirs.id}{then}")

    assert 404 == answer.status_code


# Prices


def test_the_preview_shows_draft_and_published_side_by_side(editor: Visitor, draft: Draft) -> None:
    told = text_of(editor.get(at(draft, "/price-preview"))).replace("\xa0", " ")

    # Published are 2.98 and 2.00; the draft has return coverage alone.
    assert "50.00 USD 4.98 USD 3.48 USD \N{MINUS SIGN}1.50 USD 3.48 USD plan 1 was 2.98 USD" in told
    assert "5,000 JPY hidden: currency not supported 300 JPY shown" in told


ENDLESS = """\
[[rules]]
name = "rule {number}"
reject_when = 'cart.lines.all(l, {question})'
"""
COSTLY_QUESTION = " || ".join([r'l.title.matches("\\pL\\pL9")'] * 3)


def test_rules_that_take_long_leave_currencies_out_and_say_so(shop: Shop, editor: Visitor) -> None:
    rules = [ENDLESS.format(number=n, question=f"{COSTLY_QUESTION} || {n} < 0") for n in range(7)]
    source = SOURCE.replace('["USD", "JPY"]', json.dumps(list(EXPONENTS))) + "\n".join(rules)
    draft = a_draft(shop, source)
    began = perf_counter()

    told = text_of(editor.get(at(draft, "/price-preview")))

    assert "there was no time for" in told
    assert 10 > perf_counter() - began


def test_the_preview_is_of_the_shopper_that_was_asked_for(editor: Visitor, draft: Draft) -> None:
    told = text_of(editor.get(at(draft, "/price-preview?region=ca&groups=vip,%20staff")))

    assert "hidden: eligibility rule not met (Rule 'nothing to Canada')" in told


PRICE_TEST = SOURCE.replace(
    "[[pricing.returnCoverage]]",
    """\
[[experiments]]
key = "prices"
status = "running"
arms = [{ name = "usual", weight = 1 }, { name = "higher", weight = 1 }]

[[pricing.returnCoverage]]
when = 'cohort == "higher"'
base = { USD = 998 }

[[pricing.returnCoverage]]""",
)


def test_the_price_of_an_arm_is_previewed(shop: Shop, editor: Visitor) -> None:
    draft = a_draft(shop, PRICE_TEST)

    usual, higher = (
        text_of(editor.get(at(draft, f"/price-preview?arm={arm}"))).replace("\xa0", " ")
        for arm in ("usual", "higher")
    )

    assert "50.00 USD 4.98 USD 3.48 USD" in usual
    assert "50.00 USD 4.98 USD 9.98 USD" in higher


def test_a_session_is_tried_in_its_arm(running_server: RunningServer) -> None:
    arms = [{"name": "higher", "weight": 10**6}, {"name": "usual", "weight": 1}]
    experiment = {"key": "prices", "status": "running", "arms": arms}
    shop = running_server.a_shop(experiments=[experiment])
    session = shop.analyze(experimentationConsent=True)["sessionId"]
    path = at(a_draft(shop, PRICE_TEST), f"/try-cart?session={session}")

    page = text_of(a_visitor(shop, Role.VIEWER).get(path)).replace("\xa0", " ")

    assert "By this draft Shown for 9.98 USD" in page
    assert "For a shopper in the arm “higher”" in page


def test_a_shopper_that_cannot_be_is_explained(editor: Visitor, draft: Draft) -> None:
    answer = editor.get(at(draft, "/price-preview?region=nowhere&locale=%21"))

    assert 422 == answer.status_code
    assert "is not a country code" in messages(answer)["region"]
    assert "is not a BCP 47 language tag" in messages(answer)["locale"]


# Carts


def test_the_cart_of_a_session_is_tried(shop: Shop, editor: Visitor, draft: Draft) -> None:
    session = shop.analyze(region="CA")["sessionId"]

    page = editor.get(at(draft, f"/try-cart?session={session}"))

    told = text_of(page).replace("\xa0", " ")
    assert "By this draft Hidden: eligibility rule not met" in told
    assert "By what is published Shown for 4.98 USD" in told
    assert "nothing to Canada holds" in told
    assert '"region": "CA"' in unescape(page.text)


def test_a_cart_is_pasted_and_tried(shop: Shop, editor: Visitor, draft: Draft) -> None:
    path = at(draft, "/try-cart")

    page = editor.send(path, path, request=json.dumps(wire_request(wire_line(title=HOSTILE))))

    told = text_of(page).replace("\xa0", " ")
    assert "By this draft Shown for 3.48 USD" in told
    assert "base 3.48 USD" in told
    assert "<script>alert" not in page.text
    assert {"offer_sessions": 0, "cart_bindings": 0, "analyses": 0} == shop.row_counts()


@pytest.mark.parametrize(
    ("pasted", "said"),
    [
        ("", "Request body is not JSON"),
        ("[1]", "must be a JSON object"),
        ("[" * 100_000, "Request body is"),
        ('{"platform": "x", "platform": "y"}', "occurs twice"),
        ('{"platform": "custom", "region": "US"}', "cart: is missing"),
        (json.dumps(wire_request(wire_line(totalPrice="19.99"))), "cart.lines[0].totalPrice"),
    ],
)
def test_what_is_not_a_request_comes_back_with_what_is_wrong(
    editor: Visitor, draft: Draft, pasted: str, said: str
) -> None:
    path = at(draft, "/try-cart")

    page = editor.send(path, path, request=pasted)

    assert 422 == page.status_code
    assert said in text_of(page)


def test_a_cart_over_the_limit_is_refused(editor: Visitor, draft: Draft) -> None:
    path = at(draft, "/try-cart")

    assert 400 == editor.send(path, path, request="x" * 1_100_000).status_code


def test_a_draft_with_problems_leaves_what_is_published_to_try(shop: Shop, editor: Visitor) -> None:
    draft = a_draft(shop, "modes = []\n")
    session = shop.analyze()["sessionId"]

    told = text_of(editor.get(at(draft, f"/try-cart?session={session}"))).replace("\xa0", " ")

    assert "By this draft nothing yet" in told
    assert "2 errors to fix." in told
    assert "By what is published Shown for 4.98 USD" in told


def test_another_merchants_session_is_not_tried(
    editor: Visitor, draft: Draft, running_server: RunningServer
) -> None:
    theirs = running_server.a_shop().analyze()["sessionId"]

    for session in (theirs, "lop_1"):
        assert 404 == editor.get(at(draft, f"/try-cart?session={session}")).status_code


def test_publishing_from_the_form_saves_what_was_typed_first(
    shop: Shop, editor: Visitor, draft: Draft
) -> None:
    base, page = "pricing.returnCoverage[0].base", editor.get(at(draft))

    answer = send(editor, at(draft), page, go_on="publish", **{f"{base}.USD": "$3,98"})

    assert at(draft, "/publish") == answer.headers["location"]
    assert "USD = 398" in kept(shop, draft).source
    assert "3.98" in text_of(editor.get(at(draft, "/publish")))
