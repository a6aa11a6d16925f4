"""The OpenAPI description of the routes for health, metrics and the document itself."""

from __future__ import annotations

from typing import Annotated, Literal

import msgspec

from orderguard.http.openapi.vocabulary import Answer, Example, Header, Parameter, Route
from orderguard.http.wire.doc import doc


class Health(msgspec.Struct):
    """The body of `/healthz`: the process is up."""

    status: Annotated[Literal["ok"], doc("The process answers.")]


class Ready(msgspec.Struct):
    """The body of `/readyz` when the database can be reached."""

    status: Annotated[Literal["ready"], doc("Carts can be analysed.")]


class Unready(msgspec.Struct):
    """The body of `/readyz` when the database cannot be reached."""

    status: Annotated[Literal["unready"], doc("Carts cannot be analysed.")]
    why: Annotated[str, doc("What the database said.")]


_TEXT = {"type": "string"}
_CACHING = (
    Header("ETag", "Names this version of it.", '"5f2c8a1e9b7d4036"'),
    Header("Cache-Control", "May be kept for a while, then asked about again.", "public"),
)
_IF_NONE_MATCH = Parameter(
    "If-None-Match", "header", "The ETag you have; unchanged is a 304.", _TEXT, '"5f2c8a1e9b7d4036"'
)
_UNCHANGED = Answer(304, "You have the current version.", headers=_CACHING)

ROUTES = (
    Route(
        method="GET",
        path="/healthz",
        operation_id="checkHealth",
        tag="Operations",
        summary="Is the process up?",
        description="Answers as long as the process does, whatever the database does.",
        answers=(Answer(200, "It is.", Health, {"up": Example("Up", {"status": "ok"})}),),
    ),
    Route(
        method="GET",
        path="/readyz",
        operation_id="checkReadiness",
        tag="Operations",
        summary="Can carts be analysed?",
        description="Whether the database can be reached, without which nothing is analysed.",
        answers=(
            Answer(200, "They can.", Ready, {"ready": Example("Ready", {"status": "ready"})}),
            Answer(
                503,
                "The database cannot be reached.",
                Unready,
                {
                    "unready": Example(
                        "Not ready", {"status": "unready", "why": "unable to open database file"}
                    )
                },
            ),
        ),
    ),
    Route(
        method="GET",
        path="/metrics",
        operation_id="showMetrics",
        tag="Operations",
        summary="Numbers for Prometheus",
        description="Requests, latencies, offers by reason, and how long the disk takes. On the "
        "operations port, or for direct callers on the same machine; nobody else finds it.",
        answers=(
            Answer(
                200,
                "The numbers, in Prometheus' text format.",
                _TEXT,
                {
                    "requests": Example(
                        "One of them",
                        'orderguard_requests_total{method="POST",route="analyze",status="200"} 1.0',
                    )
                },
                media_type="text/plain",
            ),
        ),
    ),
    Route(
        method="GET",
        path="/openapi.json",
        operation_id="describeApi",
        tag="Operations",
        summary="This description, for programs",
        description="OpenAPI 3.1, generated from the types that decode and encode the traffic.",
        parameters=(_IF_NONE_MATCH,),
        answers=(
            Answer(
                200,
                "The document.",
                {"type": "object"},
                {"head": Example("How it begins", {"openapi": "3.1.0"})},
                _CACHING,
            ),
            _UNCHANGED,
        ),
    ),
    Route(
        method="GET",
        path="/schemas/configuration.json",
        operation_id="describeConfigurations",
        tag="Operations",
        summary="The JSON Schema of configurations",
        description="For editors of TOML: `#:schema https://…/schemas/configuration.json` in the "
        "first line of a configuration. What must hold between settings is not in it.",
        parameters=(_IF_NONE_MATCH,),
        answers=(
            Answer(
                200,
                "The schema.",
                {"type": "object"},
                {
                    "head": Example(
                        "How it begins", {"$schema": "http://json-schema.org/draft-07/schema#"}
                    )
                },
                _CACHING,
            ),
            _UNCHANGED,
        ),
    ),
    Route(
        method="GET",
        path="/docs",
        operation_id="readDocumentation",
        tag="Operations",
        summary="This description, for people",
        description="The first page; one for each subject is below `/docs/`. They can be read "
        "without scripts, and their examples have the address that the page was asked at.",
        parameters=(_IF_NONE_MATCH,),
        answers=(
            Answer(200, "The page.", _TEXT, headers=_CACHING, media_type="text/html"),
            _UNCHANGED,
        ),
    ),
)
