"""The page of platforms is that of the records."""

from __future__ import annotations

from importlib import import_module

import pytest
from tools import platforms_table

from tests.connectors.driver import Driver
from tests.connectors.seen import row_tests

ROWS = [f"{number:02}" for number in range(1, len(platforms_table.ROWS) + 1)]


def test_each_row_has_one_test_for_all_platforms() -> None:
    assert ROWS == sorted(name[5:7] for name in row_tests() if name[5:7].isdigit())


@pytest.mark.parametrize("platform", platforms_table.NAMES)
def test_what_a_driver_lacks_is_a_case_and_no_whole_row(platform: str) -> None:
    driver: type[Driver] = import_module(f"tests.connectors.{platform}.driver").DRIVER
    cases = [name for names in row_tests().values() for name in names]

    assert platform == driver.platform
    assert len(set(cases)) == len(cases)
    assert set(driver.lacks) <= set(cases), set(driver.lacks) - set(cases)
    whole = [
        test for test, names in row_tests().items() if names and set(names) <= set(driver.lacks)
    ]
    assert [] == whole


@pytest.mark.parametrize("platform", platforms_table.NAMES)
def test_every_platform_collects_the_test_of_every_row_once(platform: str) -> None:
    folder = platforms_table.SEEN / platform
    modules = [
        import_module(f"tests.connectors.{platform}.{file.stem}")
        for file in folder.glob("test_*.py")
    ]
    collected = [name for module in modules for name in vars(module) if name in row_tests()]

    assert sorted(row_tests()) == sorted(collected)


def test_the_page_is_generated_from_the_records() -> None:
    page = platforms_table.page(platforms_table.records(), platforms_table.times())

    assert page == platforms_table.TARGET.read_text()


def test_every_platform_was_seen_to_hold_every_row() -> None:
    for platform, runs in platforms_table.records().items():
        seen = {row for run in runs for row in run["rows"]}
        assert {str(number) for number in range(1, 26)} == seen, platform


def test_no_page_was_seen_to_take_a_second_longer_because_of_us() -> None:
    for platform, record in platforms_table.times().items():
        for page, ms in record["pages"].items():
            assert max(ms.values()) - ms["without"] < 1000, (platform, page)
