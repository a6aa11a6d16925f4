"""Set up the demo: its own database file, the demo merchant, the shop and the real server."""

from __future__ import annotations

import signal
import socket
import threading
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import TextIO

import httpx
import structlog

from orderguard.actions.ports.unit_of_work import UnitOfWork
from orderguard.demo.history import trade
from orderguard.demo.merchant import DemoMerchant, seed_demo_merchant
from orderguard.demo.shop.orderguard_client import ShopAccess
from orderguard.demo.shop.serving import ShopServing
from orderguard.domain.errors import OrderguardError
from orderguard.domain.people.account import sign_in_link
from orderguard.observability import configure_logging
from orderguard.rules.cel import CelCompiler
from orderguard.running import server, sockets
from orderguard.running.preparing import prepare_schema
from orderguard.running.wiring import now, wire_push_order, wire_roll_up
from orderguard.settings import Settings
from orderguard.storage.database import SqlDatabase

HOST = "127.0.0.1"
USUAL_PORT = 8080
USUAL_SHOP_PORT = 8081
DATABASE_NAME = "orderguard-demo.db"
LOG_NAME = "orderguard-demo.log"


@dataclass(frozen=True, slots=True)
class Stage:
    """The running demo. `usual_port_taken`: whether another program has port 8080."""

    url: str
    shop_url: str
    owner: DemoMerchant
    database_file: Path
    log_file: Path
    usual_port_taken: bool
    serving: Serving

    @property
    def console_url(self) -> str:
        """The link that signs the owner in to the console, once."""
        return sign_in_link(self.url, self.owner.sign_in_token)

    def storefront(self) -> httpx.Client:
        """An HTTP client with the merchant's key for carts, as its checkout has."""
        return self._client(self.owner.key)

    def back_office(self) -> httpx.Client:
        """An HTTP client with the merchant's key for orders, as its order sync has."""
        return self._client(self.owner.orders_key)

    def _client(self, key: str) -> httpx.Client:
        return httpx.Client(
            base_url=self.url,
            headers={"X-Authorization": key},
            timeout=30,
            trust_env=False,  # a configured proxy must not be used for loopback
        )

    @contextmanager
    def read(self) -> Iterator[UnitOfWork]:
        """A read-only unit of work on the demo database."""
        database = SqlDatabase(f"sqlite:///{self.database_file}")
        try:
            with database.read() as work:
                yield work
        finally:
            database.dispose()


@contextmanager
def set_stage(
    directory: Path, *, port: int | None, shop_port: int | None = None
) -> Iterator[Stage]:
    """Seed the demo merchant, serve, and open the shop, until the block is left.

    Without a port it is 8080, or a free one when that is taken; the shop's is 8081. The database is
    the demo's own: the environment's is ignored, so that a real one never gets a demo merchant.
    """
    listener, usual_port_taken = _listen(port, USUAL_PORT)
    with (
        listener,
        _listen_for_shop(shop_port) as shop_listener,
        _log(directory) as log,
        _logging_to(log),
    ):
        settings = Settings(database_url=f"sqlite:///{directory / DATABASE_NAME}")
        owner = _seed(settings)
        url = _url(listener)
        with ExitStack() as closing:
            serving = Serving(settings, listener)
            closing.callback(serving.stop)
            shop = ShopServing(ShopAccess(url, owner.key, owner.orders_key), shop_listener)
            closing.callback(shop.stop)
            yield Stage(
                url=url,
                shop_url=_url(shop_listener),
                owner=owner,
                database_file=directory / DATABASE_NAME,
                log_file=directory / LOG_NAME,
                usual_port_taken=usual_port_taken,
                serving=serving,
            )


@contextmanager
def _logging_to(log: TextIO) -> Iterator[None]:
    """Log into a file that is closed afterwards; the former configuration is then restored."""
    before = structlog.get_config()
    configure_logging(log_format="json")
    structlog.configure(
        logger_factory=structlog.PrintLoggerFactory(log),
        # A cached logger would write to the closed file after the demo.
        cache_logger_on_first_use=False,
    )
    try:
        yield
    finally:
        structlog.configure(**before)


def _url(listener: socket.socket) -> str:
    return f"http://{HOST}:{listener.getsockname()[1]}"


@contextmanager
def until_stopped() -> Iterator[None]:
    """Leave the block on Ctrl-C or SIGTERM, which may come as soon as the server is announced."""
    signal.signal(signal.SIGTERM, _interrupt_once)
    with suppress(KeyboardInterrupt):
        yield


class Serving:
    """The real server in a thread of this process. The constructor returns once it serves."""

    def __init__(self, settings: Settings, listener: socket.socket) -> None:
        self._settings = settings
        self._ending = server.Ending()
        self._failure: BaseException | None = None
        self._settled = threading.Event()
        self._ended = threading.Event()
        self._thread = threading.Thread(target=self._serve, args=(listener,), name="demo-server")
        self._thread.start()
        self._settled.wait()
        self._raise_failure()

    def _serve(self, listener: socket.socket) -> None:
        try:
            server.serve(self._settings, listener, started=self._settled.set, ending=self._ending)
        except BaseException as error:  # raised again in the waiting thread
            self._failure = error
        finally:
            self._settled.set()
            self._ended.set()

    def wait(self) -> None:
        """Wait until the server has ended. Raises its error, if any, and `KeyboardInterrupt`."""
        # Not `join`: after an interrupted `join`, CPython 3.11 takes the thread for ended, and it
        # would still run while the interpreter shuts down. With a timeout, because a wait without
        # one cannot be interrupted on every platform.
        while not self._ended.wait(timeout=0.5):
            pass
        self._raise_failure()

    def stop(self) -> None:
        """Finish the requests in progress, then stop."""
        for each in self._ending.servers:
            each.should_exit = True
        self._thread.join()

    def _raise_failure(self) -> None:
        if self._failure:
            raise self._failure


def _interrupt_once(_signal: int, _frame: object) -> None:
    """Handle SIGTERM as Ctrl-C, once: `make` and the program stopping it may both send one."""
    signal.signal(signal.SIGTERM, signal.SIG_IGN)
    raise KeyboardInterrupt


def _listen(port: int | None, usual: int) -> tuple[socket.socket, bool]:
    if port is not None:
        return sockets.listen(HOST, port), False
    try:
        return sockets.listen(HOST, usual), False
    except sockets.CannotServe:
        return sockets.listen(HOST, 0), True


def _listen_for_shop(port: int | None) -> socket.socket:
    try:
        listener, _ = _listen(port, USUAL_SHOP_PORT)
    except sockets.CannotServe as error:
        raise sockets.CannotServe(str(error).replace("--port", "--shop-port")) from error
    return listener


def _log(directory: Path) -> TextIO:
    file = directory / LOG_NAME
    try:
        file.parent.mkdir(parents=True, exist_ok=True)
        return file.open("a", encoding="utf-8")
    except OSError as error:
        raise OrderguardError(
            f"Cannot write {file}: {error.strerror}. Choose another place with --directory."
        ) from error


def _seed(settings: Settings) -> DemoMerchant:
    prepare_schema(settings)
    database = SqlDatabase(settings.database_url)
    try:
        at = now()
        owner = seed_demo_merchant(database, at=at)
        if owner.is_new:
            push_order = wire_push_order(database, CelCompiler())
            trade(settings, database, push_order, owner.merchant.id, until=at)
            for _ in wire_roll_up(database).catch_up(owner.merchant.id, at=at):
                pass
        return owner
    finally:
        database.dispose()
