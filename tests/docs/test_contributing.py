"""The contributor's way in: what the files promise is there, and the recipe of a release works."""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
import tarfile
from pathlib import Path
from typing import Any
from zipfile import ZipFile

import pytest
import yaml

from tests.docs.snippets import ROOT

TARGETS = set(re.findall(r"^([a-z-]+):", (ROOT / "Makefile").read_text(), re.MULTILINE))
WORKFLOWS = sorted((ROOT / ".github/workflows").glob("*.yml"))
OF_A_RELEASE = (
    "CHANGELOG.md",
    "clients",
    "connectors/js/src",
    "connectors/oscar",
    "connectors/words.json",
    "connectors/php/src",
    "LICENSE",
    "README.md",
    "pyproject.toml",
    "src",
    "tools/build_clients.py",
    "tools/build_oscar.py",
    "tools/commands.py",
    "tools/python_core.py",
    "deploy/helm/orderguard/Chart.yaml",
    "deploy/compose/compose.yaml",
    "deploy/image/Containerfile",
    "docs/install.md",
    "tools/release.py",
    "tools/translate_woocommerce.py",
    "widget/package.json",
    "widget/package-lock.json",
    "widget/src/copy",
)


def yaml_of(path: Path) -> Any:
    return yaml.safe_load(path.read_text(encoding="utf-8"))


def made_in(text: str) -> set[str]:
    return set(re.findall(r"\bmake ([a-z-]+)", text))


def test_make_alone_lists_every_target_and_makes_nothing(tmp_path: Path) -> None:
    shutil.copy(ROOT / "Makefile", tmp_path)

    done = subprocess.run(["make"], cwd=tmp_path, capture_output=True, text=True, check=True)

    assert TARGETS == made_in(done.stdout)
    assert [tmp_path / "Makefile"] == list(tmp_path.iterdir())


@pytest.mark.parametrize(
    "path",
    ["CONTRIBUTING.md", ".pre-commit-config.yaml", ".github/PULL_REQUEST_TEMPLATE.md"]
    + [str(each.relative_to(ROOT)) for each in WORKFLOWS],
)
def test_what_is_made_can_be_made(path: str) -> None:
    made = made_in((ROOT / path).read_text(encoding="utf-8"))

    assert set() == made - TARGETS


def test_every_step_of_a_workflow_is_a_target_or_a_script_of_ours() -> None:
    jobs = yaml_of(ROOT / ".github/workflows/ci.yml")["jobs"]

    runs = [step["run"] for job in jobs.values() for step in job["steps"] if "run" in step]

    assert {"make check PYTHON=python", "make release-dry-run PYTHON=python", ".ci/run"} == {*runs}


def test_every_python_that_is_promised_is_tried() -> None:
    tried = yaml_of(ROOT / ".github/workflows/ci.yml")["jobs"]["check"]["strategy"]["matrix"]
    promised = re.findall(
        r'"Programming Language :: Python :: (3\.\d+)"', (ROOT / "pyproject.toml").read_text()
    )

    assert ["3.11", "3.12", "3.13", "3.14"] == promised == tried["python"]


def test_the_other_files_can_be_read() -> None:
    hooks = yaml_of(ROOT / ".pre-commit-config.yaml")["repos"][0]["hooks"]

    assert 2 == yaml_of(ROOT / ".github/dependabot.yml")["version"]
    assert ["make lint", "make check"] == [hook["entry"] for hook in hooks]


def test_weaknesses_are_reported_privately() -> None:
    text = (ROOT / "SECURITY.md").read_text(encoding="utf-8")

    assert "Report a vulnerability" in text
    assert not re.search(r"\S+@\S+\.\S+", text)


@pytest.fixture
def repository(tmp_path: Path) -> Path:
    """What a release is made from, to change at will."""
    for name in OF_A_RELEASE:
        target = tmp_path / name
        target.parent.mkdir(parents=True, exist_ok=True)
        if (ROOT / name).is_dir():
            shutil.copytree(ROOT / name, target, ignore=shutil.ignore_patterns("__pycache__"))
        else:
            shutil.copy(ROOT / name, target)
    return tmp_path


def release(repository: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, repository / "tools/release.py", *arguments],
        capture_output=True,
        text=True,
        check=False,
    )


def test_the_version_is_the_same_everywhere(repository: Path) -> None:
    done = release(repository, "check")

    assert (0, "") == (done.returncode, done.stderr)


def test_a_place_with_another_version_is_named(repository: Path) -> None:
    place = repository / "src/orderguard/__init__.py"
    place.write_text('__version__ = "9.9.9"\n')

    done = release(repository, "dry-run")

    assert 1 == done.returncode
    assert "src/orderguard/__init__.py: 9.9.9" in done.stderr


def test_a_release_takes_the_lines_that_were_not_released(repository: Path) -> None:
    changelog = repository / "CHANGELOG.md"
    heading = "## [Unreleased]\n"
    line = "\n### Added\n\n- A thing that users see.\n"
    changelog.write_text(changelog.read_text().replace(heading, heading + line, 1))

    done = release(repository, "cut", "98.7.6")

    assert (0, "") == (done.returncode, done.stderr)
    assert '{"version": "98.7.6"}' == release(repository, "check").stdout.strip()
    assert re.search(
        r"## \[Unreleased\]\n\n## \[98\.7\.6\] - \d{4}-\d\d-\d\d\n\n### Added\n\n- A thing",
        changelog.read_text(),
    )
    assert 1 == release(repository, "cut", "98.7.7").returncode  # there is nothing new
    assert 2 == (repository / "widget/package-lock.json").read_text().count('"version": "98.7.6"')


@pytest.mark.parametrize("wanted", ["", "v1.2.3", "1.2"])
def test_what_is_no_version_is_refused(repository: Path, wanted: str) -> None:
    before = (repository / "CHANGELOG.md").read_text()

    assert 1 == release(repository, "cut", wanted).returncode
    assert before == (repository / "CHANGELOG.md").read_text()


def test_a_dry_run_builds_the_files_and_lists_them(repository: Path) -> None:
    version = re.findall(r'__version__ = "(.*)"', (ROOT / "src/orderguard/__init__.py").read_text())

    done = release(repository, "dry-run", f"v{version[0]}")

    assert (0, "") == (done.returncode, done.stderr)
    assert "Nothing was published" in done.stdout
    [wheel] = (repository / "build/release").glob(f"orderguard-{version[0]}-py3-none-any.whl")
    for name in (
        "django_oscar_orderguard-*.whl",
        "orderguard_client-*.whl",
        "orderguard-node-*.tgz",
        "orderguard-php-*.zip",
    ):
        assert list((repository / "build/release").glob(name)), name
    [source] = (repository / "build/release").glob(f"orderguard-{version[0]}.tar.gz")
    in_the_wheel = set(ZipFile(wheel).namelist())
    package = {
        f"orderguard/{path.relative_to(ROOT / 'src/orderguard')}"
        for path in (ROOT / "src/orderguard").rglob("*")
        if path.is_file() and "__pycache__" not in path.parts
    }
    assert set() == package - in_the_wheel
    assert not [name for name in in_the_wheel if name.startswith("tests")]
    with tarfile.open(source) as archive:
        assert f"orderguard-{version[0]}/pyproject.toml" in archive.getnames()
    assert (repository / "build/notes.md").read_text().strip()


def test_a_tag_of_another_version_is_refused(repository: Path) -> None:
    done = release(repository, "dry-run", "v98.7.6")

    assert 1 == done.returncode
    assert "v98.7.6" in done.stderr
