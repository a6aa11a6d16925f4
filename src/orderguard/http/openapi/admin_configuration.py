"""What is published, its history and differences, described."""

from __future__ import annotations

from orderguard.domain.api_key import Scope
from orderguard.http.openapi.admin_refusals import (
    ADMIN_CONFLICT,
    ADMIN_INVALID,
    ADMIN_NOT_FOUND,
    BASES,
    EVERYWHERE,
    TAG,
)
from orderguard.http.openapi.orders import NO_STORE
from orderguard.http.openapi.vocabulary import Answer, Example, Parameter, Route
from orderguard.http.paging import LIMIT_DEFAULT, LIMIT_MAXIMUM
from orderguard.http.wire.admin_configuration import (
    CheckResponse,
    ConfigurationResponse,
    DifferenceResponse,
    PublicationRequest,
    RollBackRequest,
    SourceRequest,
    VersionsResponse,
)

SOURCE = """\
modes = ["returnCoverage"]
currencies = ["USD"]

[[pricing.returnCoverage]]
base = { USD = 298 }
"""
DOCUMENT = {
    "modes": ["returnCoverage"],
    "currencies": ["USD"],
    "pricing": {"returnCoverage": [{"base": {"USD": 298}}]},
}
_SUMMARY = {
    "version": 2,
    "publishedAt": "2026-11-02T09:15:00+00:00",
    "publishedBy": "ida@shop.example",
}
VERSION = {
    "version": Example(
        "The version", {"configuration": {**_SUMMARY, "source": SOURCE, "document": DOCUMENT}}
    )
}
CHECKED = {
    "problem": Example(
        "One problem",
        {
            "ok": False,
            "problems": [
                {
                    "path": "currencies[0]",
                    "message": "'USDD' is not an ISO 4217 currency code; expected one such as USD.",
                    "line": 2,
                }
            ],
        },
    ),
    "fine": Example("No problem", {"ok": True, "problems": []}),
}
_SENT = {
    "text": Example("A text", {"source": SOURCE}),
    "document": Example("The same as JSON", {"document": DOCUMENT}),
}
_DIFFERENCE = {
    "price": Example(
        "Another price",
        {
            "settings": [
                {
                    "path": "pricing.returnCoverage[0].base.USD",
                    "subject": "returnCoverage price: base in USD",
                    "before": "1.98 USD",
                    "after": "2.98 USD",
                }
            ],
            "lines": [
                [
                    {"mark": "-", "text": "base = { USD = 198 }", "before": 5, "after": None},
                    {"mark": "+", "text": "base = { USD = 298 }", "before": None, "after": 5},
                ]
            ],
        },
    )
}
_VERSION_NUMBER = Parameter("version", "path", "The version's number.", {"type": "string"}, "2")
_COMPARED = "A version's number, a draft's id, or `published`, which it is by itself."

ROUTES = (
    Route(
        method="GET",
        path="/configuration",
        bases=BASES,
        operation_id="showConfiguration",
        tag=TAG,
        scope=Scope.ADMIN,
        summary="Show what is published",
        description="The version that counts now.",
        answers=(
            Answer(200, "The version.", ConfigurationResponse, VERSION, NO_STORE),
            ADMIN_NOT_FOUND,
            *EVERYWHERE,
        ),
    ),
    Route(
        method="POST",
        path="/configuration",
        bases=BASES,
        operation_id="publishConfiguration",
        tag=TAG,
        scope=Scope.ADMIN,
        summary="Publish a configuration",
        description="Checks it in full, stores the next version, and makes it count at once in "
        "every process.",
        body=PublicationRequest,
        body_examples=_SENT,
        answers=(
            Answer(201, "It counts.", ConfigurationResponse, VERSION, NO_STORE),
            ADMIN_INVALID,
            ADMIN_CONFLICT,
            *EVERYWHERE,
        ),
    ),
    Route(
        method="POST",
        path="/configuration/check",
        bases=BASES,
        operation_id="checkConfiguration",
        tag=TAG,
        scope=Scope.ADMIN,
        summary="Check a configuration",
        description="Says everything that stands in the way of publishing it. Stores nothing.",
        body=SourceRequest,
        body_examples=_SENT,
        answers=(
            Answer(200, "It was checked.", CheckResponse, CHECKED, NO_STORE),
            ADMIN_INVALID,
            *EVERYWHERE,
        ),
    ),
    Route(
        method="GET",
        path="/configuration/diff",
        bases=BASES,
        operation_id="compareConfigurations",
        tag=TAG,
        scope=Scope.ADMIN,
        summary="Compare two configurations",
        description="What is different, in settings and in lines.",
        parameters=(
            Parameter("from", "query", _COMPARED, {"type": "string"}, "1"),
            Parameter("to", "query", _COMPARED, {"type": "string"}, "published"),
        ),
        answers=(
            Answer(200, "The difference.", DifferenceResponse, _DIFFERENCE, NO_STORE),
            ADMIN_NOT_FOUND,
            *EVERYWHERE,
        ),
    ),
    Route(
        method="GET",
        path="/configuration/versions",
        bases=BASES,
        operation_id="listConfigurationVersions",
        tag=TAG,
        scope=Scope.ADMIN,
        summary="List the versions",
        description="Everything that was ever published, newest first.",
        parameters=(
            Parameter(
                "limit",
                "query",
                "Versions per page.",
                {
                    "type": "integer",
                    "minimum": 1,
                    "maximum": LIMIT_MAXIMUM,
                    "default": LIMIT_DEFAULT,
                },
                10,
            ),
            Parameter(
                "cursor", "query", "`nextCursor` of the page before.", {"type": "string"}, "3"
            ),
        ),
        answers=(
            Answer(
                200,
                "A page of them.",
                VersionsResponse,
                {"last": Example("The last page", {"versions": [_SUMMARY], "nextCursor": None})},
                NO_STORE,
            ),
            ADMIN_INVALID,
            *EVERYWHERE,
        ),
    ),
    Route(
        method="GET",
        path="/configuration/versions/{version}",
        bases=BASES,
        operation_id="showConfigurationVersion",
        tag=TAG,
        scope=Scope.ADMIN,
        summary="Show a version",
        description="As it was published, and as JSON.",
        parameters=(_VERSION_NUMBER,),
        answers=(
            Answer(200, "The version.", ConfigurationResponse, VERSION, NO_STORE),
            ADMIN_NOT_FOUND,
            *EVERYWHERE,
        ),
    ),
    Route(
        method="POST",
        path="/configuration/versions/{version}/roll-back",
        bases=BASES,
        operation_id="rollBackConfiguration",
        tag=TAG,
        scope=Scope.ADMIN,
        summary="Roll back to a version",
        description="Publishes its text again, as a new version. An old one that this release does "
        "not accept any more is refused with its problems.",
        parameters=(_VERSION_NUMBER,),
        body=RollBackRequest,
        body_examples={"seen": Example("With what is published as it was seen", {"onTopOf": 3})},
        answers=(
            Answer(201, "It counts again.", ConfigurationResponse, VERSION, NO_STORE),
            ADMIN_INVALID,
            ADMIN_NOT_FOUND,
            ADMIN_CONFLICT,
            *EVERYWHERE,
        ),
    ),
)
