"""The document is valid, complete and true."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import falcon.inspect
import httpx
import jsonschema_rs
import pytest
import schemathesis

from orderguard.domain.configuration import ChargeMethod
from orderguard.domain.eligibility_reason import EligibilityReason
from orderguard.http.openapi.document import openapi_document
from orderguard.settings import Settings
from orderguard.wiring import wire_server
from tests.support.shop import RunningServer, Shop

DOCUMENT: dict[str, Any] = openapi_document()
SCHEMAS: dict[str, Any] = DOCUMENT["components"]["schemas"]
NOT_YET_DESCRIBED = "/api/"
"""The order routes, until they bring their descriptions; then this goes, and a test says so."""

ANALYZE = DOCUMENT["paths"]["/v1/analyze"]["post"]


def operations() -> Iterator[tuple[str, str, dict[str, Any]]]:
    for path, methods in DOCUMENT["paths"].items():
        for method, operation in methods.items():
            yield path, method, operation


def validator(schema: dict[str, Any]) -> Any:
    """A validator of a schema that may refer to the document's components."""
    return jsonschema_rs.validator_for(
        {"$schema": "https://json-schema.org/draft/2020-12/schema"}
        | schema
        | {"components": DOCUMENT["components"]}
    )


def contents(node: Any) -> Iterator[dict[str, Any]]:
    """Every body of a request or an answer."""
    if isinstance(node, dict):
        yield from node.get("content", {}).values()
        for member in node.values():
            yield from contents(member)


def examples() -> list[Any]:
    found = [*contents(DOCUMENT["paths"]), *contents(DOCUMENT["components"]["responses"])]
    return [
        pytest.param(content["schema"], example["value"], id=example["summary"])
        for content in found
        for example in content.get("examples", {}).values()
    ]


def references(node: Any) -> Iterator[str]:
    if isinstance(node, dict):
        if isinstance(node.get("$ref"), str):
            yield node["$ref"]
        for member in node.values():
            yield from references(member)
    elif isinstance(node, list):
        for item in node:
            yield from references(item)


def unnamed(path: str) -> str:
    """A path without the names of its parameters, which differ inside and outside."""
    return re.sub(r"\{[^}]*\}", "{}", path)


def test_the_document_is_valid_openapi_3_1() -> None:
    schemathesis.openapi.from_dict(DOCUMENT).validate()

    assert "3.1.0" == DOCUMENT["openapi"]


def test_every_schema_is_valid_json_schema() -> None:
    for schema in SCHEMAS.values():
        jsonschema_rs.meta.validate(
            {"$schema": "https://json-schema.org/draft/2020-12/schema"} | schema
        )


def test_every_reference_leads_somewhere() -> None:
    for reference in set(references(DOCUMENT)):
        target: Any = DOCUMENT
        for step in reference.removeprefix("#/").split("/"):
            target = target[step]


def test_operation_ids_are_unique() -> None:
    ids = [operation["operationId"] for _, _, operation in operations()]

    assert sorted(set(ids)) == sorted(ids)


def test_every_route_is_described_and_every_described_route_exists(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path / 'orderguard.db'}"
    edge: Any = wire_server(Settings(database_url=url)).application
    routes = falcon.inspect.inspect_routes(edge._application)
    served = {
        (unnamed(route.path), method.method)
        for route in routes
        for method in route.methods
        if not method.internal and method.method != "HEAD"  # a GET without its body
        if not route.path.startswith(NOT_YET_DESCRIBED)
    }

    described = {
        (unnamed(path), method.upper())
        for path, method, _ in operations()
        if method != "options"  # the edge answers those, not a route
    }
    assert served == described


def test_what_is_not_yet_described_is_not_described() -> None:
    assert [] == [path for path in DOCUMENT["paths"] if path.startswith(NOT_YET_DESCRIBED)]


def test_every_path_of_the_offers_describes_its_preflight() -> None:
    paths = {path for path in DOCUMENT["paths"] if path.startswith(("/v1", "/storefront/v1"))}

    assert 4 == len(paths)
    assert all("options" in DOCUMENT["paths"][path] for path in paths)


def test_both_prefixes_are_described_alike() -> None:
    def told(path: str) -> Any:
        return [
            {name: value for name, value in operation.items() if name in ("responses", "security")}
            for operation in DOCUMENT["paths"][path].values()
        ]

    assert told("/v1/analyze") == told("/storefront/v1/analyze")
    assert told("/v1/session/{sessionId}") == told("/storefront/v1/session/{sessionId}")


def test_every_field_and_every_parameter_is_described() -> None:
    silent = [
        f"{name}.{field}"
        for name, schema in SCHEMAS.items()
        for field, member in schema.get("properties", {}).items()
        if not _description(member)
    ]

    assert [] == silent


def _description(schema: dict[str, Any]) -> str:
    options = [option for option in schema.get("anyOf", ()) if option.get("type") != "null"]
    if "$ref" in schema:
        schema = schema | SCHEMAS[schema["$ref"].rsplit("/", 1)[1]]
    return schema.get("description") or (_description(options[0]) if options else "")


def test_reasons_are_listed_in_order_of_precedence_with_what_to_do() -> None:
    reason = SCHEMAS["EligibilityReason"]

    assert [each.value for each in EligibilityReason] == reason["enum"]
    assert len(reason["enum"]) == len(reason["x-enum-descriptions"]) == len(reason["x-what-to-do"])


def test_nothing_in_the_document_points_to_our_own_papers() -> None:
    text = json.dumps(DOCUMENT)

    assert "(contract" not in text
    assert "(brief" not in text
    assert "Wire" not in text


@pytest.mark.parametrize(("schema", "value"), examples())
def test_examples_validate_against_their_schema(schema: dict[str, Any], value: Any) -> None:
    assert [] == [error.message for error in validator(schema).iter_errors(value)]


@pytest.mark.parametrize(
    ("name", "expected"),
    [("complete", "eligible"), ("shortest", "eligible"), ("tolerated", "ineligible")],
)
def test_the_example_requests_get_the_example_answers(
    running_server: RunningServer, name: str, expected: str
) -> None:
    shop = running_server.a_shop(limits={"USD": {"subtotal_minimum": 1000}})
    content = ANALYZE["requestBody"]["content"]["application/json"]
    answers = ANALYZE["responses"]["200"]["content"]["application/json"]["examples"]

    answer = shop.post(content["examples"][name]["value"]).json()

    session = {"sessionId": answer["sessionId"]}
    assert answers[expected]["value"] | session == answer


def test_the_example_session_is_what_a_session_looks_like(shop: Shop) -> None:
    operation = DOCUMENT["paths"]["/v1/session/{sessionId}"]["get"]
    content = operation["responses"]["200"]["content"]["application/json"]

    shown = shop.session(shop.analyze()["sessionId"]).json()

    own = {name: shown[name] for name in ("sessionId", "createdAt", "updatedAt")}
    assert content["examples"]["eligible"]["value"] | own == shown


def test_an_offer_with_a_price_but_no_mode_is_outside_the_schema() -> None:
    content = ANALYZE["responses"]["200"]["content"]["application/json"]
    offer = content["examples"]["eligible"]["value"]
    without_mode = {name: value for name, value in offer.items() if name != "mode"}

    assert validator(content["schema"]).is_valid(offer)
    assert not validator(content["schema"]).is_valid(without_mode)


def test_a_product_charge_fits_the_schema(running_server: RunningServer) -> None:
    shop = running_server.a_shop(
        charge_method=ChargeMethod.PRODUCT_LINE_ITEM,
        charge_product={"id": "gid-1", "handle": "order-protection"},
    )
    schema = ANALYZE["responses"]["200"]["content"]["application/json"]["schema"]

    assert [] == list(validator(schema).iter_errors(shop.analyze()))


def test_the_refusals_really_look_as_described(shop: Shop) -> None:
    client = shop.running.client()
    refusals = {
        "InvalidRequest": shop.http.post("/v1/analyze", content=b"["),
        "Unauthorized": client.post("/v1/analyze", json={}),
        "SessionNotFound": shop.session("lop_00000000000000000000"),
        "NotFound": client.get("/v1/nowhere"),
        "MethodNotAllowed": client.get("/v1/analyze"),
    }
    for name, response in refusals.items():
        described = DOCUMENT["components"]["responses"][name]
        content = described["content"]["application/json"]

        assert described["x-status"] == response.status_code
        assert described["x-code"] == response.json()["error"]["code"]
        assert [] == list(validator(content["schema"]).iter_errors(response.json()))
        assert set() == {header.lower() for header in described["headers"]} - set(response.headers)


def test_a_reader_who_has_the_document_is_not_sent_it_again(
    running_server: RunningServer,
) -> None:
    client: httpx.Client = running_server.client()
    first = client.get("/openapi.json")

    again = client.get("/openapi.json", headers={"If-None-Match": first.headers["etag"]})

    assert DOCUMENT == first.json()
    assert "max-age" in first.headers["cache-control"]
    assert (304, b"") == (again.status_code, again.content)
