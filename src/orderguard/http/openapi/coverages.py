"""The OpenAPI description of the coverage routes (contract §1)."""

from __future__ import annotations

from orderguard.domain.people.api_key import Scope
from orderguard.http.openapi.order_examples import (
    COVERAGE,
    COVERAGE_ID,
    COVERAGE_PAGE,
    ORDER_ID,
)
from orderguard.http.openapi.order_refusals import (
    COVERAGE_NOT_FOUND,
    EVERYWHERE,
    ORDER_NOT_FOUND,
    UNPROCESSABLE,
)
from orderguard.http.openapi.orders import (
    BASES,
    ID_TYPE,
    LIMIT,
    NO_STORE,
    cursor,
    id_in_path,
    sort_order,
)
from orderguard.http.openapi.vocabulary import Answer, Parameter, Route
from orderguard.http.wire.order_response import CoverageResponse, CoveragesResponse

TAG = "Coverages"

_ORDER = Parameter(
    "order_id",
    "query",
    "Only those of the order with this `id`. What cannot be an id is a 404.",
    {"type": "integer", "minimum": 1},
    ORDER_ID,
)

ROUTES = (
    Route(
        method="GET",
        path="/coverages",
        bases=BASES,
        operation_id="listCoverages",
        tag=TAG,
        scope=Scope.ORDERS,
        summary="List coverages",
        description="What the shop has to honour, one entry for each mode of each order. Voided "
        "and expired ones are listed, too.",
        parameters=(_ORDER, LIMIT, cursor(str(COVERAGE_ID)), sort_order("asc"), ID_TYPE),
        answers=(
            Answer(200, "A page of coverages.", CoveragesResponse, COVERAGE_PAGE, NO_STORE),
            ORDER_NOT_FOUND,
            UNPROCESSABLE,
            *EVERYWHERE,
        ),
    ),
    Route(
        method="GET",
        path="/coverages/{id}",
        bases=BASES,
        operation_id="showCoverage",
        tag=TAG,
        scope=Scope.ORDERS,
        summary="Show a coverage",
        description="What is covered, until when, and everything that happened to it.",
        parameters=(id_in_path("The coverage's id.", COVERAGE_ID), ID_TYPE),
        answers=(
            Answer(200, "The coverage.", CoverageResponse, COVERAGE, NO_STORE),
            COVERAGE_NOT_FOUND,
            *EVERYWHERE,
        ),
    ),
)
