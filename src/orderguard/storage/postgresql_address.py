"""Parse a PostgreSQL URL once, for both drivers alike.

psycopg (orders, console, readiness) is libpq; asyncpg (checkouts, change notifications) is a driver
of its own that sends every parameter it does not know to the server, which refuses the connection.
So libpq's parser reads the URL, and parameters that only one driver supports are refused.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any
from urllib.parse import urlencode

from orderguard.domain.errors import OrderguardError

if TYPE_CHECKING:  # the drivers are an extra that SQLite does without
    import psycopg

SCHEMES = ("postgresql://", "postgres://")
VARIABLE = "ORDERGUARD_DATABASE_URL"

_FOR_BOTH = frozenset(
    {
        "host", "port", "dbname", "user", "password", "passfile", "target_session_attrs",
        "sslmode", "sslcert", "sslkey", "sslpassword", "sslrootcert", "sslcrl", "sslnegotiation",
        "ssl_min_protocol_version", "ssl_max_protocol_version", "krbsrvname", "gsslib",
        "application_name", "options",
    }
)  # fmt: skip
"""Parameters that both drivers understand in the same way."""

_FOR_LIBPQ_ALONE = frozenset(
    {
        "connect_timeout", "keepalives", "keepalives_idle", "keepalives_interval",
        "keepalives_count", "tcp_user_timeout", "fallback_application_name", "sslcompression",
        "sslsni",
    }
)  # fmt: skip
"""Parameters that asyncpg need not be told: its connections have time limits of ours."""

_WITHOUT_EFFECT: Mapping[str, frozenset[str]] = {
    "channel_binding": frozenset({"prefer", "disable"}),
    "gssencmode": frozenset({"prefer", "disable"}),
    "load_balance_hosts": frozenset({"disable"}),
    "client_encoding": frozenset({"utf8", "utf-8", "unicode", "auto"}),
}
"""Values that ask for nothing that asyncpg lacks. Any other value would hold for half of our
connections only."""

_INSTEAD: Mapping[str, str] = {
    "channel_binding": "Leave it out, and use sslmode=verify-full, which authenticates the server.",
    "gssencmode": "Leave it out, and encrypt with sslmode.",
    "load_balance_hosts": "Leave it out: we need the primary, whichever host it is on.",
    "client_encoding": "Leave it out: everything is sent as UTF-8.",
    "hostaddr": "Write the address as the host.",
    "service": "Write the parameters of the service into the URL.",
}

READ_WRITE = "read-write"

_ONE_HOST_AT_MOST = (READ_WRITE, "primary")
"""Values of `target_session_attrs` that only one host of a cluster can have."""

USUAL_PORT = "5432"

CONNECT_TIMEOUT_SECONDS = 1
"""How long one host may take to accept a connection, unless the URL says otherwise. The next host
has to be tried while a checkout still waits."""


class UnusableAddress(OrderguardError):
    """The database URL cannot be used; the message says why."""


def is_postgresql(url: str) -> bool:
    """Whether the URL names a PostgreSQL database."""
    return url.startswith(SCHEMES)


@dataclass(frozen=True, slots=True)
class PostgresqlAddress:
    """The parameters of the URL, by libpq's names."""

    parameters: Mapping[str, str]

    @classmethod
    def parse(cls, url: str) -> PostgresqlAddress:
        """Read the URL as libpq does. Raises `UnusableAddress`.

        With several hosts and no `target_session_attrs` each driver would take the first host that
        answers, which may be a standby, so the primary is asked for.
        """
        try:
            import asyncpg  # noqa: F401  # needed later: both come with the extra
            import psycopg
            from psycopg.conninfo import conninfo_to_dict
        except ImportError as error:
            raise UnusableAddress(
                f"{VARIABLE} names PostgreSQL, whose drivers are not installed ({error.name}). "
                "Install them: pip install 'orderguard[postgresql]'"
            ) from None
        try:
            found = conninfo_to_dict(url)
        except psycopg.ProgrammingError as error:
            why = _why_unreadable(error)
            raise UnusableAddress(f"{VARIABLE} is not a PostgreSQL URL: {why}.") from None
        parameters = {name: str(value) for name, value in found.items()}
        for name, value in parameters.items():
            _refuse_what_one_driver_lacks(name, value)
        if "port" in parameters:
            parameters["port"] = _port_of_each_host(parameters)
        if "," in parameters.get("host", ""):
            parameters.setdefault("target_session_attrs", READ_WRITE)
        parameters.setdefault("connect_timeout", str(CONNECT_TIMEOUT_SECONDS))
        return cls(parameters)

    def for_psycopg(self) -> str:
        """A connection string for psycopg."""
        from psycopg.conninfo import make_conninfo

        return make_conninfo(**self.parameters)

    def for_asyncpg(self) -> dict[str, Any]:
        """Arguments of `asyncpg.connect`: the parameters that asyncpg knows."""
        known = {n: v for n, v in self.parameters.items() if n in _FOR_BOTH and v}
        return {
            "dsn": "postgresql://?" + urlencode(known),
            "timeout": int(self.parameters["connect_timeout"]),
        }

    def each_host(self) -> list[PostgresqlAddress]:
        """An address for each host that may be the primary, in the order of the URL.

        One address for all when the URL asks for something else than the primary: then the order
        has a meaning that the driver knows.
        """
        hosts = self._hosts()
        if len(hosts) == 1 or self.parameters["target_session_attrs"] not in _ONE_HOST_AT_MOST:
            return [self]
        return [
            PostgresqlAddress({**self.parameters, "host": host, "port": port})
            for host, port in hosts
        ]

    def beginning_with(self, host: str, port: str) -> PostgresqlAddress:
        """The same hosts with this one first, which is where the primary was last."""
        hosts = sorted(self._hosts(), key=lambda each: each != (host, port))
        if len(hosts) == 1:
            return self
        names, ports = (",".join(each) for each in zip(*hosts, strict=True))
        return PostgresqlAddress({**self.parameters, "host": names, "port": ports})

    def _hosts(self) -> list[tuple[str, str]]:
        hosts = self.parameters.get("host", "").split(",")
        ports = self.parameters.get("port", USUAL_PORT).split(",")
        return list(zip(hosts, ports * len(hosts) if len(ports) == 1 else ports, strict=True))


def _refuse_what_one_driver_lacks(name: str, value: str) -> None:
    if name in _FOR_BOTH or name in _FOR_LIBPQ_ALONE:
        return
    if value.lower() in _WITHOUT_EFFECT.get(name, ()):
        return
    instead = _INSTEAD.get(name, "Leave it out.")
    raise UnusableAddress(
        f"{VARIABLE}: {name}={value} cannot be kept on every connection, "
        f"because the driver of the checkout path lacks it. {instead}"
    )


def _why_unreadable(error: psycopg.ProgrammingError) -> str:
    """The mistake in the URL, without quoting its values: one of them is the password."""
    if "query parameter" in str(error):
        return str(error).strip().partition("=")[0]
    return "expected postgresql://USER:PASSWORD@HOST:PORT/DATABASE?sslmode=require"


def _port_of_each_host(parameters: Mapping[str, str]) -> str:
    """The ports with commas between them. libpq lets one port stand for all hosts, asyncpg not."""
    ports = [port or USUAL_PORT for port in parameters["port"].split(",")]
    wrong = [port for port in ports if not (port.isascii() and port.isdigit())]
    if wrong or any(not 0 < int(port) < 65_536 for port in ports):
        raise UnusableAddress(f"{VARIABLE}: the port must be a number from 1 to 65535.")
    hosts = parameters.get("host", "").count(",") + 1
    if len(ports) not in (1, hosts):
        raise UnusableAddress(
            f"{VARIABLE}: {len(ports)} ports for {hosts} hosts; give one for all, or one for each."
        )
    return ",".join(ports * hosts if len(ports) == 1 else ports)
