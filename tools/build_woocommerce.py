"""Builds orderguard-for-woocommerce.zip: the same files always give the same bytes.

    .venv/bin/python tools/build_woocommerce.py [TARGET]

The zip has one folder, named like the plugin, with the plugin's own files and the PHP core that
connectors share.
"""

import sys
import zipfile
from pathlib import Path

ROOT = Path(__file__).parents[1]
PLUGIN = ROOT / "connectors/woocommerce"
CORE = ROOT / "connectors/php/src"
SLUG = "orderguard-for-woocommerce"
TARGET = ROOT / f"dist/{SLUG}.zip"

FILES = (f"{SLUG}.php", "uninstall.php", "readme.txt", "NOTICE", "LICENSE-GPL-2.0.txt")
FOLDERS = ("src", "assets", "blocks", "languages")
LONG_AGO = (1980, 1, 1, 0, 0, 0)  # the earliest time that a zip can say


def contents() -> dict[str, Path]:
    """Which file becomes which entry of the zip."""
    entries = {name: PLUGIN / name for name in FILES}
    entries["LICENSE-APACHE-2.0.txt"] = ROOT / "LICENSE"
    for folder in FOLDERS:
        for file in (PLUGIN / folder).rglob("*"):
            if file.is_file():
                entries[file.relative_to(PLUGIN).as_posix()] = file
    entries |= {f"core/{file.name}": file for file in CORE.glob("*.php")}
    return dict(sorted(entries.items()))


def build(target: Path = TARGET) -> Path:
    """Write the zip and return where it is."""
    target.parent.mkdir(parents=True, exist_ok=True)
    with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED, compresslevel=9) as zipped:
        for name, file in contents().items():
            entry = zipfile.ZipInfo(f"{SLUG}/{name}", LONG_AGO)
            entry.compress_type = zipfile.ZIP_DEFLATED
            entry.create_system = 3
            entry.external_attr = 0o100644 << 16
            zipped.writestr(entry, file.read_bytes())
    return target


if __name__ == "__main__":
    print(build(Path(sys.argv[1]) if len(sys.argv) > 1 else TARGET))
