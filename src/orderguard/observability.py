"""Logging: events with fields, as JSON lines on standard error (or for people, in colour)."""

from __future__ import annotations

import sys
from typing import Any

import msgspec
import structlog

_encode = msgspec.json.Encoder(enc_hook=repr).encode


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
        ],
        logger_factory=structlog.PrintLoggerFactory(sys.stderr),
        cache_logger_on_first_use=True,
    )


def _for_people() -> Any:
    # The prettier traceback prints local variables, and with them carts and keys.
    return structlog.dev.ConsoleRenderer(exception_formatter=structlog.dev.plain_traceback)


def _json_line(_logger: Any, _method: str, event: dict[str, Any]) -> str:
    return _encode(event).decode()
