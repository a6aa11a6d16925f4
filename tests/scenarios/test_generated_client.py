"""A client generated from /openapi.json: it sends what the document allows, and what it forbids.

Every answer is checked for its status, headers, media type and body. What the document allows must
be accepted, what it forbids must be refused.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import jsonschema_rs
import pytest
import requests
import schemathesis
from hypothesis import HealthCheck, Phase, given, settings
from schemathesis import APIOperation, Case, GenerationMode, Response
from schemathesis.specs.openapi.checks import negative_data_rejection

from orderguard.domain.iso4217 import EXPONENTS
from orderguard.http.openapi.document import openapi_document
from orderguard.http.wire.amounts import NOISE
from tests.support.shop import RunningServer, Shop

EXAMPLES = 150
EXAMPLES_OF_AN_ALIAS = 30
"""The same handler under another path."""

OPERATIONS = [
    pytest.param(method, path, id=f"{method.upper()} {path}")
    for path, methods in openapi_document()["paths"].items()
    for method in methods
]
REFUSING = [
    pytest.param(method, path, id=f"{method.upper()} {path}")
    for path, method in (
        ("/v1/analyze", "post"),
        ("/storefront/v1/analyze", "post"),
        ("/v1/session/{sessionId}", "get"),
        ("/storefront/v1/session/{sessionId}", "get"),
    )
]


@pytest.fixture(scope="module")
def shop(running_server: RunningServer) -> Shop:
    """A merchant who sells both modes in every currency there is."""
    base = dict.fromkeys(sorted(EXPONENTS), 2_98)
    rate = [{"rate_bps": 250, "minimum": base}]
    return running_server.a_shop(
        currencies=sorted(EXPONENTS),
        pricing={"returnCoverage": [{"base": base}], "shippingProtection": rate},
    )


@pytest.fixture(scope="module")
def http() -> Iterator[requests.Session]:
    with requests.Session() as session:
        yield session


@pytest.mark.parametrize(("method", "path"), OPERATIONS)
def test_what_the_document_allows_is_accepted(
    shop: Shop, http: requests.Session, method: str, path: str
) -> None:
    session_id = shop.analyze()["sessionId"]
    statuses = set()

    def attempt(case: Case) -> None:
        if isinstance(case.body, dict):
            case.body = in_agreement(case.body, session_id)
        if case.path_parameters:
            case.path_parameters["sessionId"] = session_id
        answer = case.call_and_validate(session=http, headers={"X-Authorization": shop.key})
        statuses.add(answer.status_code)

    for_each_case(operation_of(shop, method, path), GenerationMode.POSITIVE, attempt)

    assert statuses & {200, 204}


@pytest.mark.parametrize(("method", "path"), REFUSING)
def test_what_the_document_forbids_is_refused(
    shop: Shop, http: requests.Session, method: str, path: str
) -> None:
    def attempt(case: Case) -> None:
        headers = {"X-Authorization": shop.key}
        answer: Response = case.call_and_validate(
            session=http, headers=headers, excluded_checks=[negative_data_rejection]
        )
        if not (isinstance(case.body, dict) and is_allowed(as_it_is_read(case.body))):
            case.validate_response(answer, checks=[negative_data_rejection], headers=headers)

    for_each_case(operation_of(shop, method, path), GenerationMode.NEGATIVE, attempt)


def operation_of(shop: Shop, method: str, path: str) -> APIOperation:
    schema = schemathesis.openapi.from_url(f"{shop.running.url}/openapi.json")
    operation: APIOperation = schema[path][method]
    return operation


def for_each_case(operation: APIOperation, mode: GenerationMode, attempt: Any) -> None:
    """Attempt so many generated cases, the same ones in every run."""
    is_alias = "x-same-as" in operation.definition.raw
    run = settings(
        max_examples=EXAMPLES_OF_AN_ALIAS if is_alias else EXAMPLES,
        derandomize=True,
        database=None,
        deadline=None,
        phases=[Phase.generate, Phase.shrink],
        suppress_health_check=list(HealthCheck),
    )
    run(given(case=operation.as_strategy(generation_mode=mode))(attempt))()


def in_agreement(body: dict[str, Any], session_id: str) -> dict[str, Any]:
    """The body made to obey what no schema can say: one currency, one country, a known session.

    Also that a quantity of one is written 1: to JSON Schema, 1.0 is an integer too.
    """
    body = without_noise(body)
    if body.get("sessionId") is not None:
        body["sessionId"] = session_id
    currency = body["cart"]["currencyCode"]
    for member in (body, body["cart"]):
        agree_on_country(member.get("region"))
    for found in objects(body["cart"]):
        if found.get("currencyCode") is not None:
            found["currencyCode"] = currency
    return body


def agree_on_country(region: Any) -> None:
    if isinstance(region, dict) and "-" in (region.get("subdivision") or ""):
        _, part = region["subdivision"].split("-")
        region["subdivision"] = f"{region['country']}-{part}"


def objects(value: Any) -> Iterator[dict[str, Any]]:
    if isinstance(value, dict):
        yield value
    for member in value.values() if isinstance(value, dict) else value:
        if isinstance(member, dict | list):
            yield from objects(member)


def as_it_is_read(body: dict[str, Any]) -> dict[str, Any]:
    """The body without what the server tolerates: noise, a discount's sign, unread positions."""
    body = without_noise(body)
    cart = body.get("cart")
    if isinstance(cart, dict):
        for name in ("region", "locale", "customer", "deliveryGroups"):
            if body.get(name) is not None:
                cart.pop(name, None)
        discount = cart.get("totalDiscountAmount")
        if isinstance(discount, dict) and isinstance(discount.get("amount"), int):
            discount["amount"] = abs(discount["amount"])
    customer = body.get("customer")
    if isinstance(customer, dict) and body.get("locale") is not None:
        customer.pop("locale", None)
    return body


def without_noise(value: Any) -> Any:
    if isinstance(value, dict):
        return {name: without_noise(member) for name, member in value.items()}
    if isinstance(value, list):
        return [without_noise(item) for item in value]
    if isinstance(value, float) and abs(value - round(value)) <= NOISE:
        return round(value)
    return value


def is_allowed(body: dict[str, Any]) -> bool:
    document = openapi_document()
    content = document["paths"]["/v1/analyze"]["post"]["requestBody"]["content"]
    schema = content["application/json"]["schema"] | {"components": document["components"]}
    return jsonschema_rs.Draft202012Validator(schema).is_valid(body)
