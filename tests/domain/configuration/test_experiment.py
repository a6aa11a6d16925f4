"""Who takes part in which arm of an experiment."""

from __future__ import annotations

from collections import Counter

import pytest

from orderguard.domain.configuration.experiment import Arm, Experiment, ExperimentStatus, assign_arm
from orderguard.domain.ids import SessionId

SESSIONS = [SessionId.parse(f"lop_{number:020d}") for number in range(10_000)]


def an_experiment(*weights: int, key: str = "holdout", prefix: str = "arm") -> Experiment:
    arms = tuple(Arm(f"{prefix}-{index}", weight) for index, weight in enumerate(weights))
    return Experiment(key, ExperimentStatus.RUNNING, arms)


def arms_of(experiment: Experiment, sessions: list[SessionId]) -> list[int]:
    """The index of each session's arm."""
    return [experiment.arms.index(assign_arm(experiment, session)) for session in sessions]


@pytest.mark.parametrize("weights", [(10, 90), (1, 1), (1, 2, 7), (1, 0, 99), (999_999, 1)])
def test_sessions_fall_into_arms_in_proportion_to_the_weights(weights: tuple[int, ...]) -> None:
    counted = Counter(arms_of(an_experiment(*weights), SESSIONS))

    for index, weight in enumerate(weights):
        expected = len(SESSIONS) * weight / sum(weights)
        assert 4 * max(expected, 1) ** 0.5 > abs(counted[index] - expected)


def test_a_session_stays_in_its_arm() -> None:
    experiment = an_experiment(10, 90)

    assert arms_of(experiment, SESSIONS[:500]) == arms_of(experiment, SESSIONS[:500])


def test_arms_never_change_between_versions_or_shoppers_would_see_prices_jump() -> None:
    arms = arms_of(an_experiment(1, 1), SESSIONS[:16])

    assert [1, 1, 0, 0, 0, 1, 0, 1, 0, 0, 1, 0, 0, 0, 1, 1] == arms


def test_renaming_the_arms_moves_nobody() -> None:
    before = arms_of(an_experiment(10, 90, prefix="arm"), SESSIONS[:500])

    assert before == arms_of(an_experiment(10, 90, prefix="group"), SESSIONS[:500])


def test_the_unit_of_the_weights_moves_nobody() -> None:
    assert arms_of(an_experiment(1, 9), SESSIONS) == arms_of(an_experiment(100, 900), SESSIONS)


def test_starting_or_stopping_moves_nobody() -> None:
    experiment = an_experiment(1, 1)
    stopped = Experiment(experiment.key, ExperimentStatus.STOPPED, experiment.arms)

    assert arms_of(experiment, SESSIONS[:500]) == arms_of(stopped, SESSIONS[:500])


def test_growing_the_first_arm_only_moves_sessions_into_it() -> None:
    small, large = an_experiment(10, 90), an_experiment(20, 80)

    in_small = {s for s in SESSIONS if 0 == arms_of(small, [s])[0]}
    in_large = {s for s in SESSIONS if 0 == arms_of(large, [s])[0]}

    assert in_small < in_large


def test_experiments_of_different_keys_draw_independently() -> None:
    first = arms_of(an_experiment(1, 1, key="spring"), SESSIONS)
    second = arms_of(an_experiment(1, 1, key="summer"), SESSIONS)

    together = sum(a == b for a, b in zip(first, second, strict=True))

    assert 4_800 < together < 5_200


@pytest.mark.parametrize(
    ("status", "running"),
    [
        (ExperimentStatus.DRAFT, False),
        (ExperimentStatus.RUNNING, True),
        (ExperimentStatus.STOPPED, False),
    ],
)
def test_only_a_running_experiment_runs(status: ExperimentStatus, running: bool) -> None:
    assert running is Experiment("key", status, ()).is_running
