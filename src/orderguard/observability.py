"""Logging: events with fields, as JSON lines on standard error (or for people, in colour)."""

from __future__ import annotations

import atexit
import logging
import re
import sys
import threading
import time
from collections import deque
from contextlib import suppress
from datetime import UTC, datetime
from functools import cache
from typing import Any, BinaryIO

import msgspec
import structlog


def _plain(value: object) -> str:
    """Session ids are texts of a type of their own, and belong in the log as they are."""
    return str(value) if isinstance(value, str) else repr(value)


log = structlog.get_logger()

FLUSH_EVERY_SECONDS = 0.1

LIBRARY_LINES_PER_MINUTE = 5
LIBRARY_KINDS_AT_MOST = 1_000

_encode = msgspec.json.Encoder(enc_hook=_plain).encode

# Also the beginning of a key, because messages cut long values short.
_KEY = re.compile(r"(?<![0-9A-Za-z])og_(?:test_)?[0-9A-Za-z]{6,}")


def without_keys(text: str) -> str:
    """Replace every API key in the text with `[API key]`."""
    return _KEY.sub("[API key]", text) if "og_" in text else text


def has_key(text: str) -> bool:
    """Whether something in the text looks like an API key."""
    return "og_" in text and _KEY.search(text) is not None


def configure_logging(*, log_format: str) -> None:
    """Set up structlog for this process; `log_format` is `json` or `console`."""
    structlog.configure(
        processors=_for_people() if log_format == "console" else _for_machines(),
        logger_factory=(
            structlog.PrintLoggerFactory(sys.stderr)
            if log_format == "console"
            else _log_to_standard_error
        ),
        cache_logger_on_first_use=True,
    )
    _take_over_from_libraries()


def _take_over_from_libraries() -> None:
    """Log warnings of libraries, and exceptions that end a thread, in the same format.

    uvicorn and asyncio use the standard library's logging, which by default writes plain text to
    standard error.
    """
    logging.captureWarnings(capture=True)
    root = logging.getLogger()
    for handler in [each for each in root.handlers if isinstance(each, _LibraryHandler)]:
        root.removeHandler(handler)
    root.addHandler(_LibraryHandler(logging.WARNING))
    threading.excepthook = _log_end_of_thread


class _LibraryHandler(logging.Handler):
    """Logs a library's warnings as events of ours, each kind a few times a minute."""

    def __init__(self, level: int) -> None:
        super().__init__(level)
        self._written: dict[tuple[str, str], list[float]] = {}

    def emit(self, record: logging.LogRecord) -> None:
        if not self._may_write((record.name, str(record.msg)[:100])):
            return
        with suppress(Exception):  # a message may not fit its arguments
            text = record.getMessage()
            fields: dict[str, Any] = {"library": record.name, "message": text}
            if record.exc_info and record.exc_info[0]:
                fields["exc_info"] = record.exc_info
            if record.levelno >= logging.ERROR:
                log.error("library.logged", **fields)
            else:
                log.warning("library.logged", **fields)

    def _may_write(self, kind: tuple[str, str]) -> bool:
        """Rate limit of lines per kind: clients can provoke some of these warnings at will."""
        now = time.monotonic()
        if len(self._written) > LIBRARY_KINDS_AT_MOST:
            self._written.clear()
        times = [each for each in self._written.get(kind, ()) if each > now - 60]
        self._written[kind] = times
        if len(times) >= LIBRARY_LINES_PER_MINUTE:
            return False
        times.append(now)
        return True


def _log_end_of_thread(ended: threading.ExceptHookArgs) -> None:
    if ended.exc_type is SystemExit:
        return
    name = ended.thread.name if ended.thread else ""
    log.error("thread.died", thread=name, exc_info=ended.exc_value)


class LineWriter:
    """Writes log lines in bundles, because one system call per line costs as much as a decision.

    A bundle waits no longer than `FLUSH_EVERY_SECONDS`; a warning, and the end of the process,
    send it off at once.
    """

    def __init__(self, stream: BinaryIO) -> None:
        self._stream = stream
        self._lines: deque[str] = deque()
        self._lock = threading.Lock()
        self._pending = threading.Event()
        atexit.register(self.flush)
        threading.Thread(target=self._flush_regularly, name="log", daemon=True).start()

    def info(self, line: str) -> None:
        self._lines.append(line)
        if not self._pending.is_set():  # which costs less than setting it again
            self._pending.set()

    debug = info

    def warning(self, line: str) -> None:
        self._lines.append(line)
        self.flush()

    error = critical = exception = failure = warn = warning

    def flush(self) -> None:
        with self._lock:
            # One by one, because others go on writing meanwhile.
            bundle = "".join([f"{self._lines.popleft()}\n" for _ in range(len(self._lines))])
            if bundle:
                # A full disk or a closed pipe behind the log must not become a failed request.
                with suppress(OSError, ValueError):
                    self._stream.write(bundle.encode())
                    self._stream.flush()

    def _flush_regularly(self) -> None:
        while True:
            self._pending.wait()
            self._pending.clear()
            time.sleep(FLUSH_EVERY_SECONDS)
            self.flush()


@cache
def _standard_error() -> LineWriter:
    return LineWriter(sys.stderr.buffer)


def _log_to_standard_error(*_names: object) -> LineWriter:
    return _standard_error()


def _for_machines() -> list[Any]:
    return [_json_line]


def _for_people() -> list[Any]:
    return [
        structlog.processors.add_log_level,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
        # The prettier traceback prints local variables, and with them carts and keys.
        structlog.dev.ConsoleRenderer(exception_formatter=structlog.dev.plain_traceback),
        _mask_keys,
    ]


def _mask_keys(_logger: Any, _method: str, line: Any) -> str:
    """The last step, so that it sees tracebacks and values from callers, too."""
    return without_keys(line)


def log_info(event: str, **fields: Any) -> None:
    """Log an event at level info, as `log.info` does, but past structlog's steps.

    The steps cost more than the line, and each checkout writes one.
    """
    configured = structlog.get_config()
    is_usual = configured["logger_factory"] is _log_to_standard_error
    if is_usual and configured["processors"] == [_json_line]:
        fields["event"] = event
        _standard_error().info(_json_line(None, "info", fields))
    else:
        log.info(event, **fields)


def _json_line(logger: Any, method: str, event: dict[str, Any]) -> str:
    """All steps in one, because a line is written for every checkout."""
    event["level"] = "error" if method == "exception" else method
    event["timestamp"] = f"{datetime.now(UTC).isoformat()[:-6]}Z"
    if "exc_info" in event:
        event = dict(structlog.processors.format_exc_info(logger, method, event))
    return without_keys(_encode(event).decode())
