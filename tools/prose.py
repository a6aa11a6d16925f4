"""Measure how many docstrings, comments and paragraphs use a pronoun without a noun to point at.

    python tools/prose.py                 # the whole repository, against its limit
    python tools/prose.py --list src/...  # every place in these files

"Whoever stands in front of us is not believed": who is meant? A reader of one docstring has
nothing but that docstring. The subject of a sentence is a noun. Reads docstrings and comments of
Python, comments of TypeScript, JavaScript and PHP, and paragraphs of Markdown.
"""

from __future__ import annotations

import argparse
import ast
import io
import re
import sys
import tokenize
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).parents[1]
MEASURED = ("src/orderguard", "widget/src", "connectors", "recipes", "docs")

PERMILLE_AT_MOST = 15
"""Of all texts: as many as in the best libraries of our ecosystem."""

VAGUE = re.compile(
    r"\b("
    r"who(?:m|so)?ever|whatever|somebody|someone else|nobody|anybody"
    r"|those (?:who|that|of)|ones? that"
    r"|what (?:is|was|came|follows|had|has|it|they|we|somebody)"
    r"|anew|of late|stands? in the way|told apart|says? of|is (?:well|right) yet"
    r")\b",
    re.IGNORECASE,
)
SUFFIXES = {".py", ".ts", ".mts", ".js", ".mjs", ".php", ".md"}
NOT_OURS = {"node_modules", ".venv", "dist", "static", "vendor"}

_CODE_BLOCK = re.compile(r"```.*?```", re.DOTALL)
_PARAGRAPH = re.compile(r"[^\n]+(?:\n[^\n]+)*")
_SLASHED = re.compile(r"/\*.*?\*/|(?<![:\"'])//[^\n]*", re.DOTALL)

Text = tuple[int, str]
"""The line where it begins, and the words."""


def texts_in(file: Path) -> Iterator[Text]:
    """What a person reads in a file."""
    source = file.read_text(encoding="utf-8")
    if file.suffix == ".py":
        yield from _docstrings(source)
        yield from _comments(source)
    elif file.suffix == ".md":
        prose = _CODE_BLOCK.sub(lambda found: "\n" * found[0].count("\n"), source)
        yield from _matches(_PARAGRAPH, prose)
    else:
        yield from _matches(_SLASHED, source)


def _docstrings(source: str) -> Iterator[Text]:
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Module | ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef):
            text = ast.get_docstring(node)
            if text:
                yield node.body[0].lineno, text


def _comments(source: str) -> Iterator[Text]:
    for token in tokenize.generate_tokens(io.StringIO(source).readline):
        is_comment = token.type == tokenize.COMMENT
        if is_comment and not token.string.startswith(("# noqa", "# type")):
            yield token.start[0], token.string.lstrip("# ")


def _matches(pattern: re.Pattern[str], source: str) -> Iterator[Text]:
    for found in pattern.finditer(source):
        yield source.count("\n", 0, found.start()) + 1, found[0]


def files_in(path: Path) -> list[Path]:
    """The files of a folder that have prose, without those that others wrote."""
    if not path.is_dir():
        return [path] if path.exists() else []
    found = (each for each in path.rglob("*") if each.suffix in SUFFIXES)
    return sorted(each for each in found if not NOT_OURS & set(each.relative_to(path).parts))


def main(arguments: list[str]) -> int:
    """The exit code: 1 when more texts are vague than the limit allows."""
    parser = argparse.ArgumentParser(description="Measure vague pronouns.")
    parser.add_argument("paths", nargs="*", type=Path)
    parser.add_argument("--list", action="store_true", help="print every place")
    wanted = parser.parse_args(arguments)
    files = [
        file
        for path in wanted.paths or [ROOT / each for each in MEASURED]
        for file in files_in(path)
    ]
    texts = [(file, line, text) for file in files for line, text in texts_in(file)]
    vague = [each for each in texts if VAGUE.search(each[2])]
    if wanted.list:
        for file, line, text in vague:
            print(f"{file}:{line}: {' '.join(text.split())[:160]}")
    permille = -(-1000 * len(vague) // max(1, len(texts)))
    fails = not wanted.paths and permille > PERMILLE_AT_MOST
    if fails:
        for file, count in Counter(file for file, _, _ in vague).most_common(15):
            print(f"{count:4} {file.relative_to(ROOT)}")
    print(
        f"{len(vague)} of {len(texts)} texts have a pronoun without a noun: {permille} in 1,000; "
        f"at most {PERMILLE_AT_MOST}. Places: python tools/prose.py --list PATH"
    )
    return 1 if fails else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
