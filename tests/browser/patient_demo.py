"""`orderguard`, whose demo shop waits as long for a well server as tests do.

A shop gives Orderguard 800 ms, which pass on a busy machine before the server is through; a test of
an offer would then see a checkout without one. A simulated slow server keeps the shop's own limit.
"""

from __future__ import annotations

from typing import Any

from orderguard.cli import main
from orderguard.client import AsyncClient
from orderguard.demo.shop.cart import ServerMood
from orderguard.demo.shop.orderguard_client import OrderguardClient
from orderguard.demo.shop.visitors import Visitor

PATIENCE_SECONDS = 20

usual_client = OrderguardClient._client


def _patient_client(
    self: OrderguardClient, visitor: Visitor, *arguments: Any, **more: Any
) -> AsyncClient:
    client = usual_client(self, visitor, *arguments, **more)
    if visitor.switches.server is ServerMood.WELL:
        client._budget_seconds = PATIENCE_SECONDS
    return client


if __name__ == "__main__":
    OrderguardClient._client = _patient_client  # type: ignore[method-assign]
    main()
