"""`ConsoleParts`, the dependencies of pages, and `PageRow`, an entry in the table of pages."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Literal, Protocol

from orderguard.actions.configuration_source.reading import SOURCE_LIMIT
from orderguard.actions.ports.accounts import Passwords
from orderguard.actions.ports.unit_of_work import Database
from orderguard.actions.register_webhook_endpoint import Resolve
from orderguard.actions.settle_order import FindConfiguration
from orderguard.actions.shadow_run import ManageShadowRuns
from orderguard.admin.console.page_request import PageRequest, Reply
from orderguard.domain.configuration.rule import ConditionCompiler
from orderguard.domain.people.account import Role
from orderguard.http.client_address import Network


@dataclass(frozen=True, slots=True, kw_only=True)
class ConsoleParts:
    """The dependencies of the classes of pages. `wiring` provides them."""

    database: Database
    clock: Callable[[], datetime]
    passwords: Passwords
    compiler: ConditionCompiler
    resolve: Resolve
    find_configuration: FindConfiguration
    shadow_runs: ManageShadowRuns
    webhooks_allow_private: bool
    source_limit: int = SOURCE_LIMIT
    """The size limit of a configuration, in bytes."""
    trusted_proxies: Sequence[Network] = ()


@dataclass(frozen=True, slots=True)
class PageRow:
    """A page or action of the console: method, path, required role and handler."""

    method: Literal["GET", "POST"]
    path: str
    needs: Role
    answer: Callable[[PageRequest], Reply]


class Pages(Protocol):
    """A class of pages about one noun, with their `rows`."""

    @property
    def rows(self) -> Sequence[PageRow]: ...
