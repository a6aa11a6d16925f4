"""The shopper's language, as a BCP 47 tag (contract §2 and §4)."""

from __future__ import annotations

import re
from functools import lru_cache

from orderguard.domain.errors import Malformed
from orderguard.domain.money import shortened

_TAG = re.compile(r"[A-Za-z]{2,8}(-[A-Za-z0-9]{1,8})*")


@lru_cache(maxsize=1_024)
def parse_locale(text: str) -> str:
    """Normalize a language tag to hyphens and the usual case: `EN_us` becomes `en-US`.

    A merchant's rule may thus be `locale == "de-DE"`, however the platform writes its tags.

    Raises `Malformed` for text that is not shaped like a BCP 47 tag.
    """
    tag = text.replace("_", "-")
    if len(tag) > 64 or not _TAG.fullmatch(tag):
        raise Malformed(f"{shortened(text)} is not a BCP 47 language tag such as en-GB.")
    language, *subtags = tag.split("-")
    return "-".join([language.lower(), *[_usual_case(subtag) for subtag in subtags]])


def _usual_case(subtag: str) -> str:
    """As BCP 47 §2.1.1 recommends: regions in capitals, scripts with one, the rest without."""
    if len(subtag) == 2:
        return subtag.upper()
    return subtag.title() if len(subtag) == 4 else subtag.lower()


def locale_matches(supported: str, locale: str) -> bool:
    """Whether a supported language range covers a locale: `en` covers `en-GB`, not the reverse."""
    return locale == supported or locale.startswith(f"{supported}-")
