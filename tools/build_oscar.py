"""Builds the wheel and the source package of the connector for django-oscar.

    .venv/bin/python -m tools.build_oscar [FOLDER]

Both contain the client for shops in Python, as `orderguard_oscar.core`: the modules that the
connector needs and those that they need, with their imports rewritten; and the translations of the
storefront element (widget/src/copy) as catalogues of gettext. The same files always give the same
bytes.
"""

import shutil
import struct
import sys
import tempfile
from pathlib import Path

from tools.commands import run
from tools.python_core import copy_core, imports_of, modules_needed
from tools.translate_woocommerce import LOCALES, words

ROOT = Path(__file__).parents[1]
CONNECTOR = ROOT / "connectors/oscar"
PACKAGE = "orderguard_oscar"
CORE = f"{PACKAGE}.core"
TARGET = ROOT / "dist"
LONG_AGO = "315532800"  # 1980, the earliest time that a wheel can say


def core_modules() -> dict[str, Path]:
    """The modules of `orderguard` that the connector needs, and their files."""
    named = sorted(
        name.removeprefix(f"{CORE}.")
        for file in (CONNECTOR / PACKAGE).rglob("*.py")
        for name in imports_of(file)
        if name.startswith(f"{CORE}.")
    )
    return modules_needed(f"orderguard.{name}" for name in named)


def assemble(folder: Path) -> None:
    """The connector's tree as it is packed: with the core, and the licence."""
    shutil.copytree(
        CONNECTOR, folder, ignore=shutil.ignore_patterns("__pycache__", "*.pyc", "dist", "core")
    )
    shutil.copyfile(ROOT / "LICENSE", folder / "LICENSE")
    told = "The client for shops in Python, as Orderguard ships it."
    copy_core(core_modules(), folder / PACKAGE / "core", CORE, told)

    english = words("en")
    for language in LOCALES:
        messages = {english[name]: text for name, text in words(language).items()}
        place = folder / PACKAGE / "locale" / language / "LC_MESSAGES/django.mo"
        place.parent.mkdir(parents=True)
        place.write_bytes(_catalogue(messages))


def _catalogue(messages: dict[str, str]) -> bytes:
    """A catalogue of gettext: two tables of lengths and places, then the texts."""
    texts = {"": "Content-Type: text/plain; charset=UTF-8\n", **messages}
    keys = sorted(texts)
    tables, content = [], b""
    start = 28 + 16 * len(keys)
    for column in (keys, [texts[key] for key in keys]):
        for text in column:
            encoded = text.encode()
            tables.append(struct.pack("<2I", len(encoded), start + len(content)))
            content += encoded + b"\0"
    head = struct.pack("<7I", 0x950412DE, 0, len(keys), 28, 28 + 8 * len(keys), 0, start)
    return head + b"".join(tables) + content


def build(target: Path = TARGET) -> Path:
    """Write wheel and source package, and return where the wheel is."""
    target = target.resolve()
    target.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as scratch:
        folder = Path(scratch) / "connector"
        assemble(folder)
        run(
            *(sys.executable, "-m", "hatchling", "build", "--directory", target),
            folder=folder,
            environment={"SOURCE_DATE_EPOCH": LONG_AGO},
        )
    (wheel,) = target.glob("django_oscar_orderguard-*.whl")
    return wheel


if __name__ == "__main__":
    print(build(Path(sys.argv[1]) if len(sys.argv) > 1 else TARGET))
