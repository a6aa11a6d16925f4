"""A shop needs httpx, and none of the server's libraries."""

from __future__ import annotations

import re
import subprocess
import sys
from importlib.metadata import PackageNotFoundError, packages_distributions, requires
from pathlib import Path

ROOT = Path(__file__).parents[2]
WITH_THESE_ALONE = """
import sys
allowed = {*sys.argv[1:], *sys.stdlib_module_names}

class Refusing:
    def find_spec(self, name, path=None, target=None):
        if name.partition(".")[0] not in allowed:
            raise ImportError(f"{name} is not there")

sys.meta_path.insert(0, Refusing())
import orderguard.client
from orderguard.client import offer_state

try:
    import falcon
except ImportError:
    print("alone")
"""


def needed_by(distribution: str) -> set[str]:
    """The distribution, and all distributions that it requires, without extras."""
    needed = {distribution}
    try:
        required = requires(distribution) or []
    except PackageNotFoundError:  # only for other versions of Python
        return needed
    for each in required:
        if "extra ==" not in each:
            needed |= needed_by(re.split(r"[\[<>=!;~ ]", each)[0].lower())
    return needed


def test_the_client_is_importable_with_httpx_alone() -> None:
    needed = needed_by("httpx")
    modules = [
        module
        for module, found in packages_distributions().items()
        if needed & {each.lower() for each in found}
    ]
    assert "httpx" in modules

    done = subprocess.run(
        [sys.executable, "-c", WITH_THESE_ALONE, "orderguard", *modules],
        capture_output=True,
        text=True,
        check=False,
    )

    assert "alone\n" == done.stdout, done.stderr


def test_the_package_is_typed() -> None:
    assert (ROOT / "src/orderguard/py.typed").exists()
