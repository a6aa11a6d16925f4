"""Check the shape of a TOML text before parsing, which can cost more than linear time.

Python's parser takes time and memory by the square of the parts of a dotted key: 60 kB of `a.a.a…`
are 25 seconds and 3.4 GB. This scan is linear in the text, and refuses shapes that no configuration
needs.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

KEY_PARTS_AT_MOST = 8
"""Parts of one dotted key or heading. `pricing.shippingProtection.tiers.USD` has 4, the most."""

NESTING_AT_MOST = 16
"""Lists and inline tables within each other. A configuration in one line of JSON has 7."""

# Linear time: possessive quantifiers (`++`, `*+`) rule out backtracking, and an unclosed string
# ends with the text or the line, so that every character is read once.
_TOKEN = re.compile(
    r"""
      (?P<text>
        \"{3} (?: [^"\\]++ | \\. | "{1,2}(?!") )*+ (?: "{3,5} )?
      | '{3} (?: [^']++ | '{1,2}(?!') )*+ (?: '{3,5} )?
      | " (?: [^"\\\n]++ | \\[^\n] )*+ "?
      | ' [^'\n]*+ '?
      | [#] [^\n]*+
      )
    | (?P<open> [\[{] )
    | (?P<close> [\]}] )
    | (?P<dot> [.] )
    | (?P<between> [=,] )
    | (?P<line> \n )
    """,
    re.DOTALL | re.VERBOSE,
)


@dataclass(frozen=True, slots=True)
class Objection:
    """The error in a text that cannot be parsed: its line, from 1, and a sentence."""

    line: int
    message: str


def objection_to(source: str) -> Objection | None:
    """The reason to refuse a text before parsing; None when parsing it takes linear time.

    An invalid text may pass: the TOML parser detects its errors.
    """
    line, dots, depth = 1, 0, 0
    for token in _TOKEN.finditer(source):
        kind = token.lastgroup
        if kind == "dot":
            dots += 1
            if dots >= KEY_PARTS_AT_MOST:
                return _too_many_parts(line)
            continue
        if kind == "text":
            line += token[0].count("\n")
            continue
        dots = 0
        if kind == "line":
            line += 1
        elif kind == "open":
            depth += 1
            if depth > NESTING_AT_MOST:
                return _too_deep(line)
        elif kind == "close":
            depth = max(0, depth - 1)
    return None


def _too_many_parts(line: int) -> Objection:
    return Objection(
        line,
        f"Line {line} has a key of more than {KEY_PARTS_AT_MOST} parts joined by dots. No setting "
        "is that deep; the deepest heading is [[pricing.shippingProtection.tiers.USD]].",
    )


def _too_deep(line: int) -> Objection:
    return Objection(
        line,
        f"Line {line} opens more than {NESTING_AT_MOST} brackets within each other. No setting is "
        "that deep; close the brackets, or take the outer ones away.",
    )
