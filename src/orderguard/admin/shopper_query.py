"""The shopper of a price preview, shared by the console and the admin API."""

from __future__ import annotations

from collections.abc import Sequence

from orderguard.domain.errors import InvalidDocument, Malformed, Problem
from orderguard.domain.locale import parse_locale
from orderguard.domain.region import Region
from orderguard.domain.what_if.price_preview import Shopper

GROUPS_AT_MOST = 20

GROUP_LIMIT = 1_000
"""Characters, as in a request: a preview evaluates rules over the text hundreds of times."""


def shopper_from_query(region: str, groups: Sequence[str], locale: str, arm: str) -> Shopper:
    """Parse the shopper of a price preview; by default in the US, in no group and no experiment.

    Raises `InvalidDocument`.
    """
    problems: list[Problem] = []
    found = Region("US")
    language = None
    try:
        found = Region.parse(region) if region else found
    except Malformed as error:
        problems.append(Problem("region", str(error)))
    try:
        language = parse_locale(locale) if locale else None
    except Malformed as error:
        problems.append(Problem("locale", str(error)))
    if len(groups) > GROUPS_AT_MOST:
        problems.append(Problem("group", f"expected at most {GROUPS_AT_MOST} groups."))
    if any(len(group) > GROUP_LIMIT for group in groups):
        problems.append(Problem("group", f"expected at most {GROUP_LIMIT} characters."))
    if problems:
        raise InvalidDocument(problems)
    return Shopper(found, tuple(groups), language, arm or None)
