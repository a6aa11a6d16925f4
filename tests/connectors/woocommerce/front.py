"""A real Orderguard behind a door that a test can spoil, shut or keep silent."""

from __future__ import annotations

import httpx

from tests.client.pretend_server import PretendServer, Received, Reply

PASSED_ON = ("x-authorization", "content-type")
SILENT_SECONDS = 30

SILENT = Reply(delay_seconds=SILENT_SECONDS, drops=True)
GONE = Reply(drops=True)
UNAVAILABLE = Reply(503, {"error": {"code": "service_unavailable", "message": "Try again."}})
NONSENSE = Reply(200, text=b"<html>a proxy's page</html>")
HALF_AN_ANSWER = Reply(200, {"sessionId": "lop_a1b2c3d4e5f6g7h8i9j0", "eligible": True, "mode": []})
REFUSED = Reply(
    422, {"message": "total_price cannot be read", "errors": {"total_price": ["cannot be read"]}}
)
"""As the server says it: the message names the field."""


class Front:
    """Passes everything on, unless `spoiled` says how to answer."""

    def __init__(self, url: str) -> None:
        self._behind = httpx.Client(base_url=url, timeout=30, trust_env=False)
        self.spoiled: Reply | None = None
        self.slow_seconds = 0.0
        self.door = PretendServer(self._reply)

    @property
    def url(self) -> str:
        return self.door.url

    def asked(self, path: str) -> int:
        """How often this route was asked, spoiled or not."""
        return sum(received.path.startswith(path) for received in self.door.received)

    def close(self) -> None:
        self._behind.close()

    def _reply(self, received: Received, _number: int) -> Reply:
        if self.spoiled:
            return self.spoiled
        headers = {name: received.headers[name] for name in PASSED_ON if name in received.headers}
        answer = self._behind.request(
            received.method, received.path, headers=headers, json=received.body
        )
        return Reply(
            answer.status_code,
            text=answer.content,
            headers={"Content-Type": answer.headers.get("Content-Type", "text/plain")},
            delay_seconds=self.slow_seconds,
        )
