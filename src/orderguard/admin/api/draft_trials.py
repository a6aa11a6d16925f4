"""A draft tried out: `…/price-preview` and `…/try-cart` below a draft of `/admin/v1`."""

from __future__ import annotations

from typing import Any

import msgspec
from falcon.asgi import Request, Response

from orderguard.actions.manage_drafts import get_draft
from orderguard.actions.ports import UnitOfWork
from orderguard.actions.preview_prices import preview_prices
from orderguard.actions.push_order import FindConfiguration
from orderguard.actions.try_cart import TriedCart, try_cart
from orderguard.admin.api.desk import AdminCaller, AdminDesk
from orderguard.admin.shopper_query import shopper_from_query
from orderguard.domain.cart import Cart
from orderguard.domain.draft import DraftId
from orderguard.domain.errors import InvalidDocument
from orderguard.domain.price_preview import CurrencyPreview, Shopper
from orderguard.domain.rule import ConditionCompiler
from orderguard.http.json_body import json_object
from orderguard.http.orders import write_json
from orderguard.http.request_body import read_body
from orderguard.http.wire.admin_draft_trials import price_preview_to_wire, tried_cart_to_wire
from orderguard.http.wire.cart import analysis_request_from_wire


class PricePreviewResource:
    """`GET`: what carts would pay, by the draft and by what is published."""

    def __init__(
        self, desk: AdminDesk, compiler: ConditionCompiler, find_configuration: FindConfiguration
    ) -> None:
        self._desk = desk
        self._compiler = compiler
        self._find_configuration = find_configuration

    async def on_get(self, request: Request, response: Response, draft_id: str) -> None:
        caller = await self._desk.admit(request, "price_preview")
        shopper = shopper_from_query(
            request.get_param("region") or "",
            request.get_param_as_list("group") or [],
            request.get_param("locale") or "",
            request.get_param("arm") or "",
        )
        preview = await self._desk.look(
            lambda work: self._preview(work, caller, DraftId(draft_id), shopper)
        )
        write_json(response, msgspec.to_builtins(price_preview_to_wire(preview)))

    def _preview(
        self, work: UnitOfWork, caller: AdminCaller, draft: DraftId, shopper: Shopper
    ) -> tuple[CurrencyPreview, ...]:
        source = get_draft(work, caller.merchant, draft).source
        return preview_prices(
            work,
            self._compiler,
            self._find_configuration,
            caller.merchant,
            source,
            shopper,
            clock=self._desk.clock,
        )


class TryCartResource:
    """`POST`: what the draft, and what is published, would answer to a request."""

    def __init__(
        self, desk: AdminDesk, compiler: ConditionCompiler, find_configuration: FindConfiguration
    ) -> None:
        self._desk = desk
        self._compiler = compiler
        self._find_configuration = find_configuration

    async def on_post(self, request: Request, response: Response, draft_id: str) -> None:
        caller = await self._desk.admit(request, "try_cart")
        document = json_object(await read_body(request, request.scope["orderguard"]))
        arm = request.get_param("arm")
        wanted, notes = analysis_request_from_wire(document, request_id="")
        tried = await self._desk.look(
            lambda work: self._try(work, caller, DraftId(draft_id), wanted.cart, arm)
        )
        answer = tried_cart_to_wire(tried, notes)
        if answer is None:
            raise InvalidDocument(list(tried.problems))
        write_json(response, msgspec.to_builtins(answer))

    def _try(
        self, work: UnitOfWork, caller: AdminCaller, draft: DraftId, cart: Cart, arm: str | None
    ) -> TriedCart:
        source = get_draft(work, caller.merchant, draft).source
        return try_cart(
            work, self._compiler, self._find_configuration, caller.merchant, source, cart, arm=arm
        )


def draft_trial_resources(
    desk: AdminDesk, compiler: ConditionCompiler, find_configuration: FindConfiguration
) -> dict[str, Any]:
    """Resources by path."""
    draft = "/configuration/drafts/{draft_id}"
    return {
        f"{draft}/price-preview": PricePreviewResource(desk, compiler, find_configuration),
        f"{draft}/try-cart": TryCartResource(desk, compiler, find_configuration),
    }
