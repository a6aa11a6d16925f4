"""The JavaScript core that connectors share: its own tests, and where its table comes from."""

from __future__ import annotations

import subprocess
from pathlib import Path

from tools import generate_js_currencies

CORE = Path(__file__).parents[3] / "connectors/js"


def test_the_table_of_currencies_is_generated_from_ours() -> None:
    assert generate_js_currencies.source() == generate_js_currencies.TARGET.read_text()


def test_the_core_decides_as_every_other_client() -> None:
    files = sorted(CORE.glob("test/*.test.js"))
    assert files

    done = subprocess.run(
        ["node", "--test", *files], capture_output=True, text=True, check=False
    )  # fmt: skip

    assert 0 == done.returncode, done.stdout[-5000:] + done.stderr[-2000:]
