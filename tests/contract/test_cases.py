"""The contract's cases against the real server (contract/README.md)."""

from __future__ import annotations

from collections import defaultdict
from typing import Any

import pytest

from orderguard.domain.eligibility_reason import EligibilityReason
from tests.contract.runner import Case, CaseFailed, CaseMalformed, Run, all_cases
from tests.support.shop import RunningServer, Shop

CASES = all_cases()


@pytest.mark.parametrize("case", CASES, ids=str)
def test_contract(case: Case, running_server: RunningServer) -> None:
    shop = Shop(running_server)
    if case.configuration is not None:
        shop.publish(case.configuration)

    key = shop.issue_key(*case.scopes).text
    Run(case, running_server.shared_client, key).all_steps()


def test_every_documented_reason_is_produced_by_three_cases_at_least() -> None:
    cases: dict[str, set[str]] = defaultdict(set)
    for case in CASES:
        for step in case.steps:
            cases[_expected_reason(step)].add(str(case))

    documented = set(EligibilityReason) - {EligibilityReason.SYSTEM_ERROR}
    assert set() == {str(reason) for reason in documented if len(cases[reason]) < 3}


def test_names_of_cases_are_unique_in_their_file() -> None:
    assert len(CASES) == len({str(case) for case in CASES})


def _expected_reason(step: dict[str, Any]) -> str:
    body = step["expect"].get("body")
    reason = body.get("reason", "") if isinstance(body, dict) else ""
    return reason if isinstance(reason, str) else ""


def _compare(expected: Any, found: Any) -> None:
    Run(CASES[0], None, "")._compare(expected, found, "body")  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("expected", "found"),
    [
        (1, True),
        (1, "1"),
        (1, 1.0),
        (None, False),
        ([1], [1, 2]),
        ([], {}),
        ({"a": 1}, {"a": 1, "b": 2}),
        ({"a": {"$any": True}}, {}),
        ({"$subset": True, "a": {"b": 1}}, {"a": {"b": 1, "c": 2}}),
        ({"$subset": True, "$absent": ["mode"]}, {"mode": None}),
        ({"$matches": "^lop_"}, "xlop_"),
        ({"$matches": "5"}, 5),
    ],
)
def test_the_runner_notices_what_differs(expected: Any, found: Any) -> None:
    with pytest.raises(CaseFailed):
        _compare(expected, found)


@pytest.mark.parametrize(
    ("expected", "found"),
    [
        ({"a": {"$any": True}}, {"a": None}),
        ({"$subset": True, "a": 1}, {"a": 1, "b": 2}),
        ({"a": {"$capture": "x"}, "b": {"$use": "x"}}, {"a": 5, "b": 5}),
        ({"$matches": "op_"}, "lop_1"),
    ],
)
def test_the_runner_accepts_what_is_left_open(expected: Any, found: Any) -> None:
    _compare(expected, found)


def test_the_runner_refuses_instructions_it_does_not_know() -> None:
    with pytest.raises(CaseMalformed):
        _compare({"$roughly": 5}, 5)
