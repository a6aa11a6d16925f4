"""The baseline's virtual environment, from locked requirements of its own."""

from __future__ import annotations

import shutil
import subprocess
import sys
from pathlib import Path

from bench.machine import NotPrepared

HERE = Path(__file__).parent
_HOME = HERE / ".venv"
_LOCK = HERE / "requirements.lock"


def baseline_python() -> Path:
    """The Python interpreter of the baseline, whose environment is prepared if the lock changed.

    Raises `NotPrepared`.
    """
    ready = _HOME / ".ready"
    python = _HOME / "bin" / "python"
    if ready.exists() and ready.read_text() == _LOCK.read_text():
        return python
    print(f"Preparing {_HOME} for the baseline (once)", flush=True)
    shutil.rmtree(_HOME, ignore_errors=True)
    _run([sys.executable, "-m", "venv", str(_HOME)])
    pip = [str(python), "-m", "pip", "install", "--quiet", "--disable-pip-version-check"]
    _run([*pip, "--require-hashes", "-r", str(_LOCK)])
    ready.write_text(_LOCK.read_text())
    return python


def _run(command: list[str]) -> None:
    finished = subprocess.run(command, capture_output=True, text=True, check=False)
    if finished.returncode:
        raise NotPrepared(f"{' '.join(command[:4])} … failed: {finished.stderr.strip()[-500:]}")
