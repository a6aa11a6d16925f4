"""Writes connectors/woocommerce/languages: the template of all texts, and what shoppers read.

    .venv/bin/python tools/translate_woocommerce.py

The words for shoppers are those of the storefront element (widget/src/copy), so each is translated
once. What only connectors say, because the element places no orders, is in connectors/words.json.
WordPress reads `.l10n.php` files by itself since 6.5.
"""

import json
import re
from pathlib import Path

ROOT = Path(__file__).parents[1]
PLUGIN = ROOT / "connectors/woocommerce"
COPY = ROOT / "widget/src/copy"
OWN = ROOT / "connectors/words.json"
SLUG = "orderguard-for-woocommerce"

LOCALES = {
    "ar": ["ar"],
    "cs": ["cs_CZ"],
    "da": ["da_DK"],
    "de": ["de_DE", "de_DE_formal", "de_AT", "de_CH"],
    "es": ["es_ES", "es_MX"],
    "fi": ["fi"],
    "fr": ["fr_FR", "fr_BE", "fr_CA"],
    "he": ["he_IL"],
    "it": ["it_IT"],
    "ja": ["ja"],
    "nb": ["nb_NO"],
    "nl": ["nl_NL", "nl_BE"],
    "pl": ["pl_PL"],
    "pt": ["pt_PT", "pt_BR"],
    "sv": ["sv_SE"],
}
"""The storefront's languages, and what WordPress calls them."""

_TEXT = re.compile(r"\b(?:__|esc_html__)\('((?:[^'\\]|\\.)*)', '" + SLUG + r"'\)")
_WORD = re.compile(r"^  (\w+): '((?:[^'\\]|\\.)*)',$", re.MULTILINE)


def files() -> dict[Path, str]:
    """Every generated file with its text."""
    folder = PLUGIN / "languages"
    made = {folder / f"{SLUG}.pot": _template()}
    english = words("en")
    for language, locales in LOCALES.items():
        messages = {english[name]: text for name, text in words(language).items()}
        for locale in locales:
            made[folder / f"{SLUG}-{locale}.l10n.php"] = _catalogue(locale, messages)
    return made


def words(language: str) -> dict[str, str]:
    """What the storefront element and the connectors say to shoppers, by name."""
    text = (COPY / f"{language}.ts").read_text(encoding="utf-8")
    found = {name: value.replace("\\'", "'") for name, value in _WORD.findall(text)}
    found.pop("language")
    own: dict[str, dict[str, str]] = json.loads(OWN.read_text(encoding="utf-8"))
    return found | {name: translated[language] for name, translated in own.items()}


def _template() -> str:
    found: dict[str, list[str]] = {}
    for file in sorted([PLUGIN / f"{SLUG}.php", *(PLUGIN / "src").glob("*.php")]):
        for number, line in enumerate(file.read_text(encoding="utf-8").splitlines(), 1):
            for text in _TEXT.findall(line):
                place = f"{file.relative_to(PLUGIN).as_posix()}:{number}"
                found.setdefault(text.replace("\\'", "'"), []).append(place)
    head = (
        f'msgid ""\nmsgstr ""\n"Project-Id-Version: Orderguard for WooCommerce\\n"\n'
        f'"MIME-Version: 1.0\\n"\n"Content-Type: text/plain; charset=UTF-8\\n"\n'
        f'"Content-Transfer-Encoding: 8bit\\n"\n"X-Domain: {SLUG}\\n"\n'
    )
    entries = [
        "".join(f"#: {place}\n" for place in places)
        + ("#, php-format\n" if re.search(r"%(\d\$)?s", text) else "")
        + f'msgid "{_quoted(text)}"\nmsgstr ""\n'
        for text, places in found.items()
    ]
    return head + "\n" + "\n".join(entries)


def _catalogue(locale: str, messages: dict[str, str]) -> str:
    rows = "".join(
        f"        '{_escaped(text)}' => '{_escaped(translated)}',\n"
        for text, translated in messages.items()
    )
    return (
        "<?php\n\n// From the storefront's words by tools/translate_woocommerce.py; do not edit.\n"
        f"return [\n    'domain' => '{SLUG}',\n    'language' => '{locale}',\n"
        f"    'messages' => [\n{rows}    ],\n];\n"
    )


def _quoted(text: str) -> str:
    return text.replace("\\", "\\\\").replace('"', '\\"')


def _escaped(text: str) -> str:
    return text.replace("\\", "\\\\").replace("'", "\\'")


if __name__ == "__main__":
    for file, text in files().items():
        file.parent.mkdir(exist_ok=True)
        file.write_text(text, encoding="utf-8")
