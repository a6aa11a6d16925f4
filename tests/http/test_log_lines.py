"""The log is for operators; no trouble of its own may reach a checkout."""

from __future__ import annotations

import io
import json
import logging
import threading

import pytest

from orderguard import observability
from orderguard.actions.sparse_warning import SparseWarning
from orderguard.observability import LIBRARY_LINES_PER_MINUTE, LineWriter


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


def test_what_a_library_says_is_a_line_like_any_other(log_lines: io.StringIO) -> None:
    for number in range(100):
        logging.getLogger("uvicorn.error").warning("Connection %d is odd.", number)
    logging.getLogger("asyncio").info("not worth a line")
    try:
        raise ZeroDivisionError("in a library")
    except ZeroDivisionError:
        logging.getLogger("asyncio").exception("A task failed: og_%s", "a" * 40)

    lines = [json.loads(line) for line in log_lines.getvalue().splitlines()]
    assert {"library.logged"} == {each["event"] for each in lines}
    odd = [each for each in lines if each["library"] == "uvicorn.error"]
    assert 1 <= len(odd) <= LIBRARY_LINES_PER_MINUTE
    failed = lines[-1]
    assert ("error", "asyncio") == (failed["level"], failed["library"])
    assert "A task failed: [API key]" in failed["message"] or "og_aaaa" not in failed["message"]


@pytest.mark.filterwarnings("ignore::pytest.PytestUnhandledThreadExceptionWarning")
def test_a_thread_that_dies_is_a_line_like_any_other(log_lines: io.StringIO) -> None:
    def fail() -> None:
        raise ZeroDivisionError("in a thread")

    before, threading.excepthook = threading.excepthook, observability._log_end_of_thread
    try:
        thread = threading.Thread(target=fail, name="worker-7")
        thread.start()
        thread.join()
    finally:
        threading.excepthook = before

    (line,) = [json.loads(each) for each in log_lines.getvalue().splitlines()]
    assert ("thread.died", "worker-7") == (line["event"], line["thread"])


def test_what_anybody_can_cause_is_one_line_a_minute_with_a_count(log_lines: io.StringIO) -> None:
    seconds = iter([0.0, 1.0, 59.0, 60.0, 61.0])
    warning = SparseWarning("limit.reached", clock=lambda: next(seconds), limit="a")

    for _ in range(5):
        warning.note()

    lines = [json.loads(line) for line in log_lines.getvalue().splitlines()]
    assert [1, 3] == [each["count"] for each in lines]
