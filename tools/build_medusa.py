"""Builds the npm package @orderguard/medusa: the same files always give the same bytes.

    .venv/bin/python -m tools.build_medusa [FOLDER]

The package is plain JavaScript where Medusa looks for a plugin, in .medusa/server/src: the files of
connectors/medusa/src and the core that connectors in JavaScript share. Nothing is compiled, and
nothing is fetched.
"""

import shutil
import sys
import tempfile
from pathlib import Path

from tools.npm import pack

ROOT = Path(__file__).parents[1]
PLUGIN = ROOT / "connectors/medusa"
CORE = ROOT / "connectors/js/src"
TARGET = ROOT / "dist"
FILES = ("package.json", "README.md", "CHANGELOG.md", "LICENSE")


def build(target: Path = TARGET) -> Path:
    """Pack; returns the tarball."""
    target.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as scratch:
        place = Path(scratch)
        for name in FILES:
            shutil.copyfile(PLUGIN / name, place / name)
        server = place / ".medusa/server/src"
        shutil.copytree(PLUGIN / "src", server)
        shutil.copytree(CORE, server / "core")
        return pack(place, target)


if __name__ == "__main__":
    print(build(Path(sys.argv[1]) if len(sys.argv) > 1 else TARGET))
