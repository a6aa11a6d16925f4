"""The part of `orderguard` that a package for shops contains: found by its imports, and copied."""

import ast
import re
from collections.abc import Iterable, Mapping
from pathlib import Path

SOURCE = Path(__file__).parents[1] / "src"

_OURS = re.compile(r"^(\s*(?:from|import) )orderguard\b", re.MULTILINE)


def copy_core(modules: Mapping[str, Path], folder: Path, package: str, docstring: str) -> None:
    """Copy modules and their files into `folder`, as `package` with this docstring.

    Imports of `orderguard` become imports of the package.
    """
    for name, file in modules.items():
        place = folder / file.relative_to(SOURCE / "orderguard")
        place.parent.mkdir(parents=True, exist_ok=True)
        text = file.read_text(encoding="utf-8")
        if name == "orderguard":
            text = f'"""{docstring}"""\n'
        place.write_text(_OURS.sub(rf"\g<1>{package}", text), encoding="utf-8")


def modules_needed(names: Iterable[str]) -> dict[str, Path]:
    """These modules and all that they need of `orderguard`, and their files."""
    needed: dict[str, Path] = {}
    todo = list(names)
    while todo:
        name = todo.pop()
        file = _file_of(name)
        if name in needed or file is None:
            continue
        needed[name] = file
        todo.extend(each for each in imports_of(file) if each.startswith("orderguard."))
        if "." in name:
            todo.append(name.rpartition(".")[0])
    return needed


def imports_of(file: Path) -> list[str]:
    """The names that a file imports; a name may be a module or something in one."""
    found = []
    for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
        if isinstance(node, ast.ImportFrom) and node.module:
            found += [node.module, *(f"{node.module}.{each.name}" for each in node.names)]
        elif isinstance(node, ast.Import):
            found += [each.name for each in node.names]
    return found


def _file_of(name: str) -> Path | None:
    path = SOURCE / name.replace(".", "/")
    candidates = (path / "__init__.py", path.with_suffix(".py"))
    return next((each for each in candidates if each.exists()), None)
