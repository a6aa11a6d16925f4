"""The shop's routes. Every page works without JavaScript."""

from __future__ import annotations

import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import falcon
import falcon.asgi
from falcon.asgi import Request, Response

from orderguard.demo.shop.checkout import note_choice
from orderguard.demo.shop.checkout_pages import (
    CheckoutResource,
    ChoiceResource,
    ConfirmationResource,
    OrderResource,
)
from orderguard.demo.shop.forms import back_from, form_of, number_in, see_other
from orderguard.demo.shop.orderguard_client import OrderguardClient
from orderguard.demo.shop.pages import render
from orderguard.demo.shop.protection_proxy import AnalyzeProxyResource, ProtectionResource
from orderguard.demo.shop.security import VisitorMiddleware
from orderguard.demo.shop.switches import SwitchesResource
from orderguard.demo.shop.visitors import Visitor, Visitors

STATIC = Path(__file__).parent / "static"
CONTENT_TYPES = {
    ".css": "text/css; charset=utf-8",
    ".js": "text/javascript; charset=utf-8",
    ".svg": "image/svg+xml",
}
_LINE_AND_QUANTITY = re.compile(r"(?P<quantity>[0-9]{1,3}) (?P<line>.+)")


def shop_application(client: OrderguardClient, *, widget_origin: str) -> Any:
    """The shop as an ASGI application, whose pages load the element from `widget_origin`."""
    middleware = VisitorMiddleware(Visitors(), widget_origin)
    app: Any = falcon.asgi.App(middleware=[middleware])
    app.add_route("/", CatalogueResource())
    app.add_route("/cart", CartResource())
    app.add_route("/cart/add", AddResource())
    app.add_route("/cart/quantity", QuantityResource())
    app.add_route("/checkout", CheckoutResource(client, widget_origin))
    app.add_route("/checkout/choice", ChoiceResource())
    app.add_route("/checkout/protection", ProtectionResource())
    app.add_route("/orderguard/analyze", AnalyzeProxyResource(client))
    app.add_route("/order", OrderResource(client))
    app.add_route("/orders/{number}", ConfirmationResource())
    app.add_route("/switches", SwitchesResource())
    app.add_route("/what-just-happened", ExchangesResource())
    app.add_sink(StaticFiles(STATIC), prefix="/static/")
    return app


class CatalogueResource:
    async def on_get(self, request: Request, response: Response) -> None:
        response.text = render("catalogue.html", request.context.visitor, back="/")


class CartResource:
    async def on_get(self, request: Request, response: Response) -> None:
        response.text = render("cart.html", request.context.visitor, back="/cart")


class AddResource:
    async def on_post(self, request: Request, response: Response) -> None:
        form = await form_of(request)
        visitor: Visitor = request.context.visitor
        visitor.cart.add(
            form.get("sku", ""),
            number_in(form.get("quantity", "1")),
            form.get("engraving", ""),
        )
        see_other(response, "/cart")


class QuantityResource:
    """Changes the quantity of a line, and keeps the choice made at checkout."""

    async def on_post(self, request: Request, response: Response) -> None:
        form = await form_of(request)
        visitor: Visitor = request.context.visitor
        _note_choice_in(form, visitor)
        if wanted := _LINE_AND_QUANTITY.fullmatch(form.get("change", "")):
            visitor.cart.set_quantity(wanted["line"], int(wanted["quantity"]))
        see_other(response, back_from(form) if visitor.cart.lines else "/cart")


def _note_choice_in(form: Mapping[str, str], visitor: Visitor) -> None:
    if "agreed" in form:
        note_choice(visitor, form)


class ExchangesResource:
    """The list of calls to Orderguard as an HTML fragment, which a script refreshes."""

    async def on_get(self, request: Request, response: Response) -> None:
        response.text = render("exchanges.html", request.context.visitor)


class StaticFiles:
    """Serves static files, all read at the start, so that no request can reach another file."""

    def __init__(self, folder: Path) -> None:
        self._files = {
            path.relative_to(folder).as_posix(): (path.read_bytes(), CONTENT_TYPES[path.suffix])
            for path in folder.rglob("*.*")
        }

    async def __call__(self, request: Request, response: Response, **_: Any) -> None:
        found = self._files.get(request.path.removeprefix("/static/"))
        if found is None:
            raise falcon.HTTPNotFound
        response.data, response.content_type = found
        response.set_header("Cache-Control", "no-cache")
