"""Build the widget from `widget/` into the Python package, so that serving it needs no Node.

    python3 tools/build_widget.py            # after any change of widget/src; commit the result
    python3 tools/build_widget.py FOLDER     # elsewhere, to compare

The first also writes the new release and its hashes into `docs/widget.md`.

Needs Node 18.17 or newer, and npm.
"""

from __future__ import annotations

import json
import re
import shutil
import subprocess
import sys
from hashlib import sha256
from pathlib import Path

ROOT = Path(__file__).parents[1]
WIDGET = ROOT / "widget"
SERVED = ROOT / "src/orderguard/http/static/widget/v1"
PAGE = ROOT / "docs/widget.md"


def install() -> None:
    """The build tools at their locked versions, once."""
    if not (WIDGET / "node_modules").exists():
        subprocess.run([tool("npm"), "ci"], cwd=WIDGET, check=True)


def build(folder: Path) -> None:
    """The modules and `integrity.json`; whatever was in the folder is gone."""
    subprocess.run([tool("node"), "scripts/build.mjs", folder.resolve()], cwd=WIDGET, check=True)


def document() -> None:
    """Put the served release and its hashes where shops look for them."""
    integrity = (SERVED / "integrity.json").read_bytes()
    hashes: dict[str, str] = json.loads(integrity)
    rows = "".join(f"| `{name}` | `{digest}` |\n" for name, digest in hashes.items())
    page = PAGE.read_text(encoding="utf-8")
    # The server derives the name of the release in the same way; a test compares them.
    page = re.sub(r"v1/[0-9a-f]{16}/", f"v1/{sha256(integrity).hexdigest()[:16]}/", page)
    page = re.sub(r'integrity="[^"]*"', f'integrity="{hashes["order_protection.js"]}"', page)
    page = re.sub(r"(\| file \| integrity \|\n.*\n)(\|.*\n)*", rf"\g<1>{rows}", page)
    PAGE.write_text(page, encoding="utf-8")


def tool(name: str) -> str:
    """The path of a command. Ends the program when it is missing."""
    return shutil.which(name) or sys.exit(f"{name} is missing. Install Node: https://nodejs.org")


if __name__ == "__main__":
    install()
    if len(sys.argv) > 1:
        build(Path(sys.argv[1]))
    else:
        build(SERVED)
        document()
