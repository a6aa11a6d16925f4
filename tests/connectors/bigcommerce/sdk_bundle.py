"""BigCommerce's real Checkout SDK, for the browser: fetched from npm once, as the lock says."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

from tools.commands import run
from tools.npm import alone_in, install_locked

SOURCES = Path(__file__).parent / "sdk"
CACHE = Path(__file__).parents[3] / ".cache/bigcommerce"


def bundle() -> bytes:
    """The checkout page's script, with the SDK in it."""
    # The SDK asks for the Node that builds it; it is built, and runs in a browser.
    install_locked(SOURCES, CACHE, "--force")
    with alone_in(CACHE):
        shutil.copyfile(SOURCES / "page.mjs", CACHE / "page.mjs")
        esbuild = str(CACHE / "node_modules/.bin/esbuild")
        options = ("--bundle", "--format=iife", "--outfile=sdk.js", "--log-level=warning")
        run(esbuild, "page.mjs", *options, folder=CACHE)
        return (CACHE / "sdk.js").read_bytes()


def version() -> str:
    """The version of the SDK in the lock."""
    lock = json.loads((SOURCES / "package-lock.json").read_text())
    found: str = lock["packages"]["node_modules/@bigcommerce/checkout-sdk"]["version"]
    return found
