"""When the cores are busy, checkouts go before work that can wait."""

from __future__ import annotations

import io
import subprocess
import sys
from pathlib import Path

import msgspec
import pytest

from orderguard.running import chores_process
from orderguard.settings import Settings

LOWERED = """
import os
from orderguard.running.priority import CHORES, lower_priority
lower_priority(CHORES)
print(os.nice(0))
"""

SESSION = Path("/proc/self/autogroup")


def _in_a_session_of_its_own(program: str) -> str:
    return subprocess.run(
        [sys.executable, "-c", program],
        capture_output=True,
        text=True,
        check=True,
        start_new_session=True,
    ).stdout


def test_a_process_gives_way_to_others_of_its_session() -> None:
    assert "10\n" == _in_a_session_of_its_own(LOWERED)


@pytest.mark.skipif(not SESSION.exists(), reason="this system shares its cores among processes")
def test_its_session_gives_way_to_other_sessions() -> None:
    shown = _in_a_session_of_its_own(f"{LOWERED}\nprint(open('{SESSION}').read())")

    assert shown.strip().endswith("nice 10")


@pytest.mark.parametrize(
    ("url", "lowered"),
    [
        ("postgresql://shop@127.0.0.1/orderguard", [10]),
        # A process that holds the one write lock of a file must not wait for a core.
        ("sqlite:///orderguard.db", []),
    ],
)
def test_chores_give_way_to_checkouts_where_they_hold_no_lock_that_checkouts_need(
    url: str, lowered: list[int], monkeypatch: pytest.MonkeyPatch
) -> None:
    seen: list[int] = []

    async def nothing(*_: object) -> None: ...

    monkeypatch.setattr(chores_process, "lower_priority", seen.append)
    monkeypatch.setattr(chores_process, "_until_the_end_of", nothing)
    monkeypatch.setattr(chores_process, "configure_logging", lambda **_: None)
    settings = Settings(database_url=url)

    chores_process.main(io.BytesIO(msgspec.json.encode(settings) + b"\n"))

    assert lowered == seen
