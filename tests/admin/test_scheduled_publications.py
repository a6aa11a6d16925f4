"""Publications at a time: set in the console, and carried out once by whoever comes first."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from orderguard.actions.manage_drafts import DraftChanged
from orderguard.actions.schedule_publication import (
    NotWaiting,
    TooManyWaiting,
    cancel_publication,
    publish_due,
    reschedule_publication,
    schedule_draft,
    schedule_publication,
)
from orderguard.domain.configuration.scheduled_publication import (
    AHEAD_AT_MOST,
    WAITING_AT_MOST,
    ScheduledPublication,
    ScheduledStatus,
)
from orderguard.domain.errors import InvalidDocument, Malformed, NotFound, StorageUnavailable
from orderguard.domain.people.account import Role
from orderguard.domain.people.audit import Actor, Change
from orderguard.randomness import new_scheduled_publication_id
from orderguard.running.wiring import now
from tests.admin.test_drafts import BROKEN, GOOD, a_draft, begin, outcomes, save, saved
from tests.support.console import Visitor, a_visitor, an_account, text_of
from tests.support.shop import A_TESTER, COMPILER, RunningServer, Shop
from tests.support.wire import wire_line

SOON = timedelta(hours=1)


@pytest.fixture
def editor(shop: Shop) -> Visitor:
    return a_visitor(shop, Role.EDITOR)


def at(shop: Shop, path: str = "") -> str:
    return f"/console/m/{shop.id}/configuration{path}"


def in_form(instant: datetime) -> str:
    return f"{instant:%Y-%m-%dT%H:%M}"


def a_publication(
    shop: Shop,
    source: str = GOOD,
    due_at: datetime | None = None,
    name: str = "Sale",
    by: str = "ida@shop.example",
) -> ScheduledPublication:
    return schedule_publication(
        shop.running.database,
        COMPILER,
        shop.id,
        source,
        name=name,
        due_at=due_at or now() + SOON,
        new_id=new_scheduled_publication_id(),
        change=Change(Actor(by), now()),
    )


def come(shop: Shop, due_at: datetime) -> None:
    """What every process does again and again, at a time to come."""
    publish_due(shop.running.database, COMPILER, clock=lambda: due_at)


def stored(publication: ScheduledPublication, shop: Shop) -> ScheduledPublication:
    with shop.running.database.read() as work:
        found = work.scheduled_publications.find(shop.id, publication.id)
    assert found
    return found


def versions(shop: Shop) -> list[int]:
    with shop.running.database.read() as work:
        return [each.version for each in work.configurations.history(shop.id)]


def actions(shop: Shop) -> list[tuple[str, str]]:
    """The audit trail, newest first: who did what."""
    with shop.running.database.read() as work:
        return [(each.actor, each.action) for each in work.audit.page(shop.id, limit=50)]


@pytest.fixture
def own(tmp_path: Path, own_server: Callable[..., RunningServer]) -> Shop:
    """A shop alone in its installation, so that only its own publications are due."""
    return own_server(tmp_path).a_shop()


def test_a_draft_is_scheduled_rescheduled_and_cancelled_in_the_console(
    shop: Shop, editor: Visitor
) -> None:
    path = begin(shop, editor)
    save(editor, path, GOOD)
    first, later = (in_form(now() + timedelta(days=days)) for days in (1, 2))

    answer = editor.send(f"{path}/publish", f"{path}/schedule", revision="2", due_at=first)
    one = answer.headers["location"]
    page = text_of(editor.get(one))
    editor.send(one, f"{one}/reschedule", due_at=later)
    rescheduled = text_of(editor.get(one))
    listed = text_of(editor.get(at(shop)))
    editor.send(one, f"{one}/cancel")
    cancelled = text_of(editor.get(one))

    assert f"To be published {first.replace('T', ' ')} UTC" in page
    assert "waiting" in page
    assert "7.77 USD" in page
    assert f"To be published {later.replace('T', ' ')} UTC" in rescheduled
    assert "Summer" in listed
    assert "cancelled" in cancelled
    assert "Another time" not in cancelled
    assert 422 == editor.send(at(shop), f"{one}/cancel").status_code
    assert 422 == editor.send(at(shop), f"{one}/reschedule", due_at=later).status_code
    assert [1] == versions(shop)
    assert ["publication.cancelled", "publication.rescheduled", "publication.scheduled"] == [
        action for _, action in actions(shop) if action.startswith("publication")
    ]


@pytest.mark.parametrize("due_at", ["", "soon", "2020-01-01T00:00", "2999-01-01T00:00"])
def test_a_time_that_will_not_do_is_explained(shop: Shop, editor: Visitor, due_at: str) -> None:
    path = begin(shop, editor)
    one = at(shop, f"/scheduled/{a_publication(shop).id}")

    scheduled = editor.send(f"{path}/publish", f"{path}/schedule", revision="1", due_at=due_at)
    rescheduled = editor.send(one, f"{one}/reschedule", due_at=due_at)

    for answer in (scheduled, rescheduled):
        assert 422 == answer.status_code
        assert any(
            said in text_of(answer) for said in ("is not a time", "has passed", "too far ahead")
        )


def test_a_draft_with_problems_or_that_changed_is_not_scheduled(
    shop: Shop, editor: Visitor
) -> None:
    path = begin(shop, editor)
    save(editor, path, BROKEN)
    soon = in_form(now() + timedelta(days=1))

    broken = editor.send(f"{path}/publish", f"{path}/schedule", revision="2", due_at=soon)
    changed = editor.send(f"{path}/publish", f"{path}/schedule", revision="1", due_at=soon)

    assert [422, 409] == [broken.status_code, changed.status_code]
    assert "currencies[0]" in text_of(broken)


def test_another_merchants_publication_is_not_found(
    shop: Shop, editor: Visitor, running_server: RunningServer
) -> None:
    theirs = a_publication(running_server.a_shop())
    one = at(shop, f"/scheduled/{theirs.id}")
    fields = {"form_token": editor.form_token(at(shop)), "due_at": in_form(now() + 2 * SOON)}

    answers = [
        editor.get(one),
        editor.http.post(f"{one}/reschedule", data=fields),
        editor.http.post(f"{one}/cancel", data=fields),
    ]

    assert [404] * 3 == [each.status_code for each in answers]


@pytest.mark.parametrize(("action", "fields"), [("role", {"role": "viewer"}), ("remove", {})])
def test_an_owner_is_told_of_what_somebody_leaves_behind(
    shop: Shop, action: str, fields: dict[str, str]
) -> None:
    owner, email = a_visitor(shop), an_account(shop, Role.EDITOR)
    waiting = a_publication(shop, by=email)
    with shop.running.database.read() as work:
        [member] = [each for each in work.accounts.members(shop.id) if each.account.email == email]
    people = f"/console/m/{shop.id}/people"

    owner.send(people, f"{people}/{member.account.id}/{action}", **fields)

    assert "1 publication waits for a time that they set" in text_of(owner.get(people))
    assert stored(waiting, shop).is_waiting


def test_what_was_published_since_is_pointed_out(shop: Shop, editor: Visitor) -> None:
    one = at(shop, f"/scheduled/{a_publication(shop).id}")
    before = text_of(editor.get(one))

    shop.publish({"currencies": ["USD"], "modes": ["returnCoverage"], "pricing": {
        "returnCoverage": [{"base": {"USD": 5}}]}})  # fmt: skip

    assert "since this was scheduled" not in before
    assert "Version 2 was published since this was scheduled" in text_of(editor.get(one))


def test_at_its_time_it_counts_in_the_name_of_who_set_it(own: Shop) -> None:
    publication = a_publication(own)

    come(own, publication.due_at - timedelta(microseconds=1))
    before = versions(own)
    come(own, publication.due_at)

    assert [1] == before
    assert [2, 1] == versions(own)
    done = stored(publication, own)
    assert (ScheduledStatus.PUBLISHED, 2, publication.due_at) == (
        done.status,
        done.version,
        done.settled_at,
    )
    assert ("schedule:ida@shop.example", "configuration.published") == actions(own)[0]
    time.sleep(0.05)
    assert 7_77 == own.analyze(wire_line())["chargeInstructions"]["amount"]


def test_of_many_processes_one_publishes(own: Shop) -> None:
    publications = [a_publication(own, f"{GOOD}# {number}") for number in range(3)]
    due_at = publications[-1].due_at

    outcomes([lambda: come(own, due_at)] * 6)

    assert [4, 3, 2, 1] == versions(own)
    assert [2, 3, 4] == [stored(each, own).version for each in publications]


def test_what_does_not_validate_any_more_fails_visibly_and_publishes_nothing(own: Shop) -> None:
    good, bad = a_publication(own), a_publication(own)
    with own.running.database.begin() as work:
        assert work.scheduled_publications.settle(bad, ScheduledStatus.CANCELLED, at=now())
        bad = replace(
            bad, id=new_scheduled_publication_id(), source=BROKEN, due_at=now() + SOON / 2
        )
        work.scheduled_publications.add(bad)

    come(own, good.due_at)
    come(own, good.due_at)

    failed = stored(bad, own)
    assert ScheduledStatus.FAILED is failed.status
    assert failed.failure
    assert "currencies[0]" in failed.failure
    assert [2, 1] == versions(own)
    assert 2 == stored(good, own).version
    assert 1 == actions(own).count(("schedule:ida@shop.example", "publication.failed"))
    overview = text_of(a_visitor(own).get(f"/console/m/{own.id}/overview"))
    assert "was to be published at" in overview
    page = text_of(a_visitor(own).get(at(own, f"/scheduled/{bad.id}")))
    assert "Nothing was published" in page
    assert "currencies[0]" in page


def test_one_that_crashes_does_not_hold_up_the_others(own: Shop) -> None:
    first, second = a_publication(own, f"{GOOD}# crash"), a_publication(own)

    class Crashing:
        def rule_condition(self, source: str) -> Any:
            raise ZeroDivisionError(source)

        plan_condition = rule_condition

    conditioned = GOOD + "\n[[rules]]\nname = 'x'\nreject_when = 'true'\n"
    third = a_publication(own, conditioned)
    publish_due(own.running.database, Crashing(), clock=lambda: third.due_at)

    assert [ScheduledStatus.PUBLISHED] * 2 == [stored(e, own).status for e in (first, second)]
    assert ScheduledStatus.FAILED is stored(third, own).status


def test_while_the_database_is_away_everything_still_waits(
    own: Shop, monkeypatch: pytest.MonkeyPatch
) -> None:
    publication = a_publication(own)

    def away(*_: Any, **__: Any) -> None:
        raise StorageUnavailable("gone")

    with monkeypatch.context() as patch:
        patch.setattr("orderguard.actions.schedule_publication._publish", away)
        with pytest.raises(StorageUnavailable):
            come(own, publication.due_at)

    assert stored(publication, own).is_waiting


def test_a_time_that_was_rescheduled_is_not_kept(own: Shop) -> None:
    publication = a_publication(own)
    reschedule_publication(
        own.running.database,
        own.id,
        publication.id,
        publication.due_at + SOON,
        change=Change(A_TESTER, now()),
    )

    come(own, publication.due_at)
    with own.running.database.begin() as work:
        # Somebody who looked before it was put off comes too late as well.
        assert not work.scheduled_publications.settle(
            publication, ScheduledStatus.PUBLISHED, at=now()
        )

    assert [1] == versions(own)


def test_a_draft_that_was_published_is_gone_unless_somebody_went_on_with_it(own: Shop) -> None:
    kept, gone = a_draft(own), a_draft(own, f"{GOOD}# other")
    for draft in (kept, gone):
        schedule_draft(
            own.running.database,
            COMPILER,
            own.id,
            draft.id,
            expected_revision=1,
            due_at=now() + SOON,
            new_id=new_scheduled_publication_id(),
            change=Change(A_TESTER, now()),
        )
    saved(own, kept, f"{GOOD}# more")

    come(own, now() + 2 * SOON)

    with own.running.database.read() as work:
        assert [kept.id] == [each.id for each in work.drafts.of_merchant(own.id)]
    assert [3, 2, 1] == versions(own)


def test_the_verbs_refuse_what_cannot_be(shop: Shop) -> None:
    database, draft = shop.running.database, a_draft(shop)
    publication = a_publication(shop)

    with pytest.raises(Malformed, match="has passed"):
        a_publication(shop, due_at=now())
    with pytest.raises(Malformed, match="too far"):
        a_publication(shop, due_at=now() + AHEAD_AT_MOST + SOON)
    with pytest.raises(Malformed, match="is not a name"):
        a_publication(shop, name=" ")
    with pytest.raises(InvalidDocument):
        a_publication(shop, BROKEN)
    with pytest.raises(DraftChanged):
        schedule_draft(
            database,
            COMPILER,
            shop.id,
            draft.id,
            expected_revision=7,
            due_at=now() + SOON,
            new_id=new_scheduled_publication_id(),
            change=Change(A_TESTER, now()),
        )
    cancel_publication(database, shop.id, publication.id, change=Change(A_TESTER, now()))
    with pytest.raises(NotWaiting, match="is cancelled by now"):
        cancel_publication(database, shop.id, publication.id, change=Change(A_TESTER, now()))
    with pytest.raises(NotFound):
        cancel_publication(
            database, shop.id, new_scheduled_publication_id(), change=Change(A_TESTER, now())
        )


def test_only_so_many_wait(shop: Shop) -> None:
    for _ in range(WAITING_AT_MOST):
        a_publication(shop)

    with pytest.raises(TooManyWaiting):
        a_publication(shop)


def test_those_that_wait_come_first_in_the_order_of_their_times(shop: Shop) -> None:
    late, early, gone = (a_publication(shop, due_at=now() + hours * SOON) for hours in (3, 1, 2))
    cancel_publication(shop.running.database, shop.id, gone.id, change=Change(A_TESTER, now()))

    with shop.running.database.read() as work:
        found = work.scheduled_publications.of_merchant(shop.id, limit=10)

    assert [early.id, late.id, gone.id] == [each.id for each in found]


def test_the_server_publishes_what_is_due_by_itself(own: Shop) -> None:
    publication = a_publication(own, due_at=now() + timedelta(milliseconds=100))

    deadline = time.monotonic() + 20
    while stored(publication, own).is_waiting and time.monotonic() < deadline:
        time.sleep(0.1)

    assert 2 == stored(publication, own).version
