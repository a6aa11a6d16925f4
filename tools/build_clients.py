"""Builds the clients for shops: a wheel for Python, a package for Node.js, an archive for PHP.

    .venv/bin/python -m tools.build_clients [FOLDER]

The wheel contains `orderguard.client` and the modules that it needs, with their imports rewritten;
the other two contain the cores that the connectors share, connectors/js and connectors/php.
"""

import re
import shutil
import subprocess
import sys
import tarfile
import tempfile
from pathlib import Path
from zipfile import ZIP_DEFLATED, ZipFile

from tools.build_oscar import modules_needed

ROOT = Path(__file__).parents[1]
SOURCE = ROOT / "src"
TARGET = ROOT / "dist"
CORE = "orderguard_client.core"
MODULES = ("orderguard.client", "orderguard.client.offer_state")
NO_VERSION = "0.0.0"

_OURS = re.compile(r"^(\s*(?:from|import) )orderguard\b", re.MULTILINE)
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
        core = folder / "orderguard_client/core"
        for name, file in modules_needed(MODULES).items():
            place = core / file.relative_to(SOURCE / "orderguard")
            place.parent.mkdir(parents=True, exist_ok=True)
            text = file.read_text(encoding="utf-8")
            if name == "orderguard":
                text = '"""The client as the server\'s repository has it."""\n'
            place.write_text(_OURS.sub(rf"\g<1>{CORE}", text), encoding="utf-8")
        _run(folder, sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", str(target))
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


def _run(folder: Path, *command: str) -> None:
    done = subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False)
    if done.returncode:
        raise SystemExit(f"{' '.join(command)} failed:\n{done.stdout}{done.stderr}")


def main() -> None:
    """Build all of them, and name them."""
    target = Path(sys.argv[1] if len(sys.argv) > 1 else TARGET).resolve()
    target.mkdir(parents=True, exist_ok=True)
    for build in (build_python, build_node, build_php):
        print(build(target))


if __name__ == "__main__":
    main()
