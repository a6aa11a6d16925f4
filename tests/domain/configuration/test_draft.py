"""What a draft may be called."""

from __future__ import annotations

import pytest

from orderguard.domain.configuration.draft import DRAFT_NAME_LIMIT, parse_draft_name
from orderguard.domain.errors import Malformed


def test_a_name_is_kept_without_the_space_around_it() -> None:
    assert "Lower prices in €" == parse_draft_name("  Lower prices in € ")


@pytest.mark.parametrize("text", ["", "   ", "x" * (DRAFT_NAME_LIMIT + 1), "a\nb", "a\x00b"])
def test_what_cannot_be_shown_in_one_line_is_no_name(text: str) -> None:
    with pytest.raises(Malformed, match="is not a name"):
        parse_draft_name(text)
