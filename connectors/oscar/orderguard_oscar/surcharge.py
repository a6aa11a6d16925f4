"""The fee as a surcharge of Oscar: its price, and the session and modes in its code."""

from __future__ import annotations

from decimal import ROUND_HALF_UP, Decimal
from typing import Any

from orderguard_oscar.conf import Settings
from orderguard_oscar.core.client import CoverageMode, Offer, major_from_minor
from orderguard_oscar.words import TITLE

CODE = "orderguard"


class ProtectionCharge:
    """The price of the offer, with and without tax. Oscar stores name, code and both amounts.

    The code names session and modes, so that an order bears them by itself:
    `orderguard:lop_…:returnCoverage+shippingProtection`.
    """

    name = TITLE

    def __init__(self, offer: Offer, *, with_tax: bool, settings: Settings) -> None:
        self.offer = offer
        self.code = ":".join((CODE, str(offer.session_id), "+".join(map(str, offer.mode))))
        self._with_tax = with_tax
        self._settings = settings

    def calculate(self, basket: Any, **_: Any) -> Any:
        """The price as an Oscar `Price`; where prices are shown with tax, it contains the tax."""
        from oscar.core.prices import Price

        amount = self.offer.charge.amount
        shown = Decimal(major_from_minor(amount.amount, str(amount.currency)))
        factor = 1 + self._settings.fee_tax_rate
        excl_tax = _cents(shown / factor) if self._with_tax else shown
        incl_tax = shown if self._with_tax else _cents(shown * factor)
        code = self._settings.fee_tax_code
        return Price(currency=basket.currency, excl_tax=excl_tax, incl_tax=incl_tax, tax_code=code)


def is_ours(surcharge: Any) -> bool:
    """Whether a surcharge of an order is our fee."""
    return str(surcharge.code).partition(":")[0] == CODE


def read_code(code: str) -> tuple[str | None, list[str]]:
    """The session id and the modes in a surcharge's code; unknown modes are left out."""
    _, _, rest = code.partition(":")
    session, _, modes = rest.partition(":")
    known = set(CoverageMode)
    return session or None, [mode for mode in modes.split("+") if mode in known]


def is_payable(offer: Offer) -> bool:
    """Whether Oscar's orders have enough decimals for the amount; two are not for 1.255 KWD."""
    from oscar.core.loading import get_model

    options = get_model("order", "Surcharge")._meta  # noqa: SLF001  # Django's public name for it
    places = options.get_field("incl_tax").decimal_places
    amount = offer.charge.amount
    shown = Decimal(major_from_minor(amount.amount, str(amount.currency)))
    return shown == round(shown, places)


def _cents(amount: Decimal) -> Decimal:
    return amount.quantize(Decimal("0.01"), rounding=ROUND_HALF_UP)
