"""BigCommerce's real Checkout SDK, for the browser: fetched from npm once, as the lock says."""

from __future__ import annotations

import fcntl
import hashlib
import json
import shutil
import subprocess
from pathlib import Path

SOURCES = Path(__file__).parent / "sdk"
CACHE = Path(__file__).parents[3] / ".cache/bigcommerce"
LOCKED = ("package.json", "package-lock.json")


def bundle() -> bytes:
    """The checkout page's script, with the SDK in it."""
    CACHE.mkdir(parents=True, exist_ok=True)
    wanted = hashlib.sha256(b"".join((SOURCES / name).read_bytes() for name in LOCKED)).hexdigest()
    ready = CACHE / "ready"
    with (CACHE / "lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not ready.exists() or wanted != ready.read_text():
            for name in LOCKED:
                shutil.copyfile(SOURCES / name, CACHE / name)
            # The SDK asks for the Node that builds it; it is built, and runs in a browser.
            _run("npm", "ci", "--force", "--ignore-scripts", "--no-audit", "--no-fund")
            ready.write_text(wanted)
        shutil.copyfile(SOURCES / "page.mjs", CACHE / "page.mjs")
        esbuild = str(CACHE / "node_modules/.bin/esbuild")
        _run(esbuild, "page.mjs", "--bundle", "--format=iife", "--outfile=sdk.js",
             "--log-level=warning")  # fmt: skip
        return (CACHE / "sdk.js").read_bytes()


def version() -> str:
    """The version of the SDK in the lock."""
    lock = json.loads((SOURCES / "package-lock.json").read_text())
    found: str = lock["packages"]["node_modules/@bigcommerce/checkout-sdk"]["version"]
    return found


def _run(*command: str) -> None:
    done = subprocess.run(command, cwd=CACHE, capture_output=True, text=True, check=False)
    assert 0 == done.returncode, f"{command}: {done.stdout}{done.stderr}"
