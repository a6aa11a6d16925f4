"""Builds the clients for shops: a wheel for Python, a package for Node.js, an archive for PHP.

    .venv/bin/python -m tools.build_clients [FOLDER]

The wheel contains `orderguard.client` and the modules that it needs, with their imports rewritten;
the other two contain the cores that the connectors share, connectors/js and connectors/php.
"""

import re
import shutil
import sys
import tarfile
import tempfile
from pathlib import Path
from zipfile import ZIP_DEFLATED, ZipFile

from tools.commands import run
from tools.python_core import SOURCE, copy_core, modules_needed

ROOT = Path(__file__).parents[1]
TARGET = ROOT / "dist"
CORE = "orderguard_client.core"
MODULES = ("orderguard.client", "orderguard.client.offer_state")
NO_VERSION = "0.0.0"

_NOTHING_BUILT = shutil.ignore_patterns("__pycache__", "*.pyc", "dist", "core")


def version() -> str:
    """The version of this repository."""
    text = (SOURCE / "orderguard/__init__.py").read_text(encoding="utf-8")
    found = re.search(r'^__version__ = "([^"]+)"$', text, re.MULTILINE)
    if found is None:
        raise SystemExit("src/orderguard/__init__.py does not say its version.")
    return found[1]


def build_python(target: Path) -> Path:
    """The wheel of `orderguard-client`."""
    with tempfile.TemporaryDirectory() as scratch:
        folder = _assembled("python", Path(scratch), "pyproject.toml")
        told = "The client as the server's repository has it."
        copy_core(modules_needed(MODULES), folder / "orderguard_client/core", CORE, told)
        hatch = (sys.executable, "-m", "hatchling", "build")
        run(*hatch, "-t", "wheel", "-d", target, folder=folder)
    return target / f"orderguard_client-{version()}-py3-none-any.whl"


def build_node(target: Path) -> Path:
    """The package of `@orderguard/node`, as `npm pack` would write it."""
    with tempfile.TemporaryDirectory() as scratch:
        folder = _assembled("node", Path(scratch), "package.json")
        shutil.copytree(ROOT / "connectors/js/src", folder / "src/core")
        package = target / f"orderguard-node-{version()}.tgz"
        with tarfile.open(package, "w:gz") as archive:
            archive.add(folder, "package")
    return package


def build_php(target: Path) -> Path:
    """The archive of `orderguard/orderguard`, which Composer and `require` both read."""
    with tempfile.TemporaryDirectory() as scratch:
        folder = _assembled("php", Path(scratch), "composer.json")
        shutil.copytree(ROOT / "connectors/php/src", folder / "core")
        package = target / f"orderguard-php-{version()}.zip"
        with ZipFile(package, "w", ZIP_DEFLATED) as archive:
            for file in sorted(folder.rglob("*")):
                archive.write(file, Path("orderguard") / file.relative_to(folder))
    return package


def _assembled(name: str, scratch: Path, manifest: str) -> Path:
    """A copy of the client's folder, with the licence and the version."""
    folder = scratch / name
    shutil.copytree(ROOT / "clients" / name, folder, ignore=_NOTHING_BUILT)
    shutil.copyfile(ROOT / "LICENSE", folder / "LICENSE")
    file = folder / manifest
    text = file.read_text(encoding="utf-8")
    file.write_text(text.replace(NO_VERSION, version()), encoding="utf-8")
    return folder


def main() -> None:
    """Build all of them, and name them."""
    target = Path(sys.argv[1] if len(sys.argv) > 1 else TARGET).resolve()
    target.mkdir(parents=True, exist_ok=True)
    for build in (build_python, build_node, build_php):
        print(build(target))


if __name__ == "__main__":
    main()
