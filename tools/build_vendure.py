"""Builds the npm package @orderguard/vendure: the same files always give the same bytes.

    .venv/bin/python -m tools.build_vendure [FOLDER]

The package is CommonJS, compiled from connectors/vendure/src and the core that connectors in
JavaScript share. What the compiler needs comes from connectors/vendure/package-lock.json, once;
afterwards everything works without a network.
"""

import hashlib
import json
import shutil
import sys
import tempfile
from pathlib import Path

from tools.commands import run
from tools.npm import LOCKED, alone_in, install_locked, pack

ROOT = Path(__file__).parents[1]
PLUGIN = ROOT / "connectors/vendure"
CORE = ROOT / "connectors/js/src"
CACHE = ROOT / ".cache/vendure"
TARGET = ROOT / "dist"
FILES = ("package.json", "tsconfig.json", "README.md", "CHANGELOG.md", "LICENSE")


def prepared() -> Path:
    """The folder whose node_modules has Vendure and the compiler; filled once, by one process."""
    install_locked(PLUGIN, CACHE)
    return CACHE


def build(target: Path = TARGET) -> Path:
    """Compile and pack, in what `prepared` has filled; returns the tarball."""
    target.mkdir(parents=True, exist_ok=True)
    # Below the cache, because the compiler looks for node_modules in the folders above.
    with tempfile.TemporaryDirectory(dir=CACHE, prefix="build-") as scratch:
        place = Path(scratch)
        for name in FILES:
            shutil.copyfile(PLUGIN / name, place / name)
        shutil.copytree(PLUGIN / "src", place / "src")
        shutil.copytree(CORE, place / "src/core")
        compiler = CACHE / "node_modules/typescript/bin/tsc"
        run("node", compiler, "--project", place, folder=place)
        return pack(place, target)


def built() -> Path:
    """The tarball of the files as they are now, built once for all processes that test it."""
    sources = [PLUGIN / name for name in (*FILES, *LOCKED)]
    sources += sorted((PLUGIN / "src").rglob("*.ts")) + sorted(CORE.glob("*.js"))
    said = b"".join(str(file).encode() + file.read_bytes() for file in sources)
    place = prepared() / "built" / hashlib.sha256(said).hexdigest()[:16]
    with alone_in(CACHE):
        for old in place.parent.glob("*") if place.parent.exists() else ():
            if old != place:
                shutil.rmtree(old)
        if not place.exists():
            # Under its own name only when it is whole.
            build(place.with_suffix(".new"))
            place.with_suffix(".new").rename(place)
    (tarball,) = place.glob("*.tgz")
    return tarball


def version() -> str:
    """The version of Vendure in the lock."""
    lock = json.loads((PLUGIN / "package-lock.json").read_text())
    found: str = lock["packages"]["node_modules/@vendure/core"]["version"]
    return found


if __name__ == "__main__":
    prepared()
    print(build(Path(sys.argv[1]) if len(sys.argv) > 1 else TARGET))
