"""The accounting of a restart under load."""

from __future__ import annotations

import pytest
from bench.restart import Noticed


def test_the_longest_gap_is_between_two_answers_whoever_got_them() -> None:
    noticed = Noticed(answered_at=[10.0, 10.9, 10.1, 10.2])

    assert 700 == pytest.approx(noticed.longest_gap_ms())


def test_without_two_answers_there_is_no_gap() -> None:
    assert 0 == Noticed(answered_at=[10.0]).longest_gap_ms()
