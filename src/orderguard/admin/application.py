"""The routes below `/admin/v1` and `/console`."""

from __future__ import annotations

from orderguard.admin.api.description import ADMIN_BASE
from orderguard.admin.api.errors import answer_admin_error
from orderguard.admin.api.operation import Services
from orderguard.admin.api.resource import operation_resources
from orderguard.admin.api.table import OPERATIONS
from orderguard.admin.console.account import AccountResource, AccountSessionsResource
from orderguard.admin.console.dependencies import ConsoleDependencies
from orderguard.admin.console.errors import SIGN_IN_PATH, answer_console_error
from orderguard.admin.console.navigation import sections_of
from orderguard.admin.console.page_table import page_table
from orderguard.admin.console.parts import ConsoleParts
from orderguard.admin.console.resource import page_resources
from orderguard.admin.console.security import HOME
from orderguard.admin.console.sign_in import (
    WELCOME_PATH,
    SignInParts,
    SignInResource,
    SignOutResource,
    StartResource,
    WelcomeResource,
)
from orderguard.admin.console.static_files import PREFIX as STATIC_PREFIX
from orderguard.admin.console.static_files import StaticResource
from orderguard.http.app import Area


def admin_area(services: Services) -> Area:
    """The admin API, from its table of operations."""
    resources = operation_resources(services, OPERATIONS)
    return Area(
        prefix="/admin/",
        routes={ADMIN_BASE + path: resource for path, resource in resources.items()},
        answer_error=answer_admin_error,
    )


def console_area(parts: ConsoleParts) -> Area:
    """The console: sign-in and account pages, and the merchants' pages from their table."""
    table = page_table(parts)
    sections = sections_of({row.path for row in table if row.method == "GET"})
    console = ConsoleDependencies(parts.database, parts.clock, sections)
    sign_in_parts = SignInParts(console, parts.passwords, parts.trusted_proxies)
    routes = {
        HOME: StartResource(console),
        SIGN_IN_PATH: SignInResource(sign_in_parts),
        WELCOME_PATH: WelcomeResource(sign_in_parts),
        f"{HOME}/sign-out": SignOutResource(console),
        f"{HOME}/account": AccountResource(sign_in_parts),
        f"{HOME}/account/sessions": AccountSessionsResource(sign_in_parts),
        STATIC_PREFIX + "{name}": StaticResource(),
    }
    return Area(
        prefix=HOME,
        routes=routes | page_resources(console, table),
        answer_error=answer_console_error,
    )
