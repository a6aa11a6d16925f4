"""django-oscar in an environment of its own, the connector from its wheel, and a seeded shop.

`python -m tests.connectors.oscar.environment` prepares them; the tests do so by themselves. All is
kept in .cache, so that only the first run needs PyPI.
"""

from __future__ import annotations

import fcntl
import hashlib
import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from tools.build_oscar import build

ROOT = Path(__file__).parents[3]
HERE = Path(__file__).parent
CACHE = ROOT / ".cache/oscar"
REQUIREMENTS = HERE / os.environ.get("OSCAR_REQUIREMENTS", "requirements.txt")
SETTINGS = "tests.connectors.oscar.testshop.settings"


class CannotRun(Exception):
    """django-oscar cannot be had here; the message says why."""


@dataclass(frozen=True)
class Environment:
    """A Python with Oscar, the folder with the installed wheel, and a database without ours."""

    python: Path
    wheel: Path
    database: Path

    def variables(self, folder: Path, **more: str) -> dict[str, str]:
        """What a process of the shop is started with."""
        path = os.pathsep.join([str(self.wheel), str(ROOT)])
        return os.environ | {
            "PYTHONPATH": path,
            "DJANGO_SETTINGS_MODULE": SETTINGS,
            "TESTSHOP_FOLDER": str(folder),
            "PYTHONDONTWRITEBYTECODE": "",
            **more,
        }

    def run(self, folder: Path, *arguments: str, **more: str) -> str:
        """`python -m django …` in the shop of this folder."""
        return _run(self.python, "-m", "django", *arguments, env=self.variables(folder, **more))

    def versions(self) -> dict[str, str]:
        """What runs here."""
        both = "import django, oscar; print(django.__version__, oscar.get_version())"
        said = _run(self.python, "-c", both)
        django, oscar = said.split()
        return {"django-oscar": oscar, "Django": django}


def prepared() -> Environment:
    """Everything that is needed; made once, by one process. Raises `CannotRun`."""
    with _locked("environment"):
        python = _python()
        wheel = _wheel(python)
        return Environment(python, wheel, _database(python, wheel))


def _python() -> Path:
    version = f"{sys.version_info.major}.{sys.version_info.minor}"
    folder = CACHE / f"python-{version}-{_hash(REQUIREMENTS)}"
    if not folder.exists():
        with _scratch() as scratch:
            environment = scratch / "environment"
            _run(sys.executable, "-m", "venv", environment)
            # A virtual environment does not like to be moved, but its Python does not care.
            pip = [environment / "bin/python", "-m", "pip", "install", "--quiet"]
            try:
                _run(*pip, "--require-hashes", "--no-deps", "-r", REQUIREMENTS)
            except AssertionError as error:
                raise CannotRun(f"PyPI does not give us django-oscar: {error}") from None
            environment.rename(folder)
    return folder / "bin/python"


def _wheel(python: Path) -> Path:
    """The wheel as pip installs it. The source tree is never on the path."""
    with _scratch() as scratch:
        built = build(scratch / "dist")
        folder = CACHE / f"wheel-{_hash(built)}"
        if not folder.exists():
            target = scratch / "installed"
            _run(
                python, "-m", "pip", "install", "--quiet", "--no-deps", "--no-index",
                "--target", target, built,
            )  # fmt: skip
            target.rename(folder)
    return folder


def _database(python: Path, wheel: Path) -> Path:
    """A shop with products and without Orderguard, as a file to be copied."""
    shop = HERE / "testshop"
    name = _hash(REQUIREMENTS, shop / "seed.py", shop / "settings.py")
    database = CACHE / f"shop-{name}.sqlite"
    if not database.exists():
        with _scratch() as scratch:
            environment = Environment(python, wheel, database)
            more = {"TESTSHOP_SEEDING": "yes", "TESTSHOP_CONNECTED": "no"}
            environment.run(scratch, "migrate", "--run-syncdb", "--verbosity", "0", **more)
            seed = "from tests.connectors.oscar.testshop.seed import seed; seed()"
            environment.run(scratch, "shell", "--command", seed, **more)
            shutil.move(scratch / "shop.sqlite", database)
    return database


@contextmanager
def _locked(name: str) -> Iterator[None]:
    CACHE.mkdir(parents=True, exist_ok=True)
    with (CACHE / f"{name}.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


@contextmanager
def _scratch() -> Iterator[Path]:
    with tempfile.TemporaryDirectory(dir=CACHE) as folder:
        yield Path(folder)


def _hash(*files: Path) -> str:
    content = b"".join(file.read_bytes() for file in files)
    return hashlib.sha256(content).hexdigest()[:16]


def _run(*command: object, env: Mapping[str, str] | None = None) -> str:
    done = subprocess.run(
        [str(part) for part in command], env=env, capture_output=True, text=True, check=False
    )
    assert 0 == done.returncode, f"{command}: {done.stdout[-3000:]}{done.stderr[-3000:]}"
    return done.stdout


if __name__ == "__main__":
    try:
        made = prepared()
    except CannotRun as reason:
        raise SystemExit(f"The connector for django-oscar cannot be tried here. {reason}") from None
    print(made.versions(), made.python)
