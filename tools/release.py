"""Prepare a release, and try it without publishing anything.

    python tools/release.py check             # the version is the same everywhere
    python tools/release.py cut 0.3.0         # set the version, and head the changelog's lines
    python tools/release.py dry-run [v0.3.0]  # check, build the files, list what they contain

A release is the tag `v` and its version. Its files are built into build/release, and what the
changelog says of it into build/notes.md; .github/workflows/release.yml publishes both.
"""

from __future__ import annotations

import json
import re
import shutil
import subprocess
import sys
import tarfile
from datetime import UTC, datetime
from pathlib import Path
from zipfile import ZipFile

ROOT = Path(__file__).parents[1]
BUILT = Path("build/release")
NOTES = Path("build/notes.md")

PLACES = {
    "pyproject.toml": re.compile(r'^version = "(?P<version>[^"]+)"$', re.MULTILINE),
    "src/orderguard/__init__.py": re.compile(r'^__version__ = "(?P<version>[^"]+)"$', re.MULTILINE),
    "connectors/oscar/pyproject.toml": re.compile(
        r'^version = "(?P<version>[^"]+)"$', re.MULTILINE
    ),
    "connectors/oscar/orderguard_oscar/__init__.py": re.compile(
        r'^__version__ = "(?P<version>[^"]+)"$', re.MULTILINE
    ),
    "widget/package.json": re.compile(r'^  "version": "(?P<version>[^"]+)",$', re.MULTILINE),
    "widget/package-lock.json": re.compile(
        r'^(?:  |      )"version": "(?P<version>[^"]+)",$(?=[^}]*?(?:"lockfileVersion"|"license"))',
        re.MULTILINE,
    ),
    "deploy/helm/orderguard/Chart.yaml": re.compile(
        r"^(?:version|appVersion): (?P<version>\S+)$", re.MULTILINE
    ),
    "deploy/compose/compose.yaml": re.compile(r"orderguard:(?P<version>\d\S*)$", re.MULTILINE),
    "deploy/image/Containerfile": re.compile(r"orderguard:(?P<version>\d\S*)", re.MULTILINE),
    "docs/install.md": re.compile(r"orderguard:(?P<version>\d\S*)", re.MULTILINE),
    "CHANGELOG.md": re.compile(r"^## \[(?P<version>\d[^\]]*)\] - \d{4}-\d\d-\d\d$", re.MULTILINE),
}
"""Where the version stands; the first place of a file counts."""

UNRELEASED = "## [Unreleased]\n"
VERSION = re.compile(r"\d+\.\d+\.\d+(?:(?:a|b|rc)\d+)?")


class CannotRelease(Exception):
    """What is wrong, and what to do."""


def version() -> str:
    """The version that every place says. Raises `CannotRelease` naming those that differ."""
    found = {path: _found(path) for path in PLACES}
    if len(set(found.values())) > 1:
        lines = [f"  {path}: {each}" for path, each in found.items()]
        raise CannotRelease("\n".join(["The places do not say the same version:", *lines]))
    return next(iter(found.values()))


def _found(path: str) -> str:
    match = PLACES[path].search((ROOT / path).read_text(encoding="utf-8"))
    return match["version"] if match else "none"


def cut(wanted: str) -> None:
    """Set the version everywhere, and give the changelog's unreleased lines its heading."""
    if not VERSION.fullmatch(wanted):
        raise CannotRelease(f"{wanted} is not a version such as 0.3.0 or 0.3.0rc1.")
    changelog = ROOT / "CHANGELOG.md"
    text = changelog.read_text(encoding="utf-8")
    if f"## [{wanted}]" in text:
        raise CannotRelease(f"The changelog has {wanted} already.")
    if not notes(text, "Unreleased"):
        raise CannotRelease("The changelog has no line under Unreleased: nothing to release.")
    heading = f"{UNRELEASED}\n## [{wanted}] - {datetime.now(UTC):%Y-%m-%d}\n"
    changelog.write_text(text.replace(UNRELEASED, heading, 1), encoding="utf-8")
    for path in PLACES:
        if path != "CHANGELOG.md":
            file = ROOT / path
            file.write_text(_with_version(file.read_text(encoding="utf-8"), path, wanted))


def _with_version(text: str, path: str, wanted: str) -> str:
    times = 2 if path.endswith("-lock.json") else 1  # of the file, and of the package in it

    def replaced(match: re.Match[str]) -> str:
        return match[0].replace(match["version"], wanted)

    return PLACES[path].sub(replaced, text, count=times)


def notes(changelog: str, name: str) -> str:
    """What the changelog says under one heading."""
    _, _, after = changelog.partition(f"## [{name}]")
    _, _, section = after.partition("\n")
    return re.split(r"^## \[", section, maxsplit=1, flags=re.MULTILINE)[0].strip()


def build() -> list[Path]:
    """The files of the release, in build/release."""
    shutil.rmtree(ROOT / BUILT, ignore_errors=True)
    (ROOT / BUILT).mkdir(parents=True)
    _run(sys.executable, "-m", "hatchling", "build", "--directory", str(BUILT))
    npm = shutil.which("npm")
    if npm and (ROOT / "widget/node_modules").exists():
        _run(npm, "run", "--silent", "build", folder="widget")
        _run(npm, "pack", "--silent", "--pack-destination", f"../{BUILT}", folder="widget")
    else:
        print("SKIPPED: the package of the widget needs npm, and `npm ci` in widget/.")
    _run(sys.executable, "-m", "tools.build_oscar", str(BUILT))
    _run(sys.executable, "-m", "tools.build_clients", str(BUILT))
    if (ROOT / "tools/build_woocommerce.py").exists():
        _run(sys.executable, "tools/build_woocommerce.py")
        for plugin in (ROOT / "dist").glob("*.zip"):
            shutil.copy(plugin, ROOT / BUILT)
    return sorted((ROOT / BUILT).iterdir())


def _run(*command: str, folder: str = ".") -> None:
    done = subprocess.run(command, cwd=ROOT / folder, capture_output=True, text=True, check=False)
    if done.returncode:
        raise CannotRelease(f"{' '.join(command)} failed:\n{done.stdout}{done.stderr}")


def contents(file: Path) -> list[str]:
    """The names of the files in a wheel, a zip or a tarball."""
    if file.suffix in (".whl", ".zip"):
        with ZipFile(file) as archive:
            return archive.namelist()
    with tarfile.open(file) as archive:
        return archive.getnames()


def dry_run(tag: str) -> None:
    """Build everything, and list it. Raises `CannotRelease` when the tag is of another version."""
    current = version()
    if tag and tag != f"v{current}":
        raise CannotRelease(f"The tag {tag} is not v{current}, which the places say.")
    files = build()
    changelog = (ROOT / "CHANGELOG.md").read_text(encoding="utf-8")
    (ROOT / NOTES).write_text(notes(changelog, current) + "\n", encoding="utf-8")
    print(f"orderguard {current}: {len(files)} files in {BUILT}, notes in {NOTES}")
    for file in files:
        names = contents(file)
        print(f"\n{file.name}: {file.stat().st_size:,} bytes, {len(names)} files")
        folders: dict[str, int] = {}
        for name in names:
            folder = "/".join(name.split("/")[:-1][:3]) or "."
            folders[folder] = folders.get(folder, 0) + 1
        for folder, count in sorted(folders.items()):
            print(f"  {count:5} {folder}")
    print(f"\nNothing was published. To release: git tag v{current} && git push --follow-tags")


def main(arguments: list[str]) -> int:
    """The exit code of a command."""
    try:
        match arguments:
            case ["check"]:
                print(json.dumps({"version": version()}))
            case ["cut", wanted]:
                cut(wanted)
                print(f"The version is {version()}. Read CHANGELOG.md, then commit.")
            case ["dry-run", *tag] if len(tag) <= 1:
                dry_run(tag[0] if tag else "")
            case _:
                print(__doc__, file=sys.stderr)
                return 2
    except CannotRelease as error:
        print(error, file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
