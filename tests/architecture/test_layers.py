"""Four layers, one direction: what may import what, read from the source."""

from __future__ import annotations

import ast
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

import pytest

import orderguard

PACKAGE = Path(orderguard.__file__).parent

LAYERS: dict[str, set[str]] = {
    "domain": {"domain"},
    "actions": {"domain", "actions"},
    "storage": {"domain", "actions.ports", "storage"},
    "rules": {"domain", "rules"},
    "webhooks": {"domain", "actions.ports", "webhooks"},
    "http": {"domain", "actions", "http", "observability"},
    "admin": {"domain", "actions", "http", "admin", "randomness", "observability"},
    "client": {"domain", "client"},
    "cli": {
        "domain",
        "actions",
        "cli",
        "clock",
        "demo",
        "running",
        "settings",
        "passwords",
        "randomness",
        "observability",
    },
    "demo": {
        "domain",
        "actions",
        "client",
        "demo",
        "running",
        "settings",
        "randomness",
        "observability",
    },
    "randomness": {"domain"},
    "passwords": set(),
    "settings": {"domain"},
    "observability": set(),
}
"""Our own modules that each layer may import. Whoever is missing here composes the layers."""

BY_NAME: dict[tuple[str, str], str] = {
    ("cli.context", "storage.database"): "opens the database that a command works on",
    ("cli.config", "rules.cel"): "checks a file without any database",
    ("cli.config_schedule", "rules.cel"): "checks a file before its time",
    ("cli.experiments", "rules.cel"): "publishes the configuration with another status",
    ("cli.shadow_run", "rules.cel"): "decides by a file that is not published",
    ("cli.serve", "storage.database"): "makes the link to the first account",
    ("demo.stage", "storage.database"): "prepares a database of its own",
    ("demo.stage", "rules.cel"): "pushes the orders of the weeks before",
    ("demo.merchant", "rules.cel"): "publishes the demo merchant's configuration",
}
"""Imports against the table, one by one, and what for."""

THIRD_PARTY: dict[str, set[str]] = {
    "domain": set(),
    "actions": {"idna", "structlog", "tomlkit"},
    "rules": {"cel_expr_python", "google"},
    "client": {"httpx"},
}
"""The libraries that a layer may use, where that is limited."""

DATABASE_LIBRARIES = {"alembic", "apsw", "asyncpg", "sqlalchemy", "sqlite3"}
WEB_LIBRARIES = {"falcon", "httpx", "limits", "prometheus_client", "uvicorn"}

COMPOSERS = {"running", "cli", "demo"}

ROOMS: dict[str, set[str]] = {
    "people": set(),
    "books": set(),
    "configuration": {"people"},
    "offers": {"configuration"},
    "orders": {"configuration", "offers", "books"},
    "webhooks": {"orders"},
    "analytics": {"configuration", "orders", "books"},
    "what_if": {"configuration", "offers"},
    "integration": {"people", "configuration", "offers", "orders"},
}
"""The rooms of the domain, and the rooms that each may know. All stand on the ground, which knows
no room."""

FILES_ON_THE_GROUND = 10

IMPURE_MODULES = {
    "asyncio", "io", "logging", "os", "pathlib", "random", "secrets", "socket", "sqlite3",
    "subprocess", "tempfile", "threading", "time", "urllib.request", "uuid", "warnings",
}  # fmt: skip
CLOCKS = {"now", "utcnow", "today"}
INPUT_AND_OUTPUT = {"input", "open", "print"}

LINES_AT_MOST = 400
LINES_OF_A_FUNCTION_AT_MOST = 60
REASON = "Long because "


@dataclass(frozen=True)
class Module:
    """One source file of the package, named without `orderguard.`."""

    path: Path

    @property
    def name(self) -> str:
        parts = self.path.relative_to(PACKAGE).with_suffix("").parts
        return ".".join(part for part in parts if part != "__init__")

    @property
    def layer(self) -> str:
        return self.name.partition(".")[0]

    @cached_property
    def tree(self) -> ast.Module:
        return ast.parse(self.path.read_text(encoding="utf-8"))

    @cached_property
    def nodes(self) -> list[ast.AST]:
        return list(ast.walk(self.tree))

    def imported(self) -> Iterator[str]:
        """Every module named by an import anywhere in the file, also within functions."""
        for node in self.nodes:
            if isinstance(node, ast.Import):
                yield from (alias.name for alias in node.names)
            elif isinstance(node, ast.ImportFrom):
                assert node.level == 0, f"{self.name} has a relative import"
                module = node.module or ""
                # `from orderguard import server` names a module of ours too.
                if module == "orderguard":
                    yield from (f"orderguard.{alias.name}" for alias in node.names)
                else:
                    yield module

    def ours(self) -> set[str]:
        return {
            name.removeprefix("orderguard.")
            for name in self.imported()
            if name.startswith("orderguard.") and name != "orderguard.__version__"
        }

    def others(self) -> set[str]:
        top = {name.partition(".")[0] for name in self.imported()}
        return top - {"orderguard", "__future__"}


MODULES = [Module(path) for path in sorted(PACKAGE.rglob("*.py"))]
MODULE_NAMES = [module.name for module in MODULES]
LAYERED = [module for module in MODULES if module.layer in LAYERS]
DOMAIN = [module for module in MODULES if module.layer == "domain"]
DOMAIN_NAMES = [module.name for module in DOMAIN]

WITHOUT_MONEY = {"domain.webhooks.webhook"}
"""Where a fraction is a wait, not an amount."""

ESTIMATES = {"domain.analytics.experiment_statistics"}
"""Where whole numbers become estimates, which nobody is ever charged (docs/decisions/0029)."""

AS_CLIENTS_CALCULATE = {"domain.configuration.warnings"}
"""Where the floating point of browser clients is repeated, to warn of prices that it loses."""


def is_within(imported: str, allowed: set[str]) -> bool:
    return any(imported == name or imported.startswith(f"{name}.") for name in allowed)


def in_a_room(name: str) -> bool:
    layer, _, rest = name.partition(".")
    return layer == "domain" and rest.partition(".")[0] in ROOMS


def test_every_layer_is_there() -> None:
    layers = {module.layer for module in MODULES}

    assert set() == set(LAYERS) - layers


def test_every_folder_is_a_layer() -> None:
    folders = {path.parent.name for path in PACKAGE.glob("*/__init__.py")}

    assert {"running"} == folders - set(LAYERS)


def test_every_folder_of_the_domain_is_a_room() -> None:
    folders = {path.parent.name for path in (PACKAGE / "domain").glob("*/__init__.py")}

    assert set(ROOMS) == folders


def test_the_ground_of_the_domain_stays_small() -> None:
    assert len(list((PACKAGE / "domain").glob("*.py"))) <= FILES_ON_THE_GROUND


def test_no_room_of_the_domain_leads_back_to_itself() -> None:
    left = dict(ROOMS)
    while below := {room for room, known in left.items() if not known & set(left)}:
        for room in below:
            del left[room]

    assert {} == left


@pytest.mark.parametrize("module", LAYERED, ids=[module.name for module in LAYERED])
def test_imports_go_one_way(module: Module) -> None:
    against = {
        name
        for name in module.ours()
        if not is_within(name, LAYERS[module.layer]) and (module.name, name) not in BY_NAME
    }

    assert set() == against


@pytest.mark.parametrize("module", MODULES, ids=MODULE_NAMES)
def test_only_those_who_start_the_product_know_how_it_is_wired(module: Module) -> None:
    knows = "running.wiring" in module.ours()

    assert not knows or module.layer in COMPOSERS


@pytest.mark.parametrize(("importing", "imported"), BY_NAME)
def test_an_import_against_the_table_is_still_there(importing: str, imported: str) -> None:
    module = next(module for module in MODULES if module.name == importing)

    assert imported in module.ours()


@pytest.mark.parametrize("module", MODULES, ids=MODULE_NAMES)
def test_libraries_stay_in_the_layer_they_are_for(module: Module) -> None:
    libraries = {name for name in module.others() if name not in sys.stdlib_module_names}

    allowed = THIRD_PARTY.get(module.layer, libraries)

    assert set() == libraries - allowed
    assert module.layer == "storage" or set() == module.others() & DATABASE_LIBRARIES
    assert module.layer != "storage" or set() == module.others() & WEB_LIBRARIES


@pytest.mark.parametrize("module", DOMAIN, ids=DOMAIN_NAMES)
def test_the_domain_has_no_clock_no_chance_and_no_side_effects(module: Module) -> None:
    called = {
        node.func.attr
        for node in module.nodes
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute)
    }
    named = {node.id for node in module.nodes if isinstance(node, ast.Name)}

    assert set() == set(module.imported()) & IMPURE_MODULES
    assert set() == called & CLOCKS
    assert set() == named & INPUT_AND_OUTPUT


@pytest.mark.parametrize("module", DOMAIN, ids=DOMAIN_NAMES)
def test_a_room_of_the_domain_knows_only_the_rooms_below_it(module: Module) -> None:
    rooms = [name.split(".")[1] for name in {module.name, *module.ours()} if in_a_room(name)]
    own = module.name.split(".")[1] if in_a_room(module.name) else None
    allowed = {own} | ROOMS[own] if own else set()

    assert set() == set(rooms) - allowed


@pytest.mark.parametrize("module", DOMAIN, ids=DOMAIN_NAMES)
def test_no_amount_is_ever_a_float(module: Module) -> None:
    literals = [
        node.value
        for node in module.nodes
        if isinstance(node, ast.Constant) and isinstance(node.value, float)
    ]
    divisions = [node for node in module.nodes if isinstance(node, ast.Div)]

    assert [] == divisions or module.name in ESTIMATES | AS_CLIENTS_CALCULATE
    assert [] == literals or module.name in WITHOUT_MONEY | ESTIMATES


@pytest.mark.parametrize("module", DOMAIN, ids=DOMAIN_NAMES)
def test_everything_public_in_the_domain_says_what_it_promises(module: Module) -> None:
    public = [
        node
        for node in module.tree.body
        if isinstance(node, ast.FunctionDef | ast.ClassDef) and not node.name.startswith("_")
    ]

    silent = [node.name for node in public if not ast.get_docstring(node)]

    assert [] == silent
    assert ast.get_docstring(module.tree)


@pytest.mark.parametrize("module", MODULES, ids=MODULE_NAMES)
def test_a_file_of_more_than_400_lines_says_why(module: Module) -> None:
    lines = len(module.path.read_text(encoding="utf-8").splitlines())

    reason = REASON in (ast.get_docstring(module.tree) or "")

    assert lines <= LINES_AT_MOST or reason, f"say '{REASON}…' at the top, or find the concept"


@pytest.mark.parametrize("module", MODULES, ids=MODULE_NAMES)
def test_a_function_of_more_than_60_lines_says_why(module: Module) -> None:
    functions = [
        node for node in module.nodes if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)
    ]
    lines = {node.name: (node.end_lineno or 0) - node.lineno + 1 for node in functions}

    long = {
        node.name: lines[node.name]
        for node in functions
        if lines[node.name] > LINES_OF_A_FUNCTION_AT_MOST
        and REASON not in (ast.get_docstring(node) or "")
    }

    # A migration that was released is never edited.
    assert {} == long or module.name.startswith("storage.migrations.versions.")
