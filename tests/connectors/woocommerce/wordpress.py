"""A real WordPress on SQLite: taken from Debian and npm once, then copied for every shop.

`python -m tests.connectors.woocommerce.wordpress` prepares it; the tests do so by themselves.
Debian's newest suite has the current WordPress. Nothing is installed, and the system's own package
lists stay as they are.
"""

from __future__ import annotations

import fcntl
import io
import os
import re
import shutil
import subprocess
import tarfile
import tempfile
import zipfile
from pathlib import Path

from tests.support.programs import find_program

ROOT = Path(__file__).parents[3]
HERE = Path(__file__).parent
PLAYGROUND = "@wp-playground/cli@3.1.56"
SUITE = "sid"
KEYRING = "/usr/share/keyrings/debian-archive-keyring.gpg"
PACKAGES = (
    "wordpress",
    "wordpress-theme-twentytwentyfive",
    # WordPress links to what these contain.
    "libphp-phpmailer",
    "php-getid3",
    "libjs-underscore",
    "libjs-lodash",
    "libjs-cropper",
    "libjs-jquery-ui",
)
NEEDS = ("php", "npm", "apt-get", "dpkg-deb")
EXTENSIONS = ("pdo_sqlite", "xml", "mbstring", "curl")


def missing() -> list[str]:
    """What this machine lacks to run WordPress, in words."""
    lacking = [tool for tool in NEEDS if not find_program(tool)]
    if "php" in lacking:
        return lacking
    modules = subprocess.run(["php", "-m"], capture_output=True, text=True, check=True)
    present = set(modules.stdout.lower().split())
    return lacking + [f"PHP extension {name}" for name in EXTENSIONS if name not in present]


def prepared() -> Path:
    """The folder of a WordPress that is complete but not installed; made once, by one process."""
    folder = ROOT / ".cache/wordpress"
    folder.parent.mkdir(exist_ok=True)
    with (folder.parent / "wordpress.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not folder.exists():
            with tempfile.TemporaryDirectory(dir=folder.parent) as scratch:
                _assemble(Path(scratch)).rename(folder)
        _configure(folder)
    return folder


def version(wordpress: Path) -> str:
    """Such as 7.1.4."""
    found = re.search(
        r"wp_version = '([^']+)'", (wordpress / "wp-includes/version.php").read_text()
    )
    assert found
    return found[1]


def _configure(wordpress: Path) -> None:
    """All shops share this file. It is replaced in one step: other shops may be reading it."""
    wanted, place = HERE / "shop/wp-config.php", wordpress / "wp-config.php"
    if not place.exists() or wanted.read_bytes() != place.read_bytes():
        fresh = place.with_suffix(".new")
        shutil.copyfile(wanted, fresh)
        fresh.rename(place)


def _assemble(scratch: Path) -> Path:
    system = scratch / "system"
    for package in _downloaded(scratch):
        _run("dpkg-deb", "-x", package, system)
    target = scratch / "wordpress"
    # The package's links point to /usr/share/…; here they point into the unpacked packages.
    shutil.copytree(system / "usr/share/wordpress", target, symlinks=True)
    for link in [path for path in target.rglob("*") if path.is_symlink()]:
        aim = str(link.readlink())
        source = system / (aim if aim.startswith("/") else _climbed(link, target, aim)).lstrip("/")
        link.unlink()
        if source.is_file():
            shutil.copyfile(source, link)
        elif source.is_dir():
            shutil.copytree(source, link, ignore_dangling_symlinks=True)
    _add_sqlite(scratch, target)
    return target


def _climbed(link: Path, target: Path, aim: str) -> str:
    """A relative link, as the absolute path that it would be on an installed system."""
    place = Path("/usr/share/wordpress") / link.relative_to(target).parent
    return os.path.normpath(place / aim)


def _downloaded(scratch: Path) -> list[Path]:
    """The packages' files, by an apt that knows only this suite."""
    lists, cache, files = (scratch / name for name in ("lists", "cache", "files"))
    for folder in (lists / "partial", cache / "archives/partial", files):
        folder.mkdir(parents=True)
    sources = scratch / "sources.list"
    sources.write_text(f"deb [signed-by={KEYRING}] {_mirror()} {SUITE} main\n")
    options = {
        "Dir::Etc::sourcelist": sources,
        "Dir::Etc::sourceparts": "-",
        "Dir::State::lists": lists,
        "Dir::Cache": cache,
        "APT::Sandbox::User": "root",
        "Acquire::Retries": 3,
    }
    apt = ["apt-get", "-qq", *(f"-o{name}={value}" for name, value in options.items())]
    _run(*apt, "update")
    _run(*apt, "download", *PACKAGES, cwd=files)
    return sorted(files.glob("*.deb"))


def _mirror() -> str:
    """Where this machine's own apt gets Debian from."""
    listed = subprocess.run(
        ["apt-get", "indextargets", "--format", "$(REPO_URI)", "Created-By: Packages"],
        capture_output=True, text=True, check=True,
    ).stdout.split()  # fmt: skip
    mirrors = [uri for uri in listed if uri.rstrip("/").endswith("/debian")]
    assert mirrors, "this machine's apt names no mirror of Debian"
    return mirrors[0]


def _add_sqlite(scratch: Path, wordpress: Path) -> None:
    _run("npm", "pack", "--silent", PLAYGROUND, cwd=scratch)
    (tarball,) = scratch.glob("*.tgz")
    with tarfile.open(tarball) as packed:
        # Read, not extracted: Python before 3.11.4 has no filter against hostile members.
        driver_zip = packed.extractfile("package/sqlite-database-integration.zip")
        assert driver_zip, "the package has no SQLite driver"
        content = driver_zip.read()
    with zipfile.ZipFile(io.BytesIO(content)) as zipped:
        zipped.extractall(scratch / "sqlite")
    (driver,) = (scratch / "sqlite").iterdir()
    content = wordpress / "wp-content"
    place = content / "plugins/sqlite-database-integration"
    shutil.move(driver, place)
    dropin = (place / "db.copy").read_text()
    # The first placeholder would be an absolute path; left alone, the driver looks beside itself.
    (content / "db.php").write_text(
        dropin.replace("{SQLITE_PLUGIN}", "sqlite-database-integration/load.php")
    )


def _run(*command: object, cwd: Path | None = None) -> None:
    done = subprocess.run(
        [str(part) for part in command], cwd=cwd, capture_output=True, text=True, check=False
    )
    assert 0 == done.returncode, f"{command}: {done.stdout}{done.stderr}"


if __name__ == "__main__":
    if lacking := missing():
        raise SystemExit(f"WordPress cannot run here. Missing: {', '.join(lacking)}")
    print(f"WordPress {version(prepared())} is in {prepared()}")
