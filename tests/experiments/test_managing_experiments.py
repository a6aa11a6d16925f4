"""Experiments are created, started and stopped by publishing."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from orderguard.actions.configuration_source.experiments import NewArm, NewExperiment
from orderguard.actions.manage_drafts import StartFrom, publish_draft, start_draft
from orderguard.actions.manage_experiments import ExperimentConflict, ManageExperiments
from orderguard.actions.publish_configuration import PublishedMeanwhile, publish_configuration
from orderguard.actions.roll_back_configuration import roll_back_configuration
from orderguard.actions.schedule_publication import publish_due, schedule_publication
from orderguard.actions.show_experiments import ShowExperiments
from orderguard.domain.configuration.experiment import ExperimentStatus
from orderguard.domain.configuration.published import PublishedConfiguration
from orderguard.domain.configuration.scheduled_publication import (
    ScheduledPublication,
    ScheduledStatus,
)
from orderguard.domain.errors import InvalidDocument, NotFound
from orderguard.domain.ids import ConfigurationVersion
from orderguard.domain.people.audit import Change
from orderguard.randomness import new_draft_id, new_scheduled_publication_id
from orderguard.running.wiring import wire_find_configuration
from orderguard.storage.database import SqlDatabase
from tests.support.builders import a_document
from tests.support.databases import new_database_url
from tests.support.order_desk import JUNE, Desk
from tests.support.shop import A_TESTER, COMPILER

HOLDOUT = NewExperiment("holdout", (NewArm("none", 10, suppress=True), NewArm("offered", 90)))
PRICE_TEST = NewExperiment("dearer", (NewArm("usual", 1), NewArm("up", 1, price_bps=110_00)))
BY: Any = {"change": Change(A_TESTER, JUNE)}


@pytest.fixture(scope="module")
def database(tmp_path_factory: pytest.TempPathFactory) -> Iterator[SqlDatabase]:
    database = SqlDatabase(new_database_url(tmp_path_factory.mktemp("experiments")))
    yield database
    database.dispose()


@pytest.fixture
def desk(database: SqlDatabase) -> Desk:
    return Desk(database)


@pytest.fixture
def experiments(database: SqlDatabase) -> ManageExperiments:
    return ManageExperiments(database, COMPILER)


def states(desk: Desk) -> dict[str, ExperimentStatus]:
    shown = ShowExperiments(wire_find_configuration(COMPILER))
    with desk.database.read() as work:
        found = shown.all(work, desk.id)
    return {each.experiment.key: each.experiment.status for each in found}


def test_an_experiment_begins_as_a_draft_and_its_life_is_in_the_audit_trail(
    desk: Desk, experiments: ManageExperiments
) -> None:
    experiments.create(desk.id, HOLDOUT, **BY)
    assert {"holdout": ExperimentStatus.DRAFT} == states(desk)
    experiments.start(desk.id, "holdout", **BY)
    assert {"holdout": ExperimentStatus.RUNNING} == states(desk)
    experiments.stop(desk.id, "holdout", **BY)
    assert {"holdout": ExperimentStatus.STOPPED} == states(desk)

    with desk.database.read() as work:
        entries = work.audit.page(desk.id, action="experiment", limit=10)
        published = work.configurations.history(desk.id)
    assert [
        ("experiment.stopped", {"status": "running"}, {"status": "stopped", "version": 4}),
        ("experiment.started", {"status": "draft"}, {"status": "running", "version": 3}),
        (
            "experiment.created",
            None,
            {
                "arms": [{"name": "none", "weight": 10}, {"name": "offered", "weight": 90}],
                "version": 2,
            },
        ),
    ] == [(each.action, each.before, each.after) for each in entries]
    assert {"holdout"} == {each.subject for each in entries}
    assert [4, 3, 2, 1] == [each.version for each in published]


def test_a_second_experiment_does_not_start_while_one_is_running(
    desk: Desk, experiments: ManageExperiments
) -> None:
    experiments.create(desk.id, HOLDOUT, **BY)
    experiments.create(desk.id, PRICE_TEST, **BY)
    experiments.start(desk.id, "dearer", **BY)

    with pytest.raises(ExperimentConflict, match="dearer is running"):
        experiments.start(desk.id, "holdout", **BY)
    with pytest.raises(ExperimentConflict, match="dearer is running already"):
        experiments.start(desk.id, "dearer", **BY)

    assert ["dearer", "holdout"] == list(states(desk))


def test_a_stopped_experiment_never_goes_on(desk: Desk, experiments: ManageExperiments) -> None:
    experiments.create(desk.id, HOLDOUT, **BY)
    with pytest.raises(ExperimentConflict, match="is not running"):
        experiments.stop(desk.id, "holdout", **BY)
    experiments.start(desk.id, "holdout", **BY)
    experiments.stop(desk.id, "holdout", **BY)

    with pytest.raises(ExperimentConflict, match="Create another experiment instead"):
        experiments.start(desk.id, "holdout", **BY)
    with pytest.raises(ExperimentConflict, match="Choose another key"):
        experiments.create(desk.id, HOLDOUT, **BY)


@pytest.fixture
def stopped(desk: Desk, experiments: ManageExperiments) -> str:
    """The text in which the experiment ran that is stopped now."""
    experiments.create(desk.id, HOLDOUT, **BY)
    experiments.start(desk.id, "holdout", **BY)
    running = published(desk)
    experiments.stop(desk.id, "holdout", **BY)
    return running.source


def published(desk: Desk) -> PublishedConfiguration:
    with desk.database.read() as work:
        latest = work.configurations.latest(desk.id)
    assert latest
    return latest


def test_no_text_starts_a_stopped_experiment_again(desk: Desk, stopped: str) -> None:
    draft = start_draft(
        desk.database,
        desk.id,
        name="Again",
        start_from=StartFrom(source=stopped),
        new_id=new_draft_id(),
        **BY,
    )
    before = published(desk)

    for publish in (
        lambda: publish_configuration(
            desk.database, COMPILER, desk.id, stopped, change=Change(A_TESTER, JUNE)
        ),
        lambda: publish_draft(
            desk.database,
            COMPILER,
            desk.id,
            draft.id,
            expected_revision=draft.revision,
            on_top_of=before.version,
            **BY,
        ),
    ):
        with pytest.raises(InvalidDocument, match=r"experiments\[0\].status: holdout was stopped"):
            publish()

    assert before == published(desk)


@pytest.mark.parametrize("between", ["draft", None])
def test_nor_do_two_texts_one_after_the_other(
    desk: Desk, experiments: ManageExperiments, stopped: str, between: str | None
) -> None:
    """Neither by way of a draft, nor of a text without the experiment."""
    document = a_document()
    if between:
        document = json.loads(stopped)
        document["experiments"][0]["status"] = between

    publish_text(desk, json.dumps(document))

    with pytest.raises(InvalidDocument, match="holdout was stopped"):
        publish_text(desk, stopped)
    if between:
        with pytest.raises(ExperimentConflict, match="Create another experiment instead"):
            experiments.start(desk.id, "holdout", **BY)


def publish_text(desk: Desk, source: str) -> None:
    publish_configuration(desk.database, COMPILER, desk.id, source, change=Change(A_TESTER, JUNE))


def test_a_text_that_no_release_reads_any_more_locks_nobody_out(desk: Desk) -> None:
    with desk.database.begin() as work:
        work.configurations.add(replace(published(desk), version=7, source='{"a": 1, "a": 2}'))

    publish_text(desk, json.dumps(a_document()))

    assert 8 == published(desk).version


def test_a_text_on_one_line_stays_on_one(desk: Desk, experiments: ManageExperiments) -> None:
    """Indented, it could be longer than a text may be, and nothing could be published after it."""
    experiments.create(desk.id, HOLDOUT, **BY)
    publish_text(desk, json.dumps(json.loads(published(desk).source)))
    experiments.start(desk.id, "holdout", **BY)

    assert 1 == published(desk).source.count("\n")


def test_rolling_back_leaves_it_stopped(desk: Desk, stopped: str) -> None:
    running = ConfigurationVersion(published(desk).version - 1)

    roll_back_configuration(desk.database, COMPILER, desk.id, running, **BY)

    assert {"holdout": ExperimentStatus.STOPPED} == states(desk)
    assert stopped == published(desk).source.replace("stopped", "running")


def schedule(desk: Desk, source: str) -> ScheduledPublication:
    return schedule_publication(
        desk.database,
        COMPILER,
        desk.id,
        source,
        name="Sale",
        due_at=JUNE + timedelta(hours=1),
        new_id=new_scheduled_publication_id(),
        **BY,
    )


def test_a_sale_that_was_scheduled_before_leaves_it_stopped(
    desk: Desk, experiments: ManageExperiments
) -> None:
    experiments.create(desk.id, HOLDOUT, **BY)
    experiments.start(desk.id, "holdout", **BY)
    running = published(desk).source
    scheduled = schedule(desk, running)
    experiments.stop(desk.id, "holdout", **BY)
    with pytest.raises(InvalidDocument, match="holdout was stopped"):
        schedule(desk, running)

    publish_due(desk.database, COMPILER, clock=lambda: scheduled.due_at)

    with desk.database.read() as work:
        settled = work.scheduled_publications.find(desk.id, scheduled.id)
    assert settled
    assert ScheduledStatus.PUBLISHED is settled.status
    assert settled.version == published(desk).version
    assert {"holdout": ExperimentStatus.STOPPED} == states(desk)


def test_an_unknown_experiment_is_not_found(desk: Desk, experiments: ManageExperiments) -> None:
    for verb in (experiments.start, experiments.stop):
        with pytest.raises(NotFound, match="No experiment with this key"):
            verb(desk.id, "nobody", **BY)
    shown = ShowExperiments(wire_find_configuration(COMPILER))
    with pytest.raises(NotFound), desk.database.read() as work:
        shown.one(work, desk.id, "nobody")


def test_without_a_configuration_there_is_nothing_to_experiment_with(
    database: SqlDatabase, experiments: ManageExperiments
) -> None:
    shown = ShowExperiments(wire_find_configuration(COMPILER))

    with pytest.raises(NotFound, match="No configuration is published"):
        experiments.create("mer_nobody", HOLDOUT, **BY)  # type: ignore[arg-type]
    with database.read() as work:
        assert [] == shown.all(work, "mer_nobody")  # type: ignore[arg-type]


def test_what_somebody_else_published_meanwhile_is_not_lost(
    desk: Desk, experiments: ManageExperiments, monkeypatch: pytest.MonkeyPatch
) -> None:
    def publish_meanwhile(source: str, *_: Any) -> str:
        publish_configuration(
            desk.database, COMPILER, desk.id, source, change=Change(A_TESTER, JUNE)
        )
        return source

    monkeypatch.setattr("orderguard.actions.manage_experiments.with_experiment", publish_meanwhile)

    with pytest.raises(PublishedMeanwhile):
        experiments.create(desk.id, HOLDOUT, **BY)

    assert {} == states(desk)


def an_experiment(*arms: NewArm, key: str = "x") -> NewExperiment:
    return NewExperiment(key, arms)


SENSELESS = {
    "one arm": (an_experiment(NewArm("a", 1, price_bps=90_00)), "at least two to compare"),
    "twins": (an_experiment(NewArm("a", 1), NewArm("a", 1, price_bps=90_00)), "the same name"),
    "no offer": (
        an_experiment(NewArm("a", 1, suppress=True), NewArm("b", 1, suppress=True)),
        "one has to show it",
    ),
    "alike": (an_experiment(NewArm("a", 1), NewArm("b", 1)), "all arms are alike"),
    "nameless": (an_experiment(NewArm(" ", 1), NewArm("b", 1, suppress=True)), "name: is missing"),
    "no weight": (
        an_experiment(NewArm("a", 0, suppress=True), NewArm("b", 1)),
        "0 of 1 is too little",
    ),
    "tiny": (
        an_experiment(NewArm("a", 1, suppress=True), NewArm("b", 999)),
        "1 of 1000 is too little; 1 % at least",
    ),
    "free": (an_experiment(NewArm("a", 1), NewArm("b", 1, price_bps=0)), "from half the price"),
    "hidden price": (
        an_experiment(NewArm("a", 1), NewArm("b", 1, suppress=True, price_bps=90_00)),
        "an arm without an offer has no price",
    ),
    "key": (
        an_experiment(NewArm("a", 1), NewArm("b", 1, suppress=True), key="Black Friday/2"),
        "key: expected up to 64",
    ),
}


@pytest.mark.parametrize(("new", "says"), SENSELESS.values(), ids=SENSELESS)
def test_an_experiment_that_makes_no_sense_is_refused(
    desk: Desk, experiments: ManageExperiments, new: NewExperiment, says: str
) -> None:
    with pytest.raises(InvalidDocument, match=says):
        experiments.create(desk.id, new, **BY)

    assert {} == states(desk)
