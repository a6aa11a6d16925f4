"""The switches that simulate another shopper, another region or another server state."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from falcon.asgi import Request, Response

from orderguard.demo.shop.cart import LOCALES, REGIONS, ServerMood, Switches
from orderguard.demo.shop.forms import back_from, form_of, see_other
from orderguard.demo.shop.goods import CURRENCIES
from orderguard.demo.shop.visitors import Visitor


class SwitchesResource:
    async def on_post(self, request: Request, response: Response) -> None:
        form = await form_of(request)
        visitor: Visitor = request.context.visitor
        before, visitor.switches = visitor.switches, _switches(form, before=visitor.switches)
        if replace(before, server=visitor.switches.server) != visitor.switches:
            # Prices on pages open in other tabs are outdated now.
            visitor.cart.touch()
        for order in visitor.orders:
            order.try_again.set()
        see_other(response, back_from(form))


def _switches(form: Mapping[str, str], *, before: Switches) -> Switches:
    """The switches as the form has them; invalid values leave a switch unchanged."""
    currencies = {str(each): each for each in CURRENCIES}
    region, locale, mood = form.get("region", ""), form.get("locale", ""), form.get("server", "")
    return Switches(
        region=region if region in REGIONS else before.region,
        currency=currencies.get(form.get("currency", ""), before.currency),
        locale=locale if locale in LOCALES else before.locale,
        pickup=form.get("pickup") == "yes",
        is_b2b=form.get("is_b2b") == "yes",
        server=ServerMood(mood) if mood in list(ServerMood) else before.server,
    )
