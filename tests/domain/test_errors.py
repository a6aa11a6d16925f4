"""What is said when something is wrong."""

from __future__ import annotations

from orderguard.domain.errors import InvalidDocument, Problem, SessionNotFound


def test_a_problem_is_told_with_its_place() -> None:
    assert "limits.USD: is missing." == str(Problem("limits.USD", "is missing."))


def test_a_problem_of_the_whole_document_has_no_place() -> None:
    assert "This is not TOML." == str(Problem("", "This is not TOML."))


def test_all_problems_of_a_document_are_told_at_once() -> None:
    problems = [Problem("modes", "is missing."), Problem("currencies", "is missing.")]

    error = InvalidDocument(problems)

    assert "modes: is missing.; currencies: is missing." == str(error)
    assert problems == error.problems


def test_a_session_that_cannot_be_found_says_so_without_saying_why() -> None:
    assert "No offer session with this id exists for this merchant." == str(SessionNotFound())
