"""Error responses of all routes as types, encoded by `errors` and `order_errors`."""

from __future__ import annotations

from typing import Annotated, Literal

import msgspec
from msgspec import UNSET, UnsetType

from orderguard.http.wire.doc import doc

Code = Literal[
    "invalid_request",
    "unauthorized",
    "forbidden",
    "session_not_found",
    "not_found",
    "conflict",
    "method_not_allowed",
    "rate_limited",
    "internal_error",
    "service_unavailable",
]
HttpCode = Literal["GEN-UNAUTHORIZED"]


RequestId = Annotated[str, doc("As the header `X-Request-Id`. Quote it.")]
DocUrl = Annotated[
    str,
    doc(
        "What the code means and what to do, as a path of this server.",
        examples=["/docs/errors#invalid_request"],
    ),
]


class ErrorDetail(msgspec.Struct):
    """One invalid member of the request, with the expected form."""

    field: Annotated[
        str, doc("The path of the invalid member.", examples=["cart.lines[0].quantity"])
    ]
    message: Annotated[str, doc("What was expected there, and what was found.")]


class Refusal(msgspec.Struct, kw_only=True):
    """Why a call was refused."""

    code: Annotated[Code, doc("For programs. It never changes its meaning.")]
    http_code: Annotated[HttpCode | UnsetType, doc("With `unauthorized` only.")] = UNSET
    message: Annotated[str, doc("For people. Its wording may change.")]
    details: Annotated[list[ErrorDetail] | UnsetType, doc("The invalid members, up to 20.")] = UNSET


class ErrorResponse(msgspec.Struct):
    """The answer to a call that was refused."""

    error: Refusal
    request_id: RequestId = msgspec.field(name="requestId")
    doc_url: DocUrl


class OrderRefusal(msgspec.Struct, kw_only=True):
    """Why an order route refused a call (401)."""

    code: Annotated[Literal["401"], doc("The status, as text.")] = "401"
    http_code: Annotated[HttpCode, doc("For programs.")] = "GEN-UNAUTHORIZED"
    message: Annotated[str, doc("For people.")] = "Unauthorized."
    hint: Annotated[
        str,
        doc(
            "What is wrong with the key, and what to do. Its wording may change.",
            examples=["Send your API key in the X-Authorization header."],
        ),
    ]


class OrderUnauthorizedResponse(msgspec.Struct):
    """The answer of an order route to a caller without the right key."""

    error: OrderRefusal
    request_id: RequestId = msgspec.field(name="requestId")
    doc_url: DocUrl


class UnprocessableResponse(msgspec.Struct):
    """The answer of an order route to a document with problems."""

    message: Annotated[str, doc("The first problem, and how many more there are.")]
    errors: Annotated[
        dict[str, list[str]],
        doc(
            "The problems by path, up to 20. A path has dots: `fees.0.amount`.",
            examples=[{"fees.0.amount": ["is missing; expected an object."]}],
        ),
    ]
    request_id: RequestId = msgspec.field(name="requestId")
    doc_url: DocUrl


class Missing(msgspec.Struct):
    """The kind of object that was not found."""

    code: Annotated[Literal["ORDER_NOT_FOUND", "COVERAGE_NOT_FOUND"], doc("For programs.")]
    message: Annotated[str, doc("For people. Its wording may change.")]


class MissingResponse(msgspec.Struct):
    """The answer of an order route when there is no such order or coverage."""

    errors: Missing
    request_id: RequestId = msgspec.field(name="requestId")
    doc_url: DocUrl


DOCS = "/docs/errors"
"""The errors page of every server; an anchor of it is a code."""


def doc_url(code: str) -> str:
    """The URL of the section about a code on the server's errors page."""
    return f"{DOCS}#{code}"
