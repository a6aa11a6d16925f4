"""A real server on loopback, and shops that talk to it over HTTP."""

from __future__ import annotations

import copy
import json
import threading
import time
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import httpx
from sqlalchemy import func, select

from orderguard.actions.create_merchant import create_merchant
from orderguard.actions.issue_api_key import IssuedKey, issue_api_key, revoke_api_key
from orderguard.actions.publish_configuration import publish_configuration
from orderguard.domain.ids import MerchantId
from orderguard.domain.people.audit import Actor, Change
from orderguard.randomness import new_api_key_id, new_key_text, new_merchant_id
from orderguard.rules.cel import CelCompiler
from orderguard.running import server, sockets
from orderguard.running.wiring import now
from orderguard.settings import Settings
from orderguard.storage.database import SqlDatabase
from orderguard.storage.tables import analyses, cart_bindings, offer_sessions
from tests.support.builders import a_document
from tests.support.databases import new_database_url
from tests.support.wire import wire_request

COMPILER = CelCompiler()

A_TESTER = Actor("tests")

SETTLING_SECONDS = 0.03
"""A server notices a change within milliseconds, but not before the very next request."""


class Reachable:
    """A server at a URL, and the database behind it."""

    def __init__(self, url: str, database_url: str) -> None:
        self.url = url
        self.database = SqlDatabase(database_url)
        self._clients: list[httpx.Client] = []
        self.shared_client = self.client()
        """For requests that bring their own key."""

    def client(self, **headers: str) -> httpx.Client:
        """An HTTP client of this server; it is closed with it."""
        # There is no TLS on loopback; loading the certificates would cost more than most tests.
        client = httpx.Client(base_url=self.url, headers=headers, timeout=30, verify=False)
        self._clients.append(client)
        return client

    def a_shop(
        self, document: dict[str, Any] | None = None, *, is_sandbox: bool = False, **changes: Any
    ) -> Shop:
        """A new merchant with a published configuration and a cart key."""
        shop = Shop(self, is_sandbox=is_sandbox)
        shop.publish(a_document(**changes) if document is None else document)
        return shop

    def let_go(self) -> None:
        """Close what this process holds of it."""
        for client in self._clients:
            client.close()
        self.database.dispose()


class RunningServer(Reachable):
    """The product in a thread of this process, on a free port."""

    def __init__(self, directory: Path, **settings: Any) -> None:
        if "database_url" not in settings:
            settings["database_url"] = new_database_url(directory)
        self.settings = Settings(**settings)
        listener = sockets.listen("127.0.0.1", 0)
        port = listener.getsockname()[1]
        self._ending = server.Ending()
        started = threading.Event()
        self._thread = threading.Thread(
            target=server.serve,
            args=(self.settings, listener),
            kwargs={"started": started.set, "ending": self._ending},
        )
        self._thread.start()
        assert started.wait(timeout=30), "the server did not start"
        super().__init__(f"http://127.0.0.1:{port}", self.settings.database_url)

    def stop(self) -> None:
        self.ask_to_stop()
        self._thread.join(timeout=30)
        self.let_go()

    def ask_to_stop(self) -> None:
        for client in self._clients:
            client.close()
        for each in self._ending.servers:
            each.should_exit = True


class Shop:
    """A merchant's backend: a key and an HTTP client."""

    def __init__(self, running: Reachable, *, is_sandbox: bool = False) -> None:
        self.running = running
        merchant_id = new_merchant_id()
        merchant = create_merchant(
            running.database,
            f"shop {merchant_id[4:]}",
            new_id=merchant_id,
            is_sandbox=is_sandbox,
            change=Change(A_TESTER, now()),
        )
        self.id: MerchantId = merchant.id
        self.issued = self.issue_key("cart")
        self.key = self.issued.text
        self.http = running.client(**{"X-Authorization": self.key})

    def at(self, running: Reachable) -> Shop:
        """The same merchant with the same key, at another server of the same database."""
        shop = copy.copy(self)
        shop.running = running
        shop.http = running.client(**{"X-Authorization": self.key})
        return shop

    def issue_key(self, *scopes: str, origins: Iterable[str] = (), **options: Any) -> IssuedKey:
        return issue_api_key(
            self.running.database,
            self.id,
            new_id=new_api_key_id(),
            random_part=new_key_text(),
            scopes=scopes,
            origins=origins,
            change=Change(A_TESTER, now()),
            **options,
        )

    def revoke(self, issued: IssuedKey) -> None:
        revoke_api_key(self.running.database, issued.key.id, change=Change(A_TESTER, now()))
        time.sleep(SETTLING_SECONDS)

    def publish(self, document: dict[str, Any]) -> int:
        """The new version's number."""
        published = publish_configuration(
            self.running.database,
            COMPILER,
            self.id,
            json.dumps(document),
            change=Change(A_TESTER, now()),
        )
        time.sleep(SETTLING_SECONDS)
        return published.version

    def post(self, request: dict[str, Any], **options: Any) -> httpx.Response:
        return self.http.post("/v1/analyze", json=request, **options)

    def analyze(self, *lines: dict[str, Any], **changes: Any) -> dict[str, Any]:
        """The answer to a request that must succeed."""
        response = self.post(wire_request(*lines, **changes))
        assert 200 == response.status_code, response.text
        answer: dict[str, Any] = response.json()
        return answer

    def session(self, session_id: str) -> httpx.Response:
        return self.http.get(f"/v1/session/{session_id}")

    def row_counts(self) -> dict[str, int]:
        """How many rows of the hot path's tables are this merchant's."""
        with self.running.database.engine.connect() as connection:
            return {
                table.name: connection.scalar(
                    select(func.count()).select_from(table).where(table.c.merchant_id == self.id)
                )
                or 0
                for table in (offer_sessions, cart_bindings, analyses)
            }


NOTHING_STORED = {"offer_sessions": 0, "cart_bindings": 0, "analyses": 0}
