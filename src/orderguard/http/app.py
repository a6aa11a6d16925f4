"""The ASGI applications: which resource serves which route (contract §1)."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, cast

import falcon.asgi

from orderguard.domain.errors import OrderguardError
from orderguard.http.analyze import AnalyzeResource
from orderguard.http.coverages import CoverageResource, CoveragesResource
from orderguard.http.edge import Application, ConnectionDropped, Exchange
from orderguard.http.errors import answer_error, log_failure
from orderguard.http.offer_sessions import OfferSessionResource
from orderguard.http.order_batches import OrderBatchesResource
from orderguard.http.order_errors import answer_order_error
from orderguard.http.orders import (
    ExternalOrderResource,
    OrderDependencies,
    OrderResource,
    OrdersResource,
)
from orderguard.http.tally import Tally
from orderguard.http.widget import PREFIX as WIDGET_PREFIX
from orderguard.http.widget import WidgetFiles

CHECKOUT_BASES = ("/v1", "/storefront/v1")
"""Checkout+ documents both /v1 and /storefront/v1; they are the same (contract §1)."""

ORDER_VERSIONS = {"v1": False, "2026-07": False, "2026-10": True, "latest": True}
"""The versions of the order routes, and whether `created_at` is required in them. `latest` is the
newest dated one."""


AnswerError = Callable[[Exception, str], tuple[int, dict[str, str], bytes]]
"""A function from an error and the request id to status, headers and body."""


@dataclass(frozen=True, slots=True)
class Area:
    """A group of routes below `prefix`, with its own format of error responses."""

    prefix: str
    routes: Mapping[str, Any]
    answer_error: AnswerError


def checkout_application(
    analyze: AnalyzeResource,
    offer_session: OfferSessionResource,
    orders: OrderDependencies,
    widget: WidgetFiles,
    other: dict[str, Any],
    tally: Tally,
) -> Application:
    """The ASGI application for checkouts and orders; `other` maps more paths to their resources.

    `tally` counts the requests that were refused because of a limit.
    """
    app: Any = _application({"/api/": answer_order_error}, tally)
    for base in CHECKOUT_BASES:
        _add_route(app, f"{base}/analyze", analyze)
        _add_route(app, f"{base}/session/{{session_id}}", offer_session)
    for version, requires_date in ORDER_VERSIONS.items():
        base = f"/api/{version}"
        _add_route(app, f"{base}/orders", OrdersResource(orders, requires_date=requires_date))
        batches = OrderBatchesResource(orders, requires_date=requires_date)
        _add_route(app, f"{base}/orders/batch", batches)
        _add_route(app, f"{base}/orders/{{order_id}}", OrderResource(orders))
        app.add_route(f"{base}/orders/external/{{external_id:path}}", ExternalOrderResource(orders))
        _add_route(app, f"{base}/coverages", CoveragesResource(orders))
        _add_route(app, f"{base}/coverages/{{coverage_id}}", CoverageResource(orders))
    for path, resource in other.items():
        _add_route(app, path, resource)
    app.add_sink(widget, prefix=WIDGET_PREFIX)
    return cast("Application", app)


def backstage_application(
    other: dict[str, Any], areas: Sequence[Area], tally: Tally
) -> Application:
    """The ASGI application for console, admin API and documentation, which no checkout needs."""
    app: Any = _application({area.prefix: area.answer_error for area in areas}, tally)
    for path, resource in other.items():
        _add_route(app, path, resource)
    for area in areas:
        for path, resource in area.routes.items():
            _add_route(app, path, resource)
    return cast("Application", app)


def _add_route(app: Any, path: str, resource: Any) -> None:
    """Add the route with and without a trailing slash: base URLs are often configured with one.

    The route of orders by external id is the exception: the id may itself end in a slash.
    """
    app.add_route(path, resource)
    if not path.endswith("/") and ":path}" not in path:
        app.add_route(f"{path}/", resource)


def operations_application(resources: dict[str, Any], tally: Tally) -> Application:
    """The ASGI application of the operations port: health, readiness and metrics."""
    app: Any = _application({}, tally)
    for path, resource in resources.items():
        app.add_route(path, resource)
    return cast("Application", app)


def _application(answers: Mapping[str, AnswerError], tally: Tally) -> Any:
    """An application whose `answers` map path prefixes to their own error responses."""

    async def answer(
        request: falcon.asgi.Request,
        response: falcon.asgi.Response,
        error: Exception,
        _params: dict[str, Any],
    ) -> None:
        if isinstance(error, ConnectionDropped):
            raise error
        own = (each for prefix, each in answers.items() if request.path.startswith(prefix))
        exchange: Exchange = request.scope["orderguard"]
        status, headers, body = next(own, answer_error)(error, exchange.request_id)
        log_failure(error, status, exchange.request_id)
        if isinstance(error, OrderguardError) and error.limit_name:
            tally.note(error.limit_name, exchange.merchant or "")
        response.status = status
        response.content_type = "application/json"
        for name, value in headers.items():
            response.set_header(name, value)
        response.data = body

    app: Any = falcon.asgi.App()
    # The framework answers its own errors in its own shape, unless they are claimed by name.
    app.add_error_handler(falcon.HTTPError, answer)
    app.add_error_handler(Exception, answer)
    return app
