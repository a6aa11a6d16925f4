"""The page of platforms is that of the records."""

from __future__ import annotations

from tools import platforms_table


def test_the_page_is_generated_from_the_records() -> None:
    assert platforms_table.page(platforms_table.records()) == platforms_table.TARGET.read_text()


def test_every_record_has_every_row() -> None:
    for platform, record in platforms_table.records().items():
        missing = {str(number) for number in range(1, 26)} - set(record["rows"])
        assert set() == missing, platform
