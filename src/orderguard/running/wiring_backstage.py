"""The composition root of the admin API, the console and the documentation.

A module of its own, so that a server can answer checkouts before it imports these.
"""

from __future__ import annotations

from orderguard.actions.shadow_run import ManageShadowRuns
from orderguard.admin.api.description import routes_of
from orderguard.admin.api.operation import Services
from orderguard.admin.api.table import OPERATIONS
from orderguard.admin.application import admin_area, console_area
from orderguard.admin.console.parts import ConsoleParts
from orderguard.clock import now
from orderguard.http.app import backstage_application
from orderguard.http.callers import Callers
from orderguard.http.documentation import (
    ApiDescription,
    DocumentationResource,
    JsonDocumentResource,
    configuration_schema_json,
)
from orderguard.http.edge import Application
from orderguard.http.tally import Tally
from orderguard.passwords import Argon2Passwords
from orderguard.randomness import new_shadow_run_id
from orderguard.rules.cel import CelCompiler
from orderguard.running.shadow_process import ShadowProcesses
from orderguard.settings import Settings
from orderguard.storage.database import SqlDatabase
from orderguard.storage.remembered import PublishedVersions
from orderguard.webhooks.resolver import resolve

API = ApiDescription(routes_of(OPERATIONS))
"""What `/openapi.json` and `/docs` show. It is made when first asked for."""


def wire_backstage(
    settings: Settings,
    database: SqlDatabase,
    callers: Callers,
    compiler: CelCompiler,
    find_configuration: PublishedVersions,
    tally: Tally,
) -> Application:
    """Compose the admin API, the console and the documentation as one application.

    Admin API and console share shadow runs and the cache of configurations.
    """
    shadow_runs = ManageShadowRuns(
        database, compiler, new_shadow_run_id, ShadowProcesses(settings.database_url).launch
    )
    services = Services(
        callers=callers,
        database=database,
        clock=now,
        compiler=compiler,
        find_configuration=find_configuration,
        shadow_runs=shadow_runs,
        resolve=resolve,
        webhooks_allow_private=settings.webhooks_allow_private,
        source_limit=settings.configuration_limit,
    )
    console = ConsoleParts(
        database=database,
        clock=now,
        passwords=Argon2Passwords(),
        compiler=compiler,
        resolve=resolve,
        find_configuration=find_configuration,
        shadow_runs=shadow_runs,
        webhooks_allow_private=settings.webhooks_allow_private,
        source_limit=settings.configuration_limit,
        trusted_proxies=settings.trusted_networks,
    )
    documents = {
        "/openapi.json": JsonDocumentResource("openapi", lambda: API.json),
        "/schemas/configuration.json": JsonDocumentResource(
            "configuration_schema", configuration_schema_json
        ),
        "/docs": DocumentationResource(API),
        "/docs/{subject}": DocumentationResource(API),
        "/docs/admin/{subject}": DocumentationResource(API, "admin/"),
    }
    return backstage_application(documents, (admin_area(services), console_area(console)), tally)
