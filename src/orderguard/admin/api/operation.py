"""`Operation`, an entry in the table of the admin API, and `Call`, its function's argument."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from contextlib import AbstractContextManager
from dataclasses import KW_ONLY, dataclass, field
from datetime import datetime
from typing import Any, Literal, get_type_hints

import msgspec

from orderguard.actions.ports.unit_of_work import Database, UnitOfWork
from orderguard.actions.register_webhook_endpoint import Resolve
from orderguard.actions.settle_order import FindConfiguration
from orderguard.actions.shadow_run import ManageShadowRuns
from orderguard.domain.configuration.rule import ConditionCompiler
from orderguard.domain.ids import MerchantId
from orderguard.domain.people.api_key import Scope
from orderguard.domain.people.audit import Actor, Change
from orderguard.http.callers import Callers
from orderguard.http.openapi.vocabulary import Answer, Example, Parameter
from orderguard.http.paging import page_limit


@dataclass(frozen=True, slots=True, kw_only=True)
class Services:
    """The dependencies that all operations share. `wiring` provides them."""

    callers: Callers
    database: Database
    clock: Callable[[], datetime]
    compiler: ConditionCompiler
    find_configuration: FindConfiguration
    shadow_runs: ManageShadowRuns
    resolve: Resolve
    webhooks_allow_private: bool
    source_limit: int
    """The size limit of a configuration, in bytes."""


@dataclass(frozen=True, slots=True)
class Query:
    """The parameters of a URL. If a parameter occurs twice, the last one counts."""

    values: Mapping[str, str | list[str]]

    def get_param(self, name: str) -> str | None:
        """One parameter; None when it is missing."""
        values = self.get_params(name)
        return values[-1] if values else None

    def get_params(self, name: str) -> list[str]:
        """Every occurrence of a parameter."""
        found = self.values.get(name, [])
        return [found] if isinstance(found, str) else found


@dataclass(frozen=True, slots=True)
class Call:
    """An authorized request to the admin API: its merchant, its actor, and its time.

    `at` is the merchant's time. `real_at` differs from it for a sandbox merchant: keys, people,
    deliveries of webhooks and processes go by the real time.
    """

    services: Services
    merchant: MerchantId
    actor: Actor
    at: datetime
    real_at: datetime
    path: Mapping[str, str]
    query: Query

    @property
    def database(self) -> Database:
        """The database, for actions, which begin their own unit of work."""
        return self.services.database

    @property
    def change(self) -> Change:
        """The author and the merchant's time of a change that this request makes."""
        return Change(self.actor, self.at)

    @property
    def real_change(self) -> Change:
        """Like `change`, with the real time."""
        return Change(self.actor, self.real_at)

    @property
    def limit(self) -> int:
        """The parameter `limit`: entries per page. Raises `InvalidDocument`."""
        return page_limit(self.query)

    def reading(self) -> AbstractContextManager[UnitOfWork]:
        """Begin a read-only unit of work."""
        return self.services.database.read()


Answering = (
    Callable[[Call], msgspec.Struct]
    | Callable[[Call], None]
    | Callable[[Call, Any], msgspec.Struct]
    | Callable[[Call, Any], None]
)
"""A function of a call, or of a call and its body. It runs in the admin thread pool, and raises
domain errors: `admin/api/errors.py` maps each to its status."""


@dataclass(frozen=True, slots=True)
class DescribedAs:
    """Annotates a body that the function validates itself with the type that OpenAPI shows for it.

    Written as `Annotated[dict[str, Any], DescribedAs(Type)]`.
    """

    type: Any


@dataclass(frozen=True, slots=True)
class Operation:
    """An operation of the admin API: its scope, its function, and its description.

    The types of the body and of the answer are the annotations of `answer`; None answers 204.
    """

    method: Literal["GET", "POST", "PUT", "DELETE"]
    path: str
    answer: Answering
    operation_id: str
    summary: str
    description: str
    outcome: str
    """The description of the successful answer."""
    _: KW_ONLY
    examples: Mapping[str, Example] = field(default_factory=dict)
    """Examples of the successful answer."""
    status: int = 200
    scope: Scope = Scope.ADMIN
    parameters: tuple[Parameter, ...] = ()
    body_examples: Mapping[str, Example] = field(default_factory=dict)
    refusals: tuple[Answer, ...] = ()
    """Refusals of this operation, beside the refusals that every operation has."""

    @property
    def body(self) -> Any:
        """The type of the request body; None when the operation has no body."""
        hints = get_type_hints(self.answer, include_extras=True)
        bodies = [hint for name, hint in hints.items() if name not in ("call", "return")]
        return bodies[0] if bodies else None

    @property
    def query(self) -> frozenset[str]:
        """The names of the parameters of its URL."""
        return frozenset(each.name for each in self.parameters if each.location == "query")

    @property
    def answered(self) -> Any:
        """The type of the response body; None when there is none."""
        found = get_type_hints(self.answer, include_extras=True)["return"]
        return None if found is type(None) else found
