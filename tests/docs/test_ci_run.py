"""`.ci/run` on machines that lack this or that, with stand-ins for `apt-get` and `make`."""

from __future__ import annotations

import subprocess
from collections.abc import Collection
from pathlib import Path

import pytest

from tests.docs.snippets import ROOT
from tests.support.programs import find_program

if not find_program("bash"):
    pytest.skip("NOT TESTED: .ci/run needs bash", allow_module_level=True)

NEEDED_BY_THE_SCRIPT = ("bash", "dirname", "env")


def run_ci(
    directory: Path, *, installed: Collection[str], make_exits: int = 0
) -> tuple[int, list[str]]:
    """The exit code of `.ci/run` where only these tools exist, and what it called, in order."""
    for name in NEEDED_BY_THE_SCRIPT:
        (directory / name).symlink_to(find_program(name) or name)
    calls = directory / "calls"
    calls.touch()
    stand_in(directory / "sudo", 'exec "$@"')
    for name in ("apt-get", *installed):
        exit_code = make_exits if name == "make" else 0
        stand_in(directory / name, f'echo "{name} $*" >> {calls}; exit {exit_code}')
    done = subprocess.run(
        [ROOT / ".ci/run"], env={"PATH": str(directory)}, capture_output=True, check=False
    )
    looked = ("python3 -c", "node -e")  # the script asks them what they can do
    return done.returncode, [
        call for call in calls.read_text().splitlines() if not call.startswith(looked)
    ]


def stand_in(file: Path, body: str) -> None:
    file.write_text(f"#!{file.parent / 'bash'}\n{body}\n")
    file.chmod(0o755)


def test_it_ends_with_all_tests(tmp_path: Path) -> None:
    exit_code, calls = run_ci(tmp_path, installed=["make", "curl", "python3", "node", "npm", "php"])

    assert (0, "make test") == (exit_code, calls[-1])


def test_what_is_missing_is_installed_after_an_update(tmp_path: Path) -> None:
    _, (update, install, *_) = run_ci(tmp_path, installed=["make"])

    assert "apt-get update" == update
    assert {"curl", "chromium", "php-cli", "python3", "python3-venv"} <= set(install.split())
    assert "make" not in install.split()


def test_it_fails_when_a_test_fails(tmp_path: Path) -> None:
    exit_code, _ = run_ci(
        tmp_path, installed=["make", "curl", "python3", "node", "npm", "php"], make_exits=2
    )

    assert 2 == exit_code
