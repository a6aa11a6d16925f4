"""Commands that the build tools run."""

import os
import subprocess
from collections.abc import Mapping
from pathlib import Path


def run(*command: object, folder: Path, environment: Mapping[str, str] | None = None) -> str:
    """Run a command in a folder, with these further variables; returns its output.

    Raises `SystemExit` with all that it printed when it fails.
    """
    done = subprocess.run(
        [str(part) for part in command],
        cwd=folder,
        env=os.environ | (environment or {}),
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode:
        raise SystemExit(f"{command} failed:\n{done.stdout}{done.stderr}")
    return done.stdout
