"""Builds the npm package @orderguard/bigcommerce: the same files always give the same bytes.

    .venv/bin/python -m tools.build_bigcommerce [FOLDER]

The package is plain JavaScript: connectors/bigcommerce, the core that connectors in JavaScript
share, and the storefront element's words. Nothing is compiled, and nothing is fetched.
"""

import shutil
import sys
import tempfile
from pathlib import Path

from tools.npm import pack

ROOT = Path(__file__).parents[1]
APP = ROOT / "connectors/bigcommerce"
CORE = ROOT / "connectors/js/src"
COPY = ROOT / "src/orderguard/http/static/widget/v1/copy"
TARGET = ROOT / "dist"
PARTS = ("bin", "box", "src")
FILES = ("package.json", "README.md", "CHANGELOG.md", "LICENSE")


def build(target: Path = TARGET) -> Path:
    """Pack; returns the tarball."""
    target.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as scratch:
        place = Path(scratch)
        for name in FILES:
            shutil.copyfile(APP / name, place / name)
        for name in PARTS:
            shutil.copytree(APP / name, place / name)
        shutil.copytree(CORE, place / "src/core")
        shutil.copytree(COPY, place / "src/copy")
        return pack(place, target)


if __name__ == "__main__":
    print(build(Path(sys.argv[1]) if len(sys.argv) > 1 else TARGET))
