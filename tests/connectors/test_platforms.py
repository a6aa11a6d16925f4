"""The page of platforms is that of the records."""

from __future__ import annotations

from tools import platforms_table


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
