"""Drafts in the console: written, checked, and published by one person or by two at once."""

from __future__ import annotations

import json
import re
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import httpx
import pytest

from orderguard.actions.configuration_source.reading import SOURCE_LIMIT
from orderguard.actions.manage_drafts import (
    NOTHING,
    DraftChanged,
    StartFrom,
    TooManyDrafts,
    delete_draft,
    publish_draft,
    save_draft,
    start_draft,
)
from orderguard.actions.publish_configuration import PublishedMeanwhile
from orderguard.domain.configuration.draft import DRAFTS_AT_MOST, Draft, DraftId
from orderguard.domain.configuration.published import PublishedConfiguration
from orderguard.domain.errors import InvalidDocument, NotFound
from orderguard.domain.ids import ConfigurationVersion
from orderguard.domain.people.account import Role
from orderguard.domain.people.audit import Actor, Change
from orderguard.randomness import new_draft_id
from orderguard.running.wiring import now
from tests.admin.test_console_pages import HOSTILE
from tests.support.builders import a_document
from tests.support.console import Visitor, a_visitor, an_account, text_of
from tests.support.shop import A_TESTER, COMPILER, RunningServer, Shop
from tests.support.wire import wire_line

GOOD = """
modes = ["returnCoverage"]
currencies = ["USD"]

[[pricing.returnCoverage]]
base = { USD = 777 }
"""
BROKEN = GOOD.replace('"USD"', '"USDD"')


@pytest.fixture
def editor(shop: Shop) -> Visitor:
    return a_visitor(shop, Role.EDITOR)


def at(shop: Shop, path: str = "") -> str:
    return f"/console/m/{shop.id}/configuration{path}"


def begin(shop: Shop, visitor: Visitor, name: str = "Summer", **fields: str) -> str:
    """The path of a new draft's page."""
    answer = visitor.send(at(shop), at(shop, "/drafts"), name=name, **fields)
    assert 303 == answer.status_code, text_of(answer)
    path: str = answer.headers["location"].removesuffix("/form")
    return path


def id_of(path: str) -> DraftId:
    return DraftId(path.rsplit("/", 1)[1])


def save(visitor: Visitor, path: str, source: str, revision: int = 1) -> httpx.Response:
    return visitor.send(path, path, source=source, revision=str(revision))


def versions(shop: Shop) -> list[int]:
    with shop.running.database.read() as work:
        return [each.version for each in work.configurations.history(shop.id)]


def stored(shop: Shop, path: str) -> Draft | None:
    with shop.running.database.read() as work:
        return work.drafts.find(shop.id, id_of(path))


def editor_text(page: httpx.Response) -> str:
    found = re.search(r"<textarea[^>]*>\n(.*?)</textarea>", page.text, re.DOTALL)
    assert found
    return found[1].replace("&#34;", '"')


def test_a_draft_is_begun_saved_confirmed_and_published(shop: Shop, editor: Visitor) -> None:
    path = begin(shop, editor)
    assert "Saved." in text_of(editor.get(save(editor, path, GOOD).headers["location"]))

    confirmation = editor.get(f"{path}/publish")
    answer = editor.send(f"{path}/publish", f"{path}/publish", revision="2", on_top_of="1")

    assert "base = { USD = 777 }" in text_of(confirmation)
    assert "in the place of version 1" in text_of(confirmation)
    assert at(shop) == answer.headers["location"]
    assert "Version 2, since" in text_of(editor.get(at(shop)))
    assert 404 == editor.get(path).status_code
    assert 7_77 == shop.analyze(wire_line())["chargeInstructions"]["amount"]
    trail = text_of(a_visitor(shop).get(f"/console/m/{shop.id}/audit"))
    assert "draft created" in trail
    assert "draft saved" in trail
    assert "configuration published version 2" in trail


def test_a_draft_begins_with_what_is_published_with_nothing_or_with_a_version(
    shop: Shop, editor: Visitor
) -> None:
    shop.publish(a_document(exclude_b2b=True))

    published = stored(shop, begin(shop, editor))
    nothing = stored(shop, begin(shop, editor, start_from="nothing"))
    version = stored(shop, begin(shop, editor, version="1"))

    assert published
    assert json.loads(published.source)["exclude_b2b"]
    assert nothing
    assert NOTHING.source == nothing.source
    assert version
    assert a_document() == json.loads(version.source)
    assert [2, 2, 2] == [each.based_on for each in (published, nothing, version)]
    for version_number in ("9", "0", "999999999999999"):
        missing = editor.send(at(shop), at(shop, "/drafts"), name="x", version=version_number)
        assert 404 == missing.status_code


def test_a_draft_with_problems_is_saved_but_not_published(shop: Shop, editor: Visitor) -> None:
    path = begin(shop, editor)

    saved = save(editor, path, BROKEN)
    page = editor.get(path)
    confirmation = editor.get(f"{path}/publish")
    answer = editor.send(f"{path}/publish", f"{path}/publish", revision="2", on_top_of="1")

    assert 303 == saved.status_code
    assert BROKEN == editor_text(page)
    assert "Line 3 currencies = [&#34;USDD&#34;]".replace("&#34;", '"') in text_of(page)
    assert "currencies[0]" in text_of(page)
    assert "Publish</button>" not in confirmation.text
    assert 422 == answer.status_code
    assert [1] == versions(shop)


def test_a_text_is_checked_without_being_saved(shop: Shop, editor: Visitor) -> None:
    path = begin(shop, editor)
    fields = {"form_token": editor.form_token(path), "source": BROKEN, "revision": "1"}

    whole = editor.http.post(f"{path}/check", data=fields)
    fragment = editor.http.post(f"{path}/check", data=fields, headers={"HX-Request": "true"})
    fine = editor.http.post(
        f"{path}/check", data=fields | {"source": GOOD}, headers={"HX-Request": "true"}
    )

    assert "not saved" in text_of(whole)
    assert BROKEN == editor_text(whole)
    assert "currencies[0]" in fragment.text
    assert "<html" not in fragment.text
    assert "Ready to publish" in fine.text
    draft = stored(shop, path)
    assert draft
    assert 1 == draft.revision


def test_who_saves_second_is_shown_what_the_first_wrote(shop: Shop, editor: Visitor) -> None:
    path, other = begin(shop, editor), a_visitor(shop, Role.EDITOR)
    save(editor, path, GOOD)

    answer = save(other, path, GOOD.replace("777", "888"))
    over = save(other, path, GOOD.replace("777", "888"), revision=2)

    assert 409 == answer.status_code
    page = text_of(answer)
    assert "saved this draft meanwhile" in page
    assert "base = { USD = 777 }" in page
    assert 'name="revision" value="2"' in answer.text
    assert "888" in editor_text(answer)
    assert 303 == over.status_code


def test_lines_end_as_they_did_whatever_the_browser_sends(shop: Shop, editor: Visitor) -> None:
    path = begin(shop, editor)

    save(editor, path, GOOD.replace("\n", "\r\n"))

    draft = stored(shop, path)
    assert draft
    assert GOOD == draft.source


def test_what_was_published_meanwhile_is_shown_and_can_be_published_upon(
    shop: Shop, editor: Visitor
) -> None:
    path = begin(shop, editor)
    save(editor, path, GOOD)
    shop.publish(a_document(exclude_b2b=True))

    refused = editor.send(f"{path}/publish", f"{path}/publish", revision="2", on_top_of="1")
    anyway = editor.send(f"{path}/publish", f"{path}/publish", revision="2", on_top_of="2")

    assert 409 == refused.status_code
    page = text_of(refused)
    assert "published version 2 meanwhile" in page
    assert "exclude_b2b" in page
    assert "Publish anyway, on top of version 2" in page
    assert 303 == anyway.status_code
    assert [3, 2, 1] == versions(shop)


def test_a_draft_of_another_merchant_is_not_found(
    shop: Shop, editor: Visitor, running_server: RunningServer
) -> None:
    other = running_server.a_shop()
    theirs = begin(other, a_visitor(other)).replace(other.id, shop.id)
    token = {"form_token": editor.form_token(at(shop)), "revision": "1", "source": GOOD}

    answers = [editor.get(theirs), editor.get(f"{theirs}/publish")]
    answers += [
        editor.http.post(theirs + action, data=token | {"name": "x"})
        for action in ("", "/check", "/rename", "/delete", "/shadow-run", "/publish")
    ]

    assert {404} == {each.status_code for each in answers}
    with shop.running.database.read() as work:
        [draft] = work.drafts.of_merchant(other.id)
    assert 1 == draft.revision


@pytest.mark.parametrize("path", ["/drafts/%00", "/scheduled/%00", "/history?before=%00"])
def test_an_address_that_nothing_can_have_is_not_found(
    shop: Shop, editor: Visitor, path: str
) -> None:
    assert 404 == editor.get(at(shop, path)).status_code


def test_a_viewer_reads_a_draft_without_its_buttons(shop: Shop, editor: Visitor) -> None:
    path, viewer = begin(shop, editor), a_visitor(shop, Role.VIEWER)

    for page in (viewer.get(path), viewer.get(f"{path}/publish"), viewer.get(at(shop))):
        assert 200 == page.status_code
        assert "formaction" not in page.text
        assert 'name="revision"' not in page.text
        assert "Begin a draft" not in page.text


def test_a_text_that_is_too_long_is_refused_and_stays_in_the_editor(
    shop: Shop, editor: Visitor
) -> None:
    path = begin(shop, editor)

    answer = save(editor, path, "x" * (SOURCE_LIMIT + 1))

    assert 422 == answer.status_code
    assert "the limit is 64 kB, reached in line 1" in text_of(answer)
    draft = stored(shop, path)
    assert draft
    assert 1 == draft.revision


def test_a_character_that_no_database_keeps_is_refused(shop: Shop, editor: Visitor) -> None:
    path = begin(shop, editor)

    answer = save(editor, path, "enabled = true\n# \x00")

    assert 422 == answer.status_code
    assert "a character in line 2" in text_of(answer)


def test_names_and_texts_with_html_stay_text(shop: Shop, editor: Visitor) -> None:
    path = begin(shop, editor, name=HOSTILE)
    save(editor, path, f"# {HOSTILE}\nmodes = ['{HOSTILE}']\n'{HOSTILE}' = 1\n# </textarea>")

    for page in (editor.get(path), editor.get(f"{path}/publish"), editor.get(at(shop))):
        assert 200 == page.status_code
        assert "&lt;script&gt;" in page.text
        assert "<script>" not in page.text
        assert "<img src=x" not in page.text
    assert 1 == editor.get(path).text.count("</textarea>")


def test_what_is_very_different_is_cut_and_says_so(shop: Shop, editor: Visitor) -> None:
    path = begin(shop, editor)
    exclusions = "\n".join(f'[[exclusions]]\nsku = "{n}"\ntagg = "x"' for n in range(1_500))

    save(editor, path, f"{GOOD}\n{exclusions}")

    page, confirmation = editor.get(path), editor.get(f"{path}/publish")
    assert "1500 errors" in text_of(page)
    assert "And 1400 more." in text_of(page)
    assert "more settings" in text_of(confirmation)
    assert "There is more than is shown here" in text_of(confirmation)
    assert len(confirmation.content) < 1_000_000


@pytest.mark.parametrize("depth", [100, 300, 500, 900])
def test_a_text_that_is_nested_deeply_breaks_no_page(
    shop: Shop, editor: Visitor, depth: int
) -> None:
    path = begin(shop, editor)

    save(editor, path, '{"a": ' * depth + "1" + "}" * depth)

    assert [200, 200] == [editor.get(path).status_code, editor.get(f"{path}/publish").status_code]


def test_a_draft_is_renamed_and_deleted(shop: Shop, editor: Visitor) -> None:
    path = begin(shop, editor)

    unnamed = editor.send(path, f"{path}/rename", name=" ", revision="1")
    editor.send(path, f"{path}/rename", name="Autumn", revision="1")
    late = editor.send(path, f"{path}/delete", revision="1")
    page = text_of(editor.get(path))
    editor.send(path, f"{path}/delete", revision="2")

    assert [422, 422] == [unnamed.status_code, late.status_code]
    assert "Autumn" in page
    assert stored(shop, path) is None
    assert "Autumn" not in text_of(editor.get(at(shop))).replace("Deleted", "")


def test_a_name_that_is_none_is_explained_and_stays(shop: Shop, editor: Visitor) -> None:
    answer = editor.send(at(shop), at(shop, "/drafts"), name="x" * 101)

    assert 422 == answer.status_code
    assert "is not a name" in text_of(answer)
    assert "x" * 101 in answer.text


def test_a_draft_is_shadow_run_as_it_is_saved(shop: Shop, editor: Visitor) -> None:
    path = begin(shop, editor)
    broken = begin(shop, editor)
    save(editor, broken, BROKEN)

    answer = editor.send(path, f"{path}/shadow-run")
    refused = editor.send(broken, f"{broken}/shadow-run")

    assert at(shop, "/shadow-runs/shr_") in answer.headers["location"]
    assert answer.headers["location"] in editor.get(path).text
    assert 422 == refused.status_code
    assert "currencies[0]" in text_of(refused)


# The verbs, where two come at once.


def a_draft(shop: Shop, source: str = GOOD) -> Draft:
    return start_draft(
        shop.running.database,
        shop.id,
        "Summer",
        StartFrom(source=source),
        new_id=new_draft_id(),
        change=Change(A_TESTER, now()),
    )


def saved(shop: Shop, draft: Draft, source: str, by: str = A_TESTER) -> Draft:
    return save_draft(
        shop.running.database,
        shop.id,
        draft.id,
        source,
        expected_revision=draft.revision,
        change=Change(Actor(by), now()),
    )


def published(shop: Shop, draft: Draft, on_top_of: int | None = 1) -> PublishedConfiguration:
    return publish_draft(
        shop.running.database,
        COMPILER,
        shop.id,
        draft.id,
        expected_revision=draft.revision,
        on_top_of=ConfigurationVersion(on_top_of) if on_top_of else None,
        change=Change(A_TESTER, now()),
    )


def outcomes(calls: list[Any]) -> list[Any]:
    """What calls at the same time return or raise."""

    def outcome(call: Any) -> Any:
        try:
            return call()
        except Exception as error:
            return error

    with ThreadPoolExecutor(len(calls)) as pool:
        return [*pool.map(outcome, calls)]


def test_of_many_who_save_at_once_one_succeeds_and_the_others_are_told(shop: Shop) -> None:
    draft = a_draft(shop)

    found = outcomes(
        [lambda n=n: saved(shop, draft, f"{GOOD}# {n}", f"person {n}") for n in range(6)]
    )

    [winner] = [each for each in found if isinstance(each, Draft)]
    losers = [each for each in found if isinstance(each, DraftChanged)]
    assert 5 == len(losers)
    assert {winner} == {each.current for each in losers}


def test_of_many_who_publish_at_once_one_succeeds(shop: Shop) -> None:
    draft = a_draft(shop)

    found = outcomes([lambda: published(shop, draft)] * 4)

    assert 1 == sum(isinstance(each, PublishedConfiguration) for each in found)
    assert [2, 1] == versions(shop)


def test_saving_what_is_there_changes_nothing(shop: Shop) -> None:
    draft = a_draft(shop)

    assert draft == saved(shop, draft, draft.source)


def test_nothing_is_published_that_whoever_publishes_has_not_seen(shop: Shop) -> None:
    draft = a_draft(shop)
    later = saved(shop, draft, f"{GOOD}# more")

    with pytest.raises(DraftChanged):
        published(shop, draft)
    with pytest.raises(PublishedMeanwhile):
        published(shop, later, on_top_of=None)
    assert 2 == published(shop, later).version


def test_publishing_checks_the_text_and_leaves_the_draft_when_it_is_wrong(shop: Shop) -> None:
    draft = a_draft(shop, BROKEN)

    with pytest.raises(InvalidDocument, match="currencies"):
        published(shop, draft)

    with shop.running.database.read() as work:
        assert draft == work.drafts.find(shop.id, draft.id)


def test_a_merchant_without_anything_published_publishes_a_draft(
    running_server: RunningServer,
) -> None:
    shop = Shop(running_server)
    draft = start_draft(
        shop.running.database,
        shop.id,
        "First",
        new_id=new_draft_id(),
        change=Change(A_TESTER, now()),
    )

    first = published(shop, saved(shop, draft, GOOD), on_top_of=None)

    assert (NOTHING.source, None) == (draft.source, draft.based_on)
    assert 1 == first.version


def test_there_are_only_so_many_drafts(shop: Shop) -> None:
    drafts = [a_draft(shop) for _ in range(DRAFTS_AT_MOST)]

    with pytest.raises(TooManyDrafts):
        a_draft(shop)

    delete_draft(
        shop.running.database,
        shop.id,
        drafts[0].id,
        expected_revision=1,
        change=Change(A_TESTER, now()),
    )
    a_draft(shop)
    with pytest.raises(NotFound):
        saved(shop, drafts[0], GOOD)


def test_the_trail_says_who_changed_a_draft(shop: Shop) -> None:
    email = an_account(shop, Role.EDITOR)
    draft = a_draft(shop)

    saved(shop, draft, f"{GOOD}# more", email)

    with shop.running.database.read() as work:
        [last] = work.audit.page(shop.id, action="draft", limit=1)
    assert (email, "draft.saved", draft.id) == (last.actor, last.action, last.subject)
    assert last.before
    assert last.after
    assert (1, 2) == (last.before["revision"], last.after["revision"])


def test_publishing_from_the_editor_saves_first(shop: Shop, editor: Visitor) -> None:
    path = begin(shop, editor)

    answer = editor.send(path, path, source=GOOD, revision="1", go_on="publish")

    assert f"{path}/publish" == answer.headers["location"]
    assert "base = { USD = 777 }" in text_of(editor.get(f"{path}/publish"))
    assert "Save, review and publish" in text_of(editor.get(path))
    assert f'href="{path}/publish"' not in editor.get(path).text


def test_nothing_is_published_when_nothing_differs(shop: Shop, editor: Visitor) -> None:
    path = begin(shop, editor)

    confirmation = text_of(editor.get(f"{path}/publish"))
    answer = editor.send(f"{path}/publish", f"{path}/publish", revision="1", on_top_of="1")

    assert "the same as version 1, which is live. There is nothing to publish." in confirmation
    assert 409 == answer.status_code
    assert "Nothing differs from version 1, which is published. Nothing was" in text_of(answer)
    assert [1] == versions(shop)
    assert 200 == editor.get(path).status_code
