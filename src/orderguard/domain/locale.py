"""The shopper's language, as a BCP 47 tag (contract §2 and §4)."""

from __future__ import annotations

import re

from orderguard.domain.errors import Malformed
from orderguard.domain.money import shortened

_TAG = re.compile(r"[A-Za-z]{2,8}(-[A-Za-z0-9]{1,8})*")


def parse_locale(text: str) -> str:
    """The tag with hyphens, lower-cased so that it compares; `en_US` is read as `en-us`.

    Raises `Malformed` for text that is not shaped like a BCP 47 tag.
    """
    tag = text.replace("_", "-")
    if len(tag) > 64 or not _TAG.fullmatch(tag):
        raise Malformed(f"{shortened(text)} is not a BCP 47 language tag such as en-GB.")
    return tag.lower()


def locale_matches(supported: str, locale: str) -> bool:
    """Whether a supported language range covers a locale: `en` covers `en-gb`, not the reverse."""
    return locale == supported or locale.startswith(f"{supported}-")
