"""The log is for operators; no trouble of its own may reach a checkout."""

from __future__ import annotations

import io

from orderguard.observability import LineWriter


def test_warnings_are_written_at_once_after_what_came_before() -> None:
    stream = io.BytesIO()
    writer = LineWriter(stream)

    writer.info("first")
    writer.warning("second")

    assert b"first\nsecond\n" == stream.getvalue()


def test_a_log_that_cannot_be_written_fails_nobody() -> None:
    stream = io.BytesIO()
    writer = LineWriter(stream)
    stream.close()

    writer.error("nobody will read this")
    writer.info("nor this")
    writer.flush()
