"""The zip, as a reviewer of the plugin directory reads it. No PHP runs here."""

from __future__ import annotations

import json
import re
import zipfile
from pathlib import Path

import pytest
from tools import build_woocommerce, translate_woocommerce
from tools.build_woocommerce import PLUGIN, SLUG, build, contents

MAIN = (PLUGIN / f"{SLUG}.php").read_text()
README = (PLUGIN / "readme.txt").read_text()
SOURCES = sorted(
    [PLUGIN / f"{SLUG}.php", PLUGIN / "uninstall.php", *(PLUGIN / "src").glob("*.php")]
)


def header(name: str, text: str = MAIN) -> str:
    found = re.search(rf"^(?: \* )?{name}: *(.+)$", text, re.MULTILINE)
    assert found, name
    return found[1].strip()


def test_two_builds_are_the_same_bytes(tmp_path: Path) -> None:
    assert build(tmp_path / "1.zip").read_bytes() == build(tmp_path / "2.zip").read_bytes()


def test_the_zip_has_one_folder_and_nothing_of_ours_alone(tmp_path: Path) -> None:
    names = zipfile.ZipFile(build(tmp_path / "plugin.zip")).namelist()

    assert {SLUG} == {name.partition("/")[0] for name in names}
    unwanted = re.compile(r"/(tests?|\.|node_modules)|\.(map|md|zip|py|ts)$")
    assert [] == [name for name in names if unwanted.search(name)]
    assert f"{SLUG}/core/Money.php" in names


def test_versions_agree() -> None:
    version = header("Version")
    assert version == header("Stable tag", README)
    assert f"= {version} =" in README
    assert f"define('ORDERGUARD_VERSION', '{version}');" in MAIN
    assert version == json.loads((PLUGIN / "blocks/offer/block.json").read_text())["version"]


def test_what_is_promised_was_tried() -> None:
    recordings = [
        json.loads(file.read_text()) for file in (Path(__file__).parent / "recordings").glob("*")
    ]
    newest = max(
        recordings, key=lambda kept: [int(part) for part in kept["woocommerce"].split(".")]
    )

    assert header("WC tested up to") == ".".join(newest["woocommerce"].split(".")[:2])
    assert header("Tested up to", README) == ".".join(newest["wordpress"].split(".")[:2])


def test_the_header_is_what_the_directory_asks_for() -> None:
    assert len(header("Description")) <= 140
    assert SLUG == header("Text Domain")
    for name in ("Requires at least", "Requires PHP", "License"):
        assert header(name) == header(name, README)
    assert "woocommerce" == header("Requires Plugins")
    assert len(header("Tags", README).split(",")) <= 5
    short = README.split("\n\n")[1].strip()
    assert len(short) <= 150, short
    for section in (
        "Description",
        "External services",
        "Installation",
        "Frequently Asked Questions",
        "Changelog",
        "Upgrade Notice",
    ):
        assert f"== {section} ==" in README


@pytest.mark.parametrize("file", SOURCES, ids=lambda file: file.name)
def test_every_file_is_strict_and_guarded(file: Path) -> None:
    text = file.read_text()

    assert "declare(strict_types=1);" in text
    assert re.search(r"defined\('(ABSPATH|WP_UNINSTALL_PLUGIN)'\) \|\| exit;", text)
    assert len(text.splitlines()) <= 400


def test_hooks_are_added_in_one_place() -> None:
    adding = [
        file.name for file in SOURCES if re.search(r"\badd_(action|filter)\(", file.read_text())
    ]

    assert ["Plugin.php"] == adding


def test_every_text_is_literal_and_in_our_domain() -> None:
    calls = re.findall(
        r"\b(?:__|_e|esc_html__|esc_html_e|esc_attr__|_n|_x)\((.*)",
        "".join(file.read_text() for file in SOURCES),
    )

    assert calls
    for call in calls:
        assert re.match(r"'(?:[^'\\]|\\.)*', '" + SLUG + "'", call), call


def test_every_echo_is_escaped_where_it_stands() -> None:
    for file in SOURCES:
        for number, line in enumerate(file.read_text().splitlines(), 1):
            if re.match(r"\s*(echo|print)\b", line):
                variables = re.findall(
                    r"\$\w+", re.sub(r"(esc_\w+|wp_kses\w*)\((?:[^()]|\([^()]*\))*\)", "", line)
                )
                assert [] == variables, f"{file.name}:{number}: {line.strip()}"


def test_what_is_posted_is_unslashed_and_cleaned() -> None:
    for file in SOURCES:
        for line in file.read_text().splitlines():
            if re.search(r"\$_(POST|GET|REQUEST)\b", line) and "isset(" in line:
                assert "wp_unslash(" in line, line
                assert "sanitize_" in line, line


def test_nothing_is_loaded_from_elsewhere_and_nothing_is_eval() -> None:
    for name, file in contents().items():
        if name.endswith((".php", ".js")):
            text = file.read_text()
            assert not re.search(
                r"\b(eval|create_function|base64_decode|shell_exec|exec|system)\s*\(", text
            ), name
            assert not re.search(
                r"(enqueue_script|register_script|src=|import)\W[^\n]*https?://", text
            ), name
            assert not re.search(r"\bconsole\.(log|info|warn|error)\(", text), name


def test_names_of_ours_have_a_prefix() -> None:
    text = "".join(file.read_text() for file in SOURCES)
    for function in re.findall(r"^function (\w+)", text, re.MULTILINE):
        assert function.startswith("orderguard_")
    for constant in re.findall(r"define\('(\w+)'", text):
        assert constant.startswith("ORDERGUARD_")
    for name in re.findall(r"(?:set_transient|update_option|get_transient)\('(\w+)'", text):
        assert "orderguard" in name
    for filtered in re.findall(r"apply_filters\('(\w+)'", text):
        assert filtered.startswith("orderguard_")


def test_translations_are_generated_from_the_storefronts_words() -> None:
    for file, text in translate_woocommerce.files().items():
        assert text == file.read_text(), f"run tools/translate_woocommerce.py: {file.name} is old"
    assert build_woocommerce.PLUGIN / f"languages/{SLUG}.pot" in translate_woocommerce.files()


def test_shoppers_read_every_word_in_their_language() -> None:
    source = (PLUGIN / "src/Words.php").read_text()
    said = set(re.findall(r"\b__\('((?:[^'\\]|\\.)*)'", source))

    assert len(said) > 10
    for file in (PLUGIN / "languages").glob("*.l10n.php"):
        translated = set(re.findall(r"^        '((?:[^'\\]|\\.)*)' => ", file.read_text(), re.M))
        assert set() == said - translated, file.name
