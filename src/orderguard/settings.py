"""Settings from the environment, prefix `ORDERGUARD_` (contract §11)."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, fields
from ipaddress import IPv4Network, IPv6Network, ip_network

from orderguard.domain.errors import OrderguardError

PREFIX = "ORDERGUARD_"
CONFIGURATION_LIMIT_KB_AT_MOST = 512
DATABASE_SCHEMES = ("sqlite:///", "postgresql://", "postgres://")


class SettingsError(OrderguardError):
    """A setting has an invalid value; the message names the variable."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """The settings of an installation. Every field is an environment variable of its name."""

    database_url: str = "sqlite:///orderguard.db"
    """`sqlite:///FILE`, relative to the working directory, or `postgresql://…`."""

    operations_port: int = 0
    """A port of its own for /metrics, /healthz and /readyz; 0: none, /metrics for loopback only."""

    log_format: str = "json"
    """`json`, or `console` for people."""

    rate_limit_per_minute: int = 0
    """Requests per minute for keys without a limit of their own; 0: unlimited."""

    client_rate_limit_per_minute: int = 60
    """Requests per minute for each address that uses a browser's key; 0: unlimited."""

    stored_megabytes_per_day: int = 1_000
    """Megabytes of analyses stored for each merchant and day; 0: any amount. Past it carts are
    answered, but not kept."""

    unknown_keys_per_minute: int = 300
    """Requests with an unknown key per minute and address before its answers are slowed down."""

    request_head_bytes: int = 32_768
    """Bytes of a request before its body."""

    request_headers: int = 100
    """Headers of a request."""

    request_head_seconds: int = 10
    """How long a client may take to send a request's head."""

    request_body_seconds: int = 30
    """How long a client may take to send a request's body, or to read an answer."""

    keep_alive_seconds: int = 75
    """How long a connection without a request is kept."""

    connections: int = 4_096
    """Open connections of one process; fewer when the descriptor limit does not allow them."""

    connections_per_address: int = 256
    """Open connections of one address that is not a trusted proxy; 0: unlimited."""

    trusted_proxies: str = ""
    """Addresses and networks whose `X-Forwarded-For` is believed: `127.0.0.1, 10.0.0.0/8`."""

    configuration_limit_kb: int = 64
    """How large a configuration or a draft may be, in kB; 512 at most."""

    shutdown_seconds: int = 10
    """How long requests in flight may take to finish when the server is asked to stop."""

    webhooks_timeout_seconds: int = 10
    """How long an endpoint may take to answer a webhook."""

    webhooks_allow_private: bool = False
    """Whether webhooks may go to private and loopback addresses, and over http. For tests and
    development: an account that registers endpoints can then reach hosts of this network."""

    @property
    def configuration_limit(self) -> int:
        """The maximum size of a configuration text, in bytes."""
        return self.configuration_limit_kb * 1024

    @property
    def stored_bytes_per_day(self) -> int:
        """The quota of stored bytes of analyses per merchant and day."""
        return self.stored_megabytes_per_day * 1_000_000

    @property
    def trusted_networks(self) -> tuple[IPv4Network | IPv6Network, ...]:
        """The networks of trusted proxies. Raises `ValueError` for an invalid one."""
        parts = [part.strip() for part in self.trusted_proxies.split(",")]
        return tuple(ip_network(part) for part in parts if part)


def settings_from_environment(environment: Mapping[str, str]) -> Settings:
    """Read the settings. Raises `SettingsError` naming the invalid variable."""
    given: dict[str, str | int | bool] = {}
    for field in fields(Settings):
        variable = PREFIX + field.name.upper()
        text = environment.get(variable, "").strip()
        if text:
            given[field.name] = _READ[str(field.type)](variable, text)
    settings = Settings(**given)  # type: ignore[arg-type]  # the types are those of the fields
    _check(settings)
    return settings


def _whole(variable: str, text: str) -> int:
    if not text.isascii() or not text.isdigit() or len(text) > 9:
        raise SettingsError(f"{variable} must be a whole number, found {text!r}.")
    return int(text)


def _yes_or_no(variable: str, text: str) -> bool:
    if text.lower() not in ("true", "false"):
        raise SettingsError(f"{variable} must be true or false, found {text!r}.")
    return text.lower() == "true"


_AT_LEAST: Mapping[str, int] = {
    "request_head_bytes": 1_024,
    "request_headers": 10,
    "request_head_seconds": 1,
    "request_body_seconds": 1,
    "keep_alive_seconds": 1,
    "connections": 16,
    "webhooks_timeout_seconds": 1,
}
"""The least values of settings, below which the server could not work."""

_READ: Mapping[str, Callable[[str, str], str | int | bool]] = {
    "int": _whole,
    "bool": _yes_or_no,
    "str": lambda _variable, text: text,
}


def _check(settings: Settings) -> None:
    if not settings.database_url.startswith(DATABASE_SCHEMES):
        raise SettingsError(
            f"ORDERGUARD_DATABASE_URL must begin with {' or '.join(DATABASE_SCHEMES)}. "
            "Example: postgresql://localhost/orderguard"
        )
    if not 1 <= settings.configuration_limit_kb <= CONFIGURATION_LIMIT_KB_AT_MOST:
        raise SettingsError(
            "ORDERGUARD_CONFIGURATION_LIMIT_KB must be from 1 to "
            f"{CONFIGURATION_LIMIT_KB_AT_MOST}, found {settings.configuration_limit_kb}."
        )
    for name, smallest in _AT_LEAST.items():
        found = getattr(settings, name)
        if found < smallest:
            raise SettingsError(
                f"{PREFIX}{name.upper()} must be at least {smallest}, found {found}."
            )
    try:
        settings.trusted_networks  # noqa: B018
    except ValueError as error:
        raise SettingsError(
            f"ORDERGUARD_TRUSTED_PROXIES must list addresses or networks with commas between "
            f"them, such as 127.0.0.1, 10.0.0.0/8: {error}."
        ) from error
    if settings.log_format not in ("json", "console"):
        raise SettingsError(
            f"ORDERGUARD_LOG_FORMAT must be json or console, found {settings.log_format!r}."
        )
