"""`/admin/v1/experiments`: create, start, stop and read them."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import msgspec
from falcon.asgi import Request, Response

from orderguard.actions.experiment_document import CannotEdit, NewArm, NewExperiment
from orderguard.actions.experiment_file import experiment_document
from orderguard.actions.manage_experiments import ExperimentConflict, ManageExperiments
from orderguard.actions.show_experiments import ShowExperiments
from orderguard.admin.api.desk import AdminDesk, read_struct
from orderguard.domain.experiment_report import ExperimentReport
from orderguard.domain.ids import MerchantId
from orderguard.http.orders import write_json
from orderguard.http.wire.admin_experiments import (
    ExperimentBody,
    ExperimentsResponse,
    NewExperimentBody,
)


class ExperimentsResource:
    """`GET` lists them with what they have shown, `POST` makes one."""

    def __init__(self, desk: AdminDesk, manage: ManageExperiments, shown: ShowExperiments) -> None:
        self._desk = desk
        self._manage = manage
        self._shown = shown

    async def on_get(self, request: Request, response: Response) -> None:
        caller = await self._desk.admit(request, "experiments")
        found = await self._desk.look(lambda work: self._shown.all(work, caller.merchant))
        answer = ExperimentsResponse([_to_wire(report) for report in found])
        write_json(response, msgspec.to_builtins(answer))

    async def on_post(self, request: Request, response: Response) -> None:
        caller = await self._desk.admit(request, "experiments")
        body = await read_struct(request, NewExperimentBody)
        new = NewExperiment(
            body.key,
            tuple(NewArm(arm.name, arm.weight, arm.suppress, arm.price_bps) for arm in body.arms),
        )
        at = self._desk.clock()
        await _run(
            self._desk,
            lambda: self._manage.create(caller.merchant, new, by=caller.actor, at=at),
        )
        response.status = 201
        await _show(response, self._desk, self._shown, caller.merchant, new.key)


class ExperimentResource:
    """`GET`: what one has shown."""

    def __init__(self, desk: AdminDesk, shown: ShowExperiments) -> None:
        self._desk = desk
        self._shown = shown

    async def on_get(self, request: Request, response: Response, key: str) -> None:
        caller = await self._desk.admit(request, "experiment")
        await _show(response, self._desk, self._shown, caller.merchant, key)


class ExperimentChangeResource:
    """`POST`: start one, or stop one."""

    def __init__(
        self, desk: AdminDesk, verb: Callable[..., None], shown: ShowExperiments, route: str
    ) -> None:
        self._desk = desk
        self._verb = verb
        self._shown = shown
        self._route = route

    async def on_post(self, request: Request, response: Response, key: str) -> None:
        caller = await self._desk.admit(request, self._route)
        at = self._desk.clock()
        await _run(self._desk, lambda: self._verb(caller.merchant, key, by=caller.actor, at=at))
        await _show(response, self._desk, self._shown, caller.merchant, key)


def experiment_resources(
    desk: AdminDesk, manage: ManageExperiments, shown: ShowExperiments
) -> dict[str, Any]:
    """Resources by path."""
    one = "/experiments/{key}"
    return {
        "/experiments": ExperimentsResource(desk, manage, shown),
        one: ExperimentResource(desk, shown),
        f"{one}/start": ExperimentChangeResource(desk, manage.start, shown, "experiment_start"),
        f"{one}/stop": ExperimentChangeResource(desk, manage.stop, shown, "experiment_stop"),
    }


async def _run(desk: AdminDesk, action: Callable[[], None]) -> None:
    try:
        await desk.run(action)
    except CannotEdit as error:
        raise ExperimentConflict(str(error)) from error


async def _show(
    response: Response, desk: AdminDesk, shown: ShowExperiments, merchant: MerchantId, key: str
) -> None:
    report = await desk.look(lambda work: shown.one(work, merchant, key))
    write_json(response, msgspec.to_builtins(_to_wire(report)))


def _to_wire(report: ExperimentReport) -> ExperimentBody:
    return msgspec.convert(experiment_document(report), ExperimentBody)
