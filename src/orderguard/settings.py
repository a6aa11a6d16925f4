"""Settings from the environment, prefix `ORDERGUARD_` (contract §11)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, fields

from orderguard.domain.errors import OrderguardError

PREFIX = "ORDERGUARD_"


class SettingsError(OrderguardError):
    """A setting is not what it must be; the message names the variable."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """How this installation runs. Every field is an environment variable of the same name."""

    database_url: str = "sqlite:///orderguard.db"
    """`sqlite:///FILE`. Relative files are relative to the working directory."""

    operations_port: int = 0
    """A port of its own for /metrics, /healthz and /readyz; 0: none, /metrics for loopback only."""

    log_format: str = "json"
    """`json`, or `console` for people."""

    rate_limit_per_minute: int = 0
    """Requests per minute for keys without a limit of their own; 0: unlimited."""

    shutdown_seconds: int = 10
    """How long requests in flight may take to finish when the server is asked to stop."""


def settings_from_environment(environment: Mapping[str, str]) -> Settings:
    """The settings. Raises `SettingsError` naming the variable that is wrong."""
    given: dict[str, str | int] = {}
    for field in fields(Settings):
        variable = PREFIX + field.name.upper()
        text = environment.get(variable, "").strip()
        if text:
            given[field.name] = _whole(variable, text) if field.type == "int" else text
    settings = Settings(**given)  # type: ignore[arg-type]  # the types are those of the fields
    _check(settings)
    return settings


def _whole(variable: str, text: str) -> int:
    if not text.isascii() or not text.isdigit() or len(text) > 9:
        raise SettingsError(f"{variable} must be a whole number, found {text!r}.")
    return int(text)


def _check(settings: Settings) -> None:
    if not settings.database_url.startswith("sqlite:///"):
        raise SettingsError(
            "ORDERGUARD_DATABASE_URL must begin with sqlite:///. Example: sqlite:///orderguard.db"
        )
    if settings.log_format not in ("json", "console"):
        raise SettingsError(
            f"ORDERGUARD_LOG_FORMAT must be json or console, found {settings.log_format!r}."
        )
