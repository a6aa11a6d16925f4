"""Logging: events with fields, as JSON lines on standard error (or for people, in colour)."""

from __future__ import annotations

import re
import sys
from typing import Any

import msgspec
import structlog


def _plain(value: object) -> str:
    """Session ids are texts of a type of their own, and belong in the log as they are."""
    return str(value) if isinstance(value, str) else repr(value)


_encode = msgspec.json.Encoder(enc_hook=_plain).encode

# Also the beginning of a key, because messages cut long values short.
_KEY = re.compile(r"(?<![0-9A-Za-z])og_[0-9A-Za-z]{6,}")


def without_keys(text: str) -> str:
    """The text with every API key in it made unreadable, wherever somebody may have pasted it."""
    return _KEY.sub("[API key]", text) if "og_" in text else text


def configure_logging(*, log_format: str) -> None:
    """Set up structlog for this process; `log_format` is `json` or `console`."""
    renderer: Any = _for_people() if log_format == "console" else _json_line
    exceptions: list[Any] = (
        [] if log_format == "console" else [structlog.processors.format_exc_info]
    )
    structlog.configure(
        processors=[
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            *exceptions,
            renderer,
            _mask_keys,
        ],
        logger_factory=structlog.PrintLoggerFactory(sys.stderr),
        cache_logger_on_first_use=True,
    )


def _for_people() -> Any:
    # The prettier traceback prints local variables, and with them carts and keys.
    return structlog.dev.ConsoleRenderer(exception_formatter=structlog.dev.plain_traceback)


def _mask_keys(_logger: Any, _method: str, line: Any) -> str:
    """The last step, so that it sees tracebacks and values from callers, too."""
    return without_keys(line)


def _json_line(_logger: Any, _method: str, event: dict[str, Any]) -> str:
    return _encode(event).decode()
