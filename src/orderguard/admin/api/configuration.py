"""`/admin/v1/configuration`: the published version, its history, differences and rollback."""

from __future__ import annotations

from orderguard.actions.check_configuration import check_configuration as problems_of
from orderguard.actions.check_configuration import placed_warnings
from orderguard.actions.compare_configurations import compare_configurations as compare
from orderguard.actions.manage_drafts import get_draft
from orderguard.actions.ports.unit_of_work import UnitOfWork
from orderguard.actions.publish_configuration import get_published, get_version
from orderguard.actions.publish_configuration import publish_configuration as publish
from orderguard.actions.roll_back_configuration import roll_back_configuration as roll_back
from orderguard.admin.api.operation import Call, Operation
from orderguard.admin.api.parameters import at_most, path_text, query_text
from orderguard.admin.api.refusals import CONFLICT, INVALID, NOT_FOUND
from orderguard.admin.api.wire.configuration import (
    CheckResponse,
    ConfigurationResponse,
    DifferenceResponse,
    PublicationRequest,
    PublishedResponse,
    RollBackRequest,
    SourceRequest,
    VersionsResponse,
    comparison_to_wire,
    problem_to_wire,
    published_to_wire,
    required_source,
    version_summary_to_wire,
    version_to_wire,
)
from orderguard.domain.configuration.draft import DraftId
from orderguard.domain.configuration.published import PublishedConfiguration
from orderguard.domain.errors import InvalidDocument, NotFound, Problem
from orderguard.domain.ids import ConfigurationVersion, MerchantId
from orderguard.http.openapi.vocabulary import Example

PUBLISHED = "published"
"""The name of the published version, in the place of a version's number."""

VERSION_DIGITS = 9

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
PUBLISHED_VERSION = {
    "version": Example(
        "The version",
        {
            "configuration": {**_SUMMARY, "source": SOURCE, "document": DOCUMENT},
            "warnings": [],
        },
    )
}
_PROBLEM = {
    "path": "currencies[0]",
    "message": "'USDD' is not an ISO 4217 currency code; expected one such as USD.",
    "line": 2,
}
_WARNING = {
    "path": "currencies[1]",
    "message": "ISO 4217 has withdrawn BGN, so nothing is offered in it. Remove it.",
    "line": 2,
}
CHECKED = {
    "problem": Example("One problem", {"ok": False, "problems": [_PROBLEM], "warnings": []}),
    "fine": Example("No problem", {"ok": True, "problems": [], "warnings": []}),
    "warning": Example("A warning", {"ok": True, "problems": [], "warnings": [_WARNING]}),
}
_SENT = {
    "text": Example("A text", {"source": SOURCE}),
    "document": Example("The same as JSON", {"document": DOCUMENT}),
}
_OTHER_PRICE = {
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
}
_VERSION_NUMBER = path_text("version", "The version's number.", "2")
_COMPARED = "A version's number, a draft's id, or `published`, which it is by itself."


def show_configuration(call: Call) -> ConfigurationResponse:
    """The published version."""
    with call.reading() as work:
        published = get_published(work, call.merchant)
    return version_to_wire(published)


def publish_configuration(call: Call, wanted: PublicationRequest) -> PublishedResponse:
    """Publish the next version; it takes effect immediately."""
    published = publish(
        call.database,
        call.services.compiler,
        call.merchant,
        required_source(wanted.source, wanted.document),
        on_top_of=as_version(wanted.on_top_of),
        change=call.change,
        source_limit=call.services.source_limit,
    )
    return with_warnings(call, published)


def with_warnings(call: Call, published: PublishedConfiguration) -> PublishedResponse:
    """The response to a publication: the new version and its warnings."""
    return published_to_wire(published, placed_warnings(published.source, call.services.compiler))


def check_configuration(call: Call, wanted: SourceRequest) -> CheckResponse:
    """Check a configuration for problems. Nothing is stored."""
    return check_source(call, required_source(wanted.source, wanted.document))


def check_source(call: Call, source: str) -> CheckResponse:
    """Check a text: its problems, or its warnings if it has no problems."""
    services = call.services
    found = problems_of(source, services.compiler, source_limit=services.source_limit)
    problems = [problem_to_wire(each) for each in found]
    warnings = [] if problems else placed_warnings(source, services.compiler)
    return CheckResponse(
        ok=not problems, problems=problems, warnings=[problem_to_wire(each) for each in warnings]
    )


def compare_configurations(call: Call) -> DifferenceResponse:
    """The difference between two versions or drafts."""
    names = [call.query.get_param(name) or PUBLISHED for name in ("from", "to")]
    with call.reading() as work:
        before, after = [_source_called(work, call.merchant, name) for name in names]
    return comparison_to_wire(compare(before, after))


def list_configuration_versions(call: Call) -> VersionsResponse:
    """A page of the history, newest first."""
    limit, cursor = call.limit, call.query.get_param("cursor")
    before = None if cursor is None else _version_in(cursor, "cursor")
    with call.reading() as work:
        found = work.configurations.history(call.merchant, before=before, limit=limit + 1)
    page, more = found[:limit], found[limit:]
    versions = [version_summary_to_wire(each) for each in page]
    return VersionsResponse(versions, str(page[-1].version) if more else None)


def show_configuration_version(call: Call) -> ConfigurationResponse:
    """One published version, which the path numbers. Raises `NotFound`."""
    wanted = parse_version(call.path["version"])
    with call.reading() as work:
        found = get_version(work, call.merchant, wanted)
    return version_to_wire(found)


def roll_back_configuration(call: Call, wanted: RollBackRequest) -> PublishedResponse:
    """Publish the text of an old version again, as a new version."""
    published = roll_back(
        call.database,
        call.services.compiler,
        call.merchant,
        parse_version(call.path["version"]),
        on_top_of=as_version(wanted.on_top_of),
        change=call.change,
    )
    return with_warnings(call, published)


def _source_called(work: UnitOfWork, merchant: MerchantId, name: str) -> str:
    """The text of `published`, of a version by its number, or of a draft by its id."""
    if name == PUBLISHED:
        return get_published(work, merchant).source
    if name.startswith("drf_"):
        return get_draft(work, merchant, DraftId(name)).source
    return get_version(work, merchant, parse_version(name)).source


def parse_version(text: str) -> ConfigurationVersion:
    """The version number in a path. Raises `NotFound` for any other text."""
    if not _is_number(text):
        raise NotFound("There is no such version of this merchant's configuration.")
    return ConfigurationVersion(int(text))


def _version_in(text: str, name: str) -> ConfigurationVersion:
    if not _is_number(text):
        raise InvalidDocument([Problem(name, "expected a cursor from an answer.")])
    return ConfigurationVersion(int(text))


def _is_number(text: str) -> bool:
    return text.isascii() and text.isdigit() and len(text) <= VERSION_DIGITS


def as_version(number: int | None) -> ConfigurationVersion | None:
    """The version of this number; None without a number."""
    return None if number is None else ConfigurationVersion(number)


OPERATIONS = (
    Operation(
        "GET",
        "/configuration",
        show_configuration,
        "showConfiguration",
        "Show what is published",
        "The version that counts now.",
        "The version.",
        examples=VERSION,
        refusals=(NOT_FOUND,),
    ),
    Operation(
        "POST",
        "/configuration",
        publish_configuration,
        "publishConfiguration",
        "Publish a configuration",
        "Checks it in full, stores the next version, and makes it count at once in every process.",
        "It counts.",
        status=201,
        body_examples=_SENT,
        examples=PUBLISHED_VERSION,
        refusals=(INVALID, CONFLICT),
    ),
    Operation(
        "POST",
        "/configuration/check",
        check_configuration,
        "checkConfiguration",
        "Check a configuration",
        "Says everything that stands in the way of publishing it, or what it warns of. Stores "
        "nothing.",
        "It was checked.",
        body_examples=_SENT,
        examples=CHECKED,
        refusals=(INVALID,),
    ),
    Operation(
        "GET",
        "/configuration/diff",
        compare_configurations,
        "compareConfigurations",
        "Compare two configurations",
        "What is different, in settings and in lines.",
        "The difference.",
        parameters=(query_text("from", _COMPARED, "1"), query_text("to", _COMPARED, "published")),
        examples={"price": Example("Another price", _OTHER_PRICE)},
        refusals=(NOT_FOUND,),
    ),
    Operation(
        "GET",
        "/configuration/versions",
        list_configuration_versions,
        "listConfigurationVersions",
        "List the versions",
        "Everything that was ever published, newest first.",
        "A page of them.",
        parameters=(
            at_most("Versions per page."),
            query_text("cursor", "`nextCursor` of the page before.", "3"),
        ),
        examples={"last": Example("The last page", {"versions": [_SUMMARY], "nextCursor": None})},
        refusals=(INVALID,),
    ),
    Operation(
        "GET",
        "/configuration/versions/{version}",
        show_configuration_version,
        "showConfigurationVersion",
        "Show a version",
        "As it was published, and as JSON.",
        "The version.",
        parameters=(_VERSION_NUMBER,),
        examples=VERSION,
        refusals=(NOT_FOUND,),
    ),
    Operation(
        "POST",
        "/configuration/versions/{version}/roll-back",
        roll_back_configuration,
        "rollBackConfiguration",
        "Roll back to a version",
        "Publishes its text again, as a new version. An old one that this release does "
        "not accept any more is refused with its problems.",
        "It counts again.",
        status=201,
        parameters=(_VERSION_NUMBER,),
        body_examples={"seen": Example("With what is published as it was seen", {"onTopOf": 3})},
        examples=PUBLISHED_VERSION,
        refusals=(INVALID, NOT_FOUND, CONFLICT),
    ),
)
