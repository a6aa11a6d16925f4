"""A/B experiments on the offer: who sees it, and at which price (contract §10).

The arm is a pure function of the experiment's key and the session id. That makes it sticky without
anything to remember, the same in every process, and the same when the session is analysed again.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from hashlib import sha256
from typing import Annotated

from orderguard.domain.configuration.setting import Setting
from orderguard.domain.ids import SessionId


class ExperimentStatus(StrEnum):
    """Only a running experiment assigns sessions to arms."""

    DRAFT = "draft"
    RUNNING = "running"
    STOPPED = "stopped"


@dataclass(frozen=True, slots=True)
class Arm:
    """A group of sessions. `suppress` hides the offer from them: the control group of a holdout."""

    name: Annotated[str, Setting("Name", meaning="What a price plan knows as cohort.", length=64)]
    weight: Annotated[
        int,
        Setting(
            "Weight",
            meaning="Its part of the shoppers, next to the weights of the others.",
            unit="parts",
            minimum=1,
            maximum=10**6,
        ),
    ]
    suppress: Annotated[
        bool, Setting("Hide the offer", meaning="Shoppers of this arm see no offer.")
    ] = False


@dataclass(frozen=True, slots=True)
class Experiment:
    """A split of sessions into arms, in proportion to the arms' weights."""

    key: Annotated[
        str, Setting("Key", meaning="Decides with the session who is in which arm.", length=100)
    ]
    status: Annotated[
        ExperimentStatus,
        Setting(
            "Status",
            meaning="Only a running experiment assigns shoppers. One that stopped stays stopped.",
            labels={each: each.capitalize() for each in ExperimentStatus},
        ),
    ]
    arms: Annotated[
        tuple[Arm, ...],
        Setting(
            "Arms",
            "Shoppers are divided in proportion to the weights.",
            at_most=20,
            word="arm",
            is_flat=True,
        ),
    ]

    @property
    def is_running(self) -> bool:
        return self.status is ExperimentStatus.RUNNING


def assign_arm(experiment: Experiment, session: SessionId) -> Arm:
    """The arm this session belongs to, now and always."""
    digest = sha256(f"{experiment.key}:{session}".encode()).digest()
    total = sum(arm.weight for arm in experiment.arms)
    # Scales 64 uniform bits to [0, total) without the bias and the floats of a modulo or a ratio.
    position = (int.from_bytes(digest[:8]) * total) >> 64
    for arm in experiment.arms[:-1]:
        position -= arm.weight
        if position < 0:
            return arm
    return experiment.arms[-1]
