"""A client generated from /openapi.json: it sends what the document allows, and what it forbids.

Every answer is checked for its status, headers, media type and body. What the document allows must
be accepted, what it forbids must be refused.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import cache
from itertools import count
from typing import Any

import jsonschema_rs
import pytest
import requests
import schemathesis
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis.internal.conjecture import providers
from requests.adapters import HTTPAdapter
from schemathesis import APIOperation, Case, GenerationMode, Response
from schemathesis.specs.openapi.checks import (
    negative_data_rejection,
    positive_data_acceptance,
    response_schema_conformance,
)
from urllib3.util import Retry

from orderguard.domain.iso4217 import EXPONENTS
from orderguard.domain.orders.order_bounds import WORDS_OF_LINES
from orderguard.http.wire.amounts import NOISE
from orderguard.running.wiring_backstage import API
from tests.support.shop import RunningServer, Shop

EXAMPLES = 40
EXAMPLES_OF_AN_ORDER = 20
"""Orders are large, and each is written to the disk."""
EXAMPLES_FOR_ADMINISTRATORS = 15
EXAMPLES_OF_AN_ALIAS = 5
"""The same handler under another path."""

NUMBERS = count(1)

EVERY_OPERATION = [
    pytest.param(method, path, id=f"{method.upper()} {path}")
    for path, methods in API.document["paths"].items()
    for method in methods
]
ADMIN_OPERATIONS = [each for each in EVERY_OPERATION if str(each.values[1]).startswith("/admin/")]
OPERATIONS = [each for each in EVERY_OPERATION if each not in ADMIN_OPERATIONS]
REFUSING = [
    pytest.param(method, path, id=f"{method.upper()} {path}")
    for path, method in (
        ("/v1/analyze", "post"),
        ("/storefront/v1/analyze", "post"),
        ("/v1/session/{sessionId}", "get"),
        ("/storefront/v1/session/{sessionId}", "get"),
        ("/api/v1/orders", "post"),
        ("/api/v1/orders", "put"),
        ("/api/v1/orders/{id}", "put"),
        ("/api/2026-10/orders", "post"),
        ("/api/2026-10/orders", "put"),
    )
]


@pytest.fixture(scope="module", autouse=True)
def _the_same_cases_in_every_process() -> Iterator[None]:
    """Hypothesis also takes constants from the modules that happen to be imported so far."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(providers, "_get_local_constants", providers.Constants)
        yield


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
def http(shop: Shop) -> Iterator[requests.Session]:
    with a_patient_client() as session:
        session.headers["X-Authorization"] = shop.issue_key("cart", "orders").text
        yield session


@pytest.mark.parametrize(("method", "path"), OPERATIONS)
def test_what_the_document_allows_is_accepted(
    shop: Shop, http: requests.Session, method: str, path: str
) -> None:
    world = World(shop, http)
    statuses = set()

    def attempt(case: Case) -> None:
        world.fit(case)
        answer = case.call_and_validate(session=http)
        statuses.add(answer.status_code)

    for_each_case(operation_of(shop, method, path), GenerationMode.POSITIVE, attempt)

    assert statuses & {200, 201, 204}


@pytest.mark.parametrize(("method", "path"), ADMIN_OPERATIONS)
def test_the_admin_api_answers_as_the_document_says(shop: Shop, method: str, path: str) -> None:
    """Names of what there is are not generated, so most answers are refusals; none may surprise."""

    def attempt(case: Case) -> None:
        case.call_and_validate(session=session, excluded_checks=[positive_data_acceptance])

    with a_patient_client() as session:
        session.headers["X-Authorization"] = shop.issue_key("admin").text
        for_each_case(operation_of(shop, method, path), GenerationMode.POSITIVE, attempt)


@pytest.mark.parametrize(("method", "path"), REFUSING)
def test_what_the_document_forbids_is_refused(
    shop: Shop, http: requests.Session, method: str, path: str
) -> None:
    world = World(shop, http)

    def attempt(case: Case) -> None:
        if path.startswith("/api/"):
            world.name_what_exists(case)
        answer: Response = case.call(session=http)
        excluded = [negative_data_rejection]
        if path.startswith("/api/") and answer.status_code < 300:
            # An order is answered as it was pushed, with optional members that say nothing to us.
            excluded.append(response_schema_conformance)
        case.validate_response(answer, excluded_checks=excluded)
        if not (isinstance(case.body, dict) and is_allowed(method, path, case.body)):
            case.validate_response(answer, checks=[negative_data_rejection])

    for_each_case(operation_of(shop, method, path), GenerationMode.NEGATIVE, attempt)


def test_refunds_that_are_no_list_are_refused(shop: Shop, http: requests.Session) -> None:
    """Found by a generated client that sent a number; a 500 before the merge let it through."""
    order = an_accepted_order() | {"refunds": 5}

    answer = http.post(f"{shop.running.url}/api/v1/orders", json=order)

    assert 422 == answer.status_code


def a_patient_client() -> requests.Session:
    """A client that does what the document asks: it tries again when the server is busy (503), or
    had just closed the connection, which stood idle while the next request was made up."""
    session = requests.Session()
    again = Retry(total=5, backoff_factor=0.2, status_forcelist=[503], allowed_methods=None,
                  raise_on_status=False)  # fmt: skip
    session.mount("http://", HTTPAdapter(max_retries=again))
    return session


class World:
    """What there is for a generated request to name: a session, an order, a coverage."""

    def __init__(self, shop: Shop, http: requests.Session) -> None:
        self.session_id = shop.analyze()["sessionId"]
        self._orders = f"{shop.running.url}/api/v1/orders"
        self._http = http
        self._order = self._push()

    def fit(self, case: Case) -> None:
        """Make a generated request obey what no schema can say."""
        is_order = case.path.startswith("/api/")
        if isinstance(case.body, dict):
            agree = orders_in_agreement if is_order else in_agreement
            case.body = agree(case.body, self.session_id)
        if is_order and case.query:
            case.query.pop("cursor", None)
            if "order_id" in case.query:
                case.query["order_id"] = self._order["id"]
        if case.method == "DELETE":
            self._order = self._push()
        self.name_what_exists(case)

    def name_what_exists(self, case: Case) -> None:
        """Have the path name something that is there."""
        coverage = self._order["coverages"][0]
        there = {
            "sessionId": self.session_id,
            "id": (coverage if "/coverages/" in case.path else self._order)["id"],
            "external_id": self._order["external_id"],
        }
        for name in case.path_parameters or ():
            case.path_parameters[name] = there[name]

    def _push(self) -> dict[str, Any]:
        order = an_accepted_order() | {"external_id": f"generated-{next(NUMBERS)}"}
        answer = self._http.put(self._orders, json=order)
        assert 201 == answer.status_code, answer.text
        pushed: dict[str, Any] = answer.json()["order"]
        return pushed


def an_accepted_order() -> dict[str, Any]:
    paths = API.document["paths"]
    body = paths["/api/v1/orders"]["put"]["requestBody"]["content"]["application/json"]
    order: dict[str, Any] = body["examples"]["accepted"]["value"]
    return order


def operation_of(shop: Shop, method: str, path: str) -> APIOperation:
    operation: APIOperation = document_of(shop.running.url)[path][method]
    return operation


@cache
def document_of(url: str) -> Any:
    return schemathesis.openapi.from_url(f"{url}/openapi.json")


def for_each_case(operation: APIOperation, mode: GenerationMode, attempt: Any) -> None:
    """Attempt so many generated cases, the same ones in every run."""
    examples = EXAMPLES_OF_AN_ORDER if operation.path.startswith("/api/") else EXAMPLES
    if operation.path.startswith("/admin/"):
        examples = EXAMPLES_FOR_ADMINISTRATORS
    if "x-same-as" in operation.definition.raw:
        examples = EXAMPLES_OF_AN_ALIAS
    run = settings(
        max_examples=examples,
        phases=[Phase.generate, Phase.shrink],
        suppress_health_check=list(HealthCheck),
    )
    run(given(case=operation.as_strategy(generation_mode=mode))(attempt))()


def in_agreement(body: dict[str, Any], session_id: str) -> dict[str, Any]:
    """The body made to obey what no schema can say: one currency, one country, a known session."""
    if body.get("sessionId") is not None:
        body["sessionId"] = session_id
    currency = body["cart"]["currencyCode"]
    for member in (body, body["cart"]):
        agree_on_country(member.get("region"))
    for found in objects(body["cart"]):
        if found.get("currencyCode") is not None:
            found["currencyCode"] = currency
    return body


def orders_in_agreement(body: dict[str, Any], session_id: str) -> dict[str, Any]:
    """An order made to obey what no schema can say.

    It has an id of its own and one currency, with as many decimals; a fee with modes takes nothing
    off; and money in minor units is not written 498.0, which JSON Schema would let pass.
    """
    if "external_id" in body:
        body["external_id"] = f"generated-{next(NUMBERS)}"
    for entry in body.get("metadata") or ():
        if entry["key"] == "session_id":
            entry["value"] = session_id
    for fee in body.get("fees") or ():
        if fee.get("accepted_offer_mode"):
            fee["amount"]["amount"] = 4_98
    for found in objects(body):
        if isinstance(found.get("currency_code"), str) and "amount" in found:
            found["currency_code"] = "USD"
        if is_plain_amount(found.get("amount")):  # without a currency, it is in the order's
            found["amount"] = plain(found["amount"])
    return body


def is_plain_amount(value: Any) -> bool:
    if isinstance(value, str):
        return re.fullmatch(r"-?[0-9]+(\.[0-9]+)?", value) is not None
    return isinstance(value, int | float) and not isinstance(value, bool)


def plain(amount: Any) -> Any:
    """An amount of an order as it may be written in dollars."""
    if isinstance(amount, str):
        whole, _, fraction = amount.partition(".")
        sign, digits = ("-", whole[1:]) if whole[0] == "-" else ("", whole)
        return f"{sign}{digits[-9:]}" + (f".{fraction[:2]}" if fraction else "")
    return round(amount)


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
        cart.pop("id", None)
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


def is_allowed(method: str, path: str, body: dict[str, Any]) -> bool:
    """Whether the body is within the schema, as it is read."""
    read = partly_pushed(body, path) if path.startswith("/api/") else as_it_is_read(body)
    return validator_of(method, path).is_valid(read)


@cache
def validator_of(method: str, path: str) -> jsonschema_rs.Draft202012Validator:
    document = API.document
    content = document["paths"][path][method]["requestBody"]["content"]
    schema = content["application/json"]["schema"] | {"components": document["components"]}
    return jsonschema_rs.Draft202012Validator(schema)


def without(names: tuple[str, ...], line: Any) -> Any:
    if not isinstance(line, dict):
        return line
    return {name: value for name, value in line.items() if name not in names}


def partly_pushed(body: dict[str, Any], path: str) -> dict[str, Any]:
    """The order without what means nothing.

    Words that decide about exclusions alone are left out when they are no words, and null is as
    good as absent where all may be absent.
    """
    body = dict(body)
    lines = body.get("line_items")
    if isinstance(lines, list):
        body["line_items"] = [without(WORDS_OF_LINES, line) for line in lines]
    if "{id}" not in path:
        return body
    return {name: value for name, value in body.items() if value is not None}
