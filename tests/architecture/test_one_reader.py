"""Everything that reads a configuration's text reads it through one module (ADR 0061)."""

from __future__ import annotations

import ast
from pathlib import Path

import orderguard

PACKAGE = Path(orderguard.__file__).parent
THE_READER = PACKAGE / "actions" / "configuration_source" / "reading.py"

PARSERS = {("tomlkit", "parse"), ("tomlkit", "loads"), ("tomlkit", "load"), ("tomlkit", "TOMLFile")}


def _breaches(path: Path) -> list[str]:
    found = []
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        names = [alias.name for alias in node.names] if isinstance(node, ast.Import) else []
        module = node.module if isinstance(node, ast.ImportFrom) else None
        if "tomllib" in names or module == "tomllib":
            found.append(f"{path.name}:{node.lineno} imports tomllib")
        if module == "tomlkit" and isinstance(node, ast.ImportFrom):
            taken = {("tomlkit", alias.name) for alias in node.names} & PARSERS
            found += [f"{path.name}:{node.lineno} takes {name}" for _, name in taken]
        if (
            isinstance(node, ast.Attribute)
            and isinstance(node.value, ast.Name)
            and (node.value.id, node.attr) in PARSERS
        ):
            found.append(f"{path.name}:{node.lineno} parses with tomlkit")
    return found


def test_no_other_module_parses_toml() -> None:
    others = [path for path in PACKAGE.rglob("*.py") if path != THE_READER]

    assert [] == [breach for path in others for breach in _breaches(path)]


def test_the_reader_itself_would_be_seen() -> None:
    assert {"reading.py"} == {each.partition(":")[0] for each in _breaches(THE_READER)}


def test_no_module_reads_cookies_with_the_librarys_reader() -> None:
    """It takes time by the square of a cookie's backslashes (CVE-2024-7592)."""
    readers = {"cookies", "get_cookie_values"}
    breaches = [
        f"{path.name}:{node.lineno}"
        for path in PACKAGE.rglob("*.py")
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(node, ast.Attribute)
        and node.attr in readers
        and isinstance(node.value, ast.Name)
        and node.value.id == "request"
    ]

    assert [] == breaches
