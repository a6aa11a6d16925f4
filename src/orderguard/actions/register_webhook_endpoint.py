"""Register, disable, enable or remove a webhook endpoint."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace

import idna

from orderguard.actions.find_merchant import get_merchant
from orderguard.actions.ports.unit_of_work import Database, UnitOfWork
from orderguard.domain.errors import AlreadyExists, NotFound
from orderguard.domain.ids import MerchantId
from orderguard.domain.people.audit import Change
from orderguard.domain.webhooks.webhook import (
    DisabledBecause,
    WebhookEndpoint,
    WebhookEndpointId,
    WebhookSecret,
    parse_event_types,
)
from orderguard.domain.webhooks.webhook_target import (
    IpAddress,
    TargetRefused,
    check_addresses,
    parse_target,
)

Resolve = Callable[[str, int], Sequence[IpAddress]]
"""All addresses of a host; none when there are none."""

ENDPOINTS_AT_MOST = 20
"""The most endpoints of one merchant: every event is delivered to each of them."""


class TooManyEndpoints(AlreadyExists):
    """The merchant has the maximum number of endpoints, `ENDPOINTS_AT_MOST`."""

    def __init__(self) -> None:
        super().__init__(
            f"This merchant has {ENDPOINTS_AT_MOST} webhook endpoints, and no more may be. Remove "
            "one, or let one endpoint pass the events on."
        )


def register_webhook_endpoint(
    database: Database,
    merchant: str,
    url: str,
    *,
    event_types: Iterable[str] = (),
    new_id: WebhookEndpointId,
    secret: WebhookSecret,
    resolve: Resolve,
    allows_private: bool,
    change: Change,
) -> WebhookEndpoint:
    """Register an endpoint, which receives events from now on.

    Raises `TargetRefused` for a URL that is not allowed, `Malformed` for an unknown event type,
    `NotFound` for the merchant, and `TooManyEndpoints`. The addresses of the host are checked again
    at every attempt, because its owner can change them.
    """
    target = parse_target(url, allows_private=allows_private)
    check_encoded_name(target.host)
    if not allows_private:
        check_addresses(target.host, resolve(target.host, target.port), allows_private=False)
    types = parse_event_types(event_types)
    with database.begin() as work:
        owner = get_merchant(work, merchant).id
        work.merchants.lock(owner)
        if len(work.webhook_endpoints.of_merchant(owner)) >= ENDPOINTS_AT_MOST:
            raise TooManyEndpoints
        endpoint = WebhookEndpoint(
            id=new_id,
            merchant=owner,
            url=target.url,
            event_types=types,
            created_at=change.at,
        )
        work.webhook_endpoints.add(endpoint, secret)
        work.audit.record(
            endpoint.merchant,
            change=change,
            action="webhook_endpoint.registered",
            subject=endpoint.id,
            after=_audited(endpoint),
        )
    return endpoint


def check_encoded_name(host: str) -> None:
    """Raises `TargetRefused` for an `xn--` name that is not valid Punycode.

    httpx, which sends, decodes the host with the same library, and would raise at every attempt.
    """
    if not any(label.startswith("xn--") for label in host.split(".")):
        return
    try:
        idna.decode(host)
    except (idna.IDNAError, ValueError, IndexError):
        raise TargetRefused(
            f"{host[:80]} is not a host name: what follows xn-- must be a name in Punycode, such "
            "as xn--mnchen-3ya.example for münchen.example."
        ) from None


def get_webhook_endpoint(
    work: UnitOfWork, id_: str, *, within: MerchantId | None = None
) -> WebhookEndpoint:
    """The endpoint with this id, of the merchant `within`; None, for the operator, is any.

    Raises `NotFound`.
    """
    endpoint = work.webhook_endpoints.find_anywhere(WebhookEndpointId(id_))
    if endpoint is None or within not in (None, endpoint.merchant):
        raise NotFound(
            f'No webhook endpoint with id "{id_}". '
            "List them with: orderguard webhooks list MERCHANT"
        )
    return endpoint


def disable_webhook_endpoint(
    database: Database, id_: str, *, within: MerchantId | None = None, change: Change
) -> WebhookEndpoint:
    """Disable an endpoint; events are kept for it meanwhile. Raises `NotFound`."""
    with database.begin() as work:
        endpoint = get_webhook_endpoint(work, id_, within=within)
        work.webhook_endpoints.disable(endpoint, DisabledBecause.ASKED, at=change.at)
        disabled = get_webhook_endpoint(work, id_)
        if disabled != endpoint:
            work.audit.record(
                endpoint.merchant,
                change=change,
                action="webhook_endpoint.disabled",
                subject=endpoint.id,
                before=_audited(endpoint),
                after=_audited(disabled),
            )
    return disabled


def enable_webhook_endpoint(
    database: Database, id_: str, *, within: MerchantId | None = None, change: Change
) -> WebhookEndpoint:
    """Enable an endpoint, and deliver the events that were kept for it. Raises `NotFound`."""
    with database.begin() as work:
        endpoint = get_webhook_endpoint(work, id_, within=within)
        enabled = replace(endpoint, disabled_at=None, disabled_because=None)
        work.webhook_endpoints.enable(endpoint, at=change.at)
        if enabled != endpoint:
            work.audit.record(
                endpoint.merchant,
                change=change,
                action="webhook_endpoint.enabled",
                subject=endpoint.id,
                before=_audited(endpoint),
                after=_audited(enabled),
            )
    return enabled


def remove_webhook_endpoint(
    database: Database, id_: str, *, within: MerchantId | None = None, change: Change
) -> WebhookEndpoint:
    """Forget the endpoint, its secret and its log. Raises `NotFound`."""
    with database.begin() as work:
        endpoint = get_webhook_endpoint(work, id_, within=within)
        work.webhook_endpoints.remove(endpoint)
        work.audit.record(
            endpoint.merchant,
            change=change,
            action="webhook_endpoint.removed",
            subject=endpoint.id,
            before=_audited(endpoint),
        )
    return endpoint


def _audited(endpoint: WebhookEndpoint) -> dict[str, object]:
    return {
        "url": endpoint.url,
        "event_types": sorted(endpoint.event_types),
        "disabled_because": endpoint.disabled_because,
    }
