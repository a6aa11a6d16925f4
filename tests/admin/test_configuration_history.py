"""History in the console: versions, what they changed, and going back to one."""

from __future__ import annotations

import json

import pytest
from sqlalchemy import update

from orderguard.actions.publish_configuration import PublishedMeanwhile
from orderguard.actions.roll_back_configuration import roll_back_configuration
from orderguard.domain.errors import NotFound
from orderguard.domain.ids import ConfigurationVersion
from orderguard.domain.people.account import Role
from orderguard.domain.people.audit import Change
from orderguard.running.wiring import now
from orderguard.storage.tables import configurations
from tests.support.builders import a_document
from tests.support.console import Visitor, a_visitor, text_of
from tests.support.shop import A_TESTER, COMPILER, RunningServer, Shop
from tests.support.wire import wire_line

DEARER = a_document(
    pricing={
        "returnCoverage": [{"base": {"USD": 9_98}}],
        "shippingProtection": [{"base": {"USD": 2_00}}],
    }
)


@pytest.fixture
def editor(shop: Shop) -> Visitor:
    """Somebody of a shop with two versions: 2.98 for returns, then 9.98."""
    shop.publish(DEARER)
    return a_visitor(shop, Role.EDITOR)


def at(shop: Shop, path: str = "") -> str:
    return f"/console/m/{shop.id}/configuration/history{path}"


def versions(shop: Shop) -> list[int]:
    with shop.running.database.read() as work:
        return [each.version for each in work.configurations.history(shop.id)]


def test_versions_are_listed_newest_first_with_who_published_them(
    shop: Shop, editor: Visitor
) -> None:
    page = text_of(editor.get(at(shop)))

    assert page.index("Version 2") < page.index("Version 1")
    assert A_TESTER in page


def test_a_version_shows_what_it_changed_in_words_and_lines(shop: Shop, editor: Visitor) -> None:
    page = text_of(editor.get(at(shop, "/2")))

    assert "Changed since version 1" in page
    assert "return coverage price: base in USD" in page
    assert "2.98 USD 9.98 USD" in page
    assert '"USD": 998' in page
    assert "The first version" in text_of(editor.get(at(shop, "/1")))


def test_any_two_versions_are_compared(shop: Shop, editor: Visitor) -> None:
    shop.publish(a_document(exclude_b2b=True))

    page = text_of(editor.get(at(shop, "/3?against=1")))

    assert "Changed since version 1" in page
    assert "exclude b2b" in page
    assert "returnCoverage price" not in page


def test_rolling_back_publishes_the_old_text_as_a_new_version(shop: Shop, editor: Visitor) -> None:
    path = at(shop, "/1/roll-back")

    confirmation = text_of(editor.get(path))
    answer = editor.send(path, path, on_top_of="2")

    assert "9.98 USD 2.98 USD" in confirmation
    assert "as version 3" in confirmation
    assert 303 == answer.status_code
    assert [3, 2, 1] == versions(shop)
    assert 4_98 == shop.analyze(wire_line())["chargeInstructions"]["amount"]
    assert "the text of version 1" in text_of(editor.get(at(shop)))
    with shop.running.database.read() as work:
        [entry] = work.audit.page(shop.id, action="configuration.rolled_back", limit=5)
    assert {"version": 3, "text_of_version": 1} == entry.after
    assert {"version": 2} == entry.before


def test_nobody_rolls_back_what_they_have_not_seen(shop: Shop, editor: Visitor) -> None:
    path = at(shop, "/1/roll-back")
    shop.publish(a_document(exclude_b2b=True))

    answer = editor.send(path, path, on_top_of="2")

    assert 409 == answer.status_code
    assert "published version 3 meanwhile" in text_of(answer)
    assert [3, 2, 1] == versions(shop)


def test_what_is_published_is_not_rolled_back_to(shop: Shop, editor: Visitor) -> None:
    path = at(shop, "/2/roll-back")

    answer = editor.http.post(path, data={"form_token": editor.form_token(path), "on_top_of": "2"})

    assert 409 == answer.status_code
    assert "Version 2 is what is published" in text_of(answer)


def test_a_version_that_is_not_accepted_any_more_is_refused_with_its_problems(
    shop: Shop, editor: Visitor
) -> None:
    # Given a version from a time when another setting existed
    with shop.running.database.engine.begin() as connection:
        connection.execute(
            update(configurations)
            .where(configurations.c.merchant_id == shop.id, configurations.c.version == 1)
            .values(source=json.dumps(a_document(of_old=True)))
        )
    path = at(shop, "/1/roll-back")

    page = editor.get(path)
    answer = editor.send(path, path, on_top_of="2")

    assert "of_old: is not a setting" in text_of(page)
    assert "<button>Roll back" not in page.text
    assert 409 == answer.status_code
    assert [2, 1] == versions(shop)


@pytest.mark.parametrize("version", ["0", "3", "x", "-1", "9" * 40, "²"])
def test_a_version_that_does_not_exist_is_not_found(
    shop: Shop, editor: Visitor, version: str
) -> None:
    for path in (f"/{version}", f"/{version}/roll-back", f"/1?against={version}"):
        assert 404 == editor.get(at(shop, path)).status_code, path


def test_going_back_says_which_experiment_stays_stopped(shop: Shop, editor: Visitor) -> None:
    arms = [{"name": "none", "weight": 1, "suppress": True}, {"name": "offered", "weight": 1}]
    for status in ("running", "stopped"):
        shop.publish(a_document(experiments=[{"key": "hold", "status": status, "arms": arms}]))

    assert "hold was stopped since, and stays stopped" in text_of(
        editor.get(at(shop, "/3/roll-back"))
    )
    assert "stays stopped" not in text_of(editor.get(at(shop, "/2/roll-back")))


def test_a_viewer_looks_and_does_not_roll_back(shop: Shop, editor: Visitor) -> None:
    viewer = a_visitor(shop, Role.VIEWER)

    assert "9.98 USD 2.98 USD" in text_of(viewer.get(at(shop, "/1/roll-back")))
    assert "on_top_of" not in viewer.get(at(shop, "/1/roll-back")).text
    assert "Begin a draft" not in viewer.get(at(shop, "/1")).text
    assert editor.get(at(shop, "/1")).text.count("Begin a draft") == 1


def test_a_long_history_is_paged_and_misses_nothing(shop: Shop) -> None:
    for _ in range(52):
        shop.publish(DEARER)
    viewer = a_visitor(shop, Role.VIEWER)

    first = viewer.get(at(shop)).text
    second = viewer.get(at(shop, "?before=4")).text

    assert "Version 53" in first
    assert f"{at(shop)}?before=4" in first
    assert "Version 3<" not in first
    assert "Version 3<" in second
    assert "Older" not in second


def test_the_verb_rolls_back_whatever_is_published(
    shop: Shop, running_server: RunningServer
) -> None:
    shop.publish(DEARER)

    def roll_back(to: int, on_top_of: int | None = None) -> int:
        return roll_back_configuration(
            running_server.database,
            COMPILER,
            shop.id,
            ConfigurationVersion(to),
            on_top_of=None if on_top_of is None else ConfigurationVersion(on_top_of),
            change=Change(A_TESTER, now()),
        ).version

    assert 3 == roll_back(1)
    with pytest.raises(PublishedMeanwhile):
        roll_back(2, on_top_of=1)
    with pytest.raises(NotFound):
        roll_back(17)
