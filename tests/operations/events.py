"""What can happen to the machines, each with the way back."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from tests.operations.fleet import Fleet
from tests.operations.machines import Machine

WayBack = Callable[[], None]


def kill_postgresql(fleet: Fleet) -> WayBack:
    fleet.machines.primary().kill_postgresql()
    return fleet.machines.wait_until_whole


def lose_the_primary(fleet: Fleet) -> WayBack:
    return _lose(fleet, fleet.machines.primary())


def lose_a_replica(fleet: Fleet) -> WayBack:
    return _lose(fleet, fleet.machines.in_step())


def _lose(fleet: Fleet, machine: Machine) -> WayBack:
    machine.lose()

    def back() -> None:
        machine.start()
        fleet.machines.wait_until_whole()

    return back


def pause_the_primary(fleet: Fleet) -> WayBack:
    """As a network cut, or a machine that is moved: it takes itself for the primary afterwards."""
    machine = fleet.machines.primary()
    machine.freeze()

    def back() -> None:
        machine.thaw()
        fleet.machines.wait_until_whole()

    return back


def kill_a_server(fleet: Fleet) -> WayBack:
    fleet.kill(1)

    def back() -> None:
        fleet.start_again(1)
        fleet.wait_until_ready()

    return back


def freeze_a_server(fleet: Fleet) -> WayBack:
    """The proxy's backend takes connections and answers nothing."""
    fleet.freeze(1)

    def back() -> None:
        fleet.thaw(1)
        fleet.wait_until_ready()

    return back


def cut_a_server_from_the_database(fleet: Fleet) -> WayBack:
    fleet.cut_from_database()

    def back() -> None:
        fleet.reconnect_to_database()
        fleet.wait_until_ready()

    return back


@dataclass(frozen=True)
class Event:
    """Something that happens, and how long offers may be away."""

    name: str
    happen: Callable[[Fleet], WayBack]
    seconds: float
    is_answered_at_once: bool = True
    """False where a request lies in a process that answers nobody, until the proxy notices."""


A_PROCESS, A_MACHINE = 5.0, 25.0
A_SILENT_MACHINE = 30.0
"""Its neighbours wait for its answer before they decide."""

EVENTS = (
    Event("PostgreSQL of the primary killed", kill_postgresql, A_PROCESS),
    Event("one of our servers killed", kill_a_server, A_PROCESS),
    Event("one of our servers frozen", freeze_a_server, A_PROCESS, is_answered_at_once=False),
    Event("one of our servers cut from the database", cut_a_server_from_the_database, A_PROCESS),
    Event("machine of the replica in step lost", lose_a_replica, A_MACHINE),
    Event("machine of the primary lost", lose_the_primary, A_MACHINE),
    Event("machine of the primary paused, and back", pause_the_primary, A_SILENT_MACHINE),
)
