"""Who is said to have done it."""

from __future__ import annotations

from orderguard.domain.people.audit import ACTOR_LIMIT, person_at_command_line


def test_a_person_at_the_command_line_is_told_from_an_account() -> None:
    assert "cli:alice" == person_at_command_line("alice")


def test_a_long_name_is_cut_to_what_the_trail_holds() -> None:
    assert ACTOR_LIMIT == len(person_at_command_line("a" * 200))
