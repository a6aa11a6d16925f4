"""The document is valid, complete and true."""

from __future__ import annotations

import copy
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

from orderguard.domain.configuration.configuration import ChargeMethod
from orderguard.domain.configuration.json_schema import configuration_schema
from orderguard.domain.eligibility_reason import EligibilityReason
from orderguard.domain.errors import StorageUnavailable
from orderguard.http.openapi.examples import SESSION_ID
from orderguard.running.wiring import wire_server
from orderguard.running.wiring_backstage import API
from orderguard.settings import Settings
from tests.support.shop import RunningServer, Shop

DOCUMENT: dict[str, Any] = API.document
SCHEMAS: dict[str, Any] = DOCUMENT["components"]["schemas"]

ANALYZE = DOCUMENT["paths"]["/v1/analyze"]["post"]
PRICES = {
    "returnCoverage": [{"base": {"USD": 2_50}}],
    "shippingProtection": [{"base": {"USD": 2_00}}],
}
"""Of the examples."""
VERSIONS = ("/api/v1", "/api/2026-07", "/api/2026-10")
OWN = {"id", "order_id", "at", "by"}
"""What no example can know beforehand."""


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


def schemas(node: Any, place: str = "") -> Iterator[tuple[str, dict[str, Any]]]:
    """Every object of the document with its place, without the examples."""
    if isinstance(node, list):
        for index, each in enumerate(node):
            yield from schemas(each, f"{place}/{index}")
    elif isinstance(node, dict):
        yield place, node
        for name, each in node.items():
            if name not in ("example", "examples"):
                yield from schemas(each, f"{place}/{name}")


def test_the_document_says_nothing_that_generators_of_clients_cannot_read() -> None:
    """A list of what, a default of null, or members beside `$ref`: each makes one of them fail."""
    found = [
        place
        for place, node in schemas(DOCUMENT)
        if (node.get("type") == "array" and "items" not in node)
        or ("default" in node and node["default"] is None)
        or ("$ref" in node and len(node) > 1)
    ]

    assert [] == found


def test_operation_ids_are_unique() -> None:
    ids = [operation["operationId"] for _, _, operation in operations()]

    assert sorted(set(ids)) == sorted(ids)


def test_every_route_is_described_and_every_described_route_exists(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path / 'orderguard.db'}"
    backstage: Any = wire_server(Settings(database_url=url)).backstage
    halves = (backstage._front, backstage._build())
    routes = [route for half in halves for route in falcon.inspect.inspect_routes(half)]
    served = {
        (unnamed(route.path), method.method)
        for route in routes
        if not route.path.startswith(("/console", "/docs/"))  # for people
        if not route.path.endswith("/")  # the same again, for those who write the slash
        for method in route.methods
        if not method.internal and method.method != "HEAD"  # a GET without its body
    }

    described = {
        (unnamed(path), method.upper())
        for path, method, _ in operations()
        if method != "options"  # the edge answers those, not a route
    }
    assert served == described


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
    limits = {"USD": {"subtotal_minimum": 1000}}
    shop = running_server.a_shop(limits=limits, pricing=PRICES)
    content = ANALYZE["requestBody"]["content"]["application/json"]
    answers = ANALYZE["responses"]["200"]["content"]["application/json"]["examples"]

    answer = shop.post(content["examples"][name]["value"]).json()

    session = {"sessionId": answer["sessionId"]}
    assert answers[expected]["value"] | session == answer


def test_the_example_session_is_what_a_session_looks_like(running_server: RunningServer) -> None:
    shop = running_server.a_shop(pricing=PRICES)
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


@pytest.fixture
def backend(running_server: RunningServer) -> Backend:
    return Backend(running_server.a_shop(pricing=PRICES))


class Backend:
    """A shop's backend that acts as the examples say, in a session of its own."""

    def __init__(self, shop: Shop) -> None:
        complete = ANALYZE["requestBody"]["content"]["application/json"]["examples"]["complete"]
        self.session = shop.post(complete["value"]).json()["sessionId"]
        self.http = shop.running.client(**{"X-Authorization": shop.issue_key("orders").text})

    def sent(self, path: str, method: str, name: str) -> Any:
        body = DOCUMENT["paths"][path][method]["requestBody"]["content"]["application/json"]
        return self.in_session(body["examples"][name]["value"])

    def expected(self, path: str, method: str, status: int, name: str) -> Any:
        response = DOCUMENT["paths"][path][method]["responses"][str(status)]
        return self.in_session(response["content"]["application/json"]["examples"][name]["value"])

    def in_session(self, value: Any) -> Any:
        return json.loads(json.dumps(value).replace(SESSION_ID, self.session))


def with_its_own(expected: Any, shown: Any) -> Any:
    """The example with the ids, instants and keys that are really there."""
    if isinstance(expected, dict) and isinstance(shown, dict):
        return {
            name: shown[name]
            if name in OWN and name in shown
            else with_its_own(member, shown.get(name))
            for name, member in expected.items()
        }
    if isinstance(expected, list) and isinstance(shown, list) and len(expected) == len(shown):
        return [with_its_own(*each) for each in zip(expected, shown, strict=True)]
    return expected


@pytest.mark.parametrize("base", VERSIONS)
@pytest.mark.parametrize("method", ["post", "put"])
@pytest.mark.parametrize("name", ["accepted", "declined"])
def test_the_example_orders_get_the_example_answers(
    backend: Backend, base: str, method: str, name: str
) -> None:
    path = f"{base}/orders"

    answer = backend.http.request(method, path, json=backend.sent(path, method, name))

    assert 201 == answer.status_code, answer.text
    expected = backend.expected(path, method, 201, name)
    assert with_its_own(expected, answer.json()) == answer.json()


@pytest.mark.parametrize("base", VERSIONS)
def test_the_examples_of_an_order_are_true_from_first_to_last(backend: Backend, base: str) -> None:
    http, orders, coverages = backend.http, f"{base}/orders", f"{base}/coverages"
    created = http.put(orders, json=backend.sent(orders, "put", "accepted")).json()["order"]
    order_id, coverage_id = created["id"], created["coverages"][0]["id"]
    one, external = f"{orders}/{{id}}", f"{orders}/external/{{external_id}}"

    def told(path: str, method: str, status: int, name: str, answer: httpx.Response) -> None:
        shown = answer.json()
        if "coverages" in shown:  # which come in the order of their random ids
            shown["coverages"].sort(key=lambda coverage: coverage["mode"])
        assert status == answer.status_code
        assert with_its_own(backend.expected(path, method, status, name), shown) == shown

    again = http.put(orders, json=backend.sent(orders, "put", "accepted"))
    told(orders, "put", 200, "accepted", again)
    told(orders, "get", 200, "last", http.get(orders))
    told(one, "get", 200, "accepted", http.get(f"{orders}/{order_id}"))
    told(external, "get", 200, "accepted", http.get(f"{orders}/external/10293"))
    told(coverages, "get", 200, "last", http.get(coverages))
    told(coverages, "get", 200, "last", http.get(coverages, params={"order_id": order_id}))
    told(f"{coverages}/{{id}}", "get", 200, "active", http.get(f"{coverages}/{coverage_id}"))
    change = backend.sent(one, "put", "cancelled")
    told(one, "put", 200, "cancelled", http.put(f"{orders}/{order_id}", json=change))
    assert 204 == http.delete(f"{orders}/{order_id}").status_code
    assert 404 == http.get(f"{orders}/external/10293").status_code


def test_only_the_latest_version_demands_the_date(backend: Backend) -> None:
    for method in ("post", "put"):
        order = backend.sent("/api/v1/orders", method, "declined")
        del order["created_at"]
        for base in VERSIONS:
            body = DOCUMENT["paths"][f"{base}/orders"][method]["requestBody"]
            schema = body["content"]["application/json"]["schema"]
            order["external_id"] = f"{method} {base}"

            is_accepted = (
                201 == backend.http.request(method, f"{base}/orders", json=order).status_code
            )
            assert (base != "/api/2026-10") == is_accepted
            assert is_accepted == validator(schema).is_valid(order)


def test_ids_are_strings_for_those_who_ask(backend: Backend) -> None:
    order = backend.sent("/api/v1/orders", "put", "accepted")
    headers = {"X-Loop-Global-Identifier-Type": "string"}
    schema = DOCUMENT["paths"]["/api/v1/orders"]["put"]["responses"]["201"]["content"]

    answer = backend.http.put("/api/v1/orders", json=order, headers=headers).json()

    assert isinstance(answer["order"]["id"], str)
    assert [] == list(validator(schema["application/json"]["schema"]).iter_errors(answer))


def test_the_refusals_of_orders_are_those_of_the_examples(
    backend: Backend, shop: Shop, monkeypatch: pytest.MonkeyPatch
) -> None:
    orders = "/api/v1/orders"
    bad = backend.sent(orders, "post", "declined")
    bad["line_items"][0]["quantity"] = -1
    limited = shop.issue_key("orders", requests_per_minute=1).text
    backend.http.get(orders, headers={"X-Authorization": limited})
    refusals = {
        "OrderNotJson": backend.http.post(orders, content=b"[]"),
        "OrdersUnauthorized": shop.http.get(orders),
        "OrderNotFound": backend.http.get(f"{orders}/1"),
        "CoverageNotFound": backend.http.get("/api/v1/coverages/1"),
        "Unprocessable": backend.http.post(orders, json=bad),
        "OrdersRateLimited": backend.http.get(orders, headers={"X-Authorization": limited}),
    }
    monkeypatch.setattr("orderguard.http.orders.list_orders", _failing(ZeroDivisionError()))
    refusals["OrdersCrashed"] = backend.http.get(orders)
    monkeypatch.setattr(
        "orderguard.http.orders.list_orders", _failing(StorageUnavailable("The disk is gone."))
    )
    refusals["OrdersUnavailable"] = backend.http.get(orders)

    responses = DOCUMENT["components"]["responses"]
    assert set(refusals) == {
        name for name, each in responses.items() if each["x-family"] == "Orders"
    }
    for name, answer in refusals.items():
        described = responses[name]
        [example] = described["content"]["application/json"]["examples"].values()
        expected = copy.deepcopy(example["value"])
        if "requestId" in expected:
            expected["requestId"] = answer.headers["x-request-id"]
        if name == "OrdersRateLimited":
            expected["error"]["message"] = answer.json()["error"]["message"]

        assert (described["x-status"], expected) == (answer.status_code, answer.json())
        assert set() == {header.lower() for header in described["headers"]} - set(answer.headers)


def _failing(error: Exception) -> Any:
    def fail(*_: object, **__: object) -> None:
        raise error

    return fail


@pytest.mark.parametrize(
    ("path", "document"),
    [("/openapi.json", DOCUMENT), ("/schemas/configuration.json", configuration_schema())],
)
def test_a_reader_who_has_the_document_is_not_sent_it_again(
    running_server: RunningServer, path: str, document: dict[str, Any]
) -> None:
    client: httpx.Client = running_server.client()
    first = client.get(path)

    again = client.get(path, headers={"If-None-Match": first.headers["etag"]})

    assert document == first.json()
    assert "max-age" in first.headers["cache-control"]
    assert (304, b"") == (again.status_code, again.content)
