"""A shopper's cart, and the switches that simulate another shopper, region or server state."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum

from orderguard.demo.shop.goods import BY_SKU, ENGRAVING_LENGTH, Good
from orderguard.domain.money import USD, Currency, Money

QUANTITY_MAXIMUM = 99
LINES_MAXIMUM = 20

REGIONS = {
    "US-OH": "Ohio, United States",
    "US-AK": "Alaska, United States",
    "US-CA": "California, United States",
    "CA-QC": "Quebec, Canada",
    "GB": "United Kingdom",
    "DE": "Germany",
    "SE": "Sweden",
    "JP": "Japan",
    "KW": "Kuwait",
}
LOCALES = {
    "en-US": "English",
    "de": "Deutsch",
    "fr": "Français",
    "sv": "Svenska",
    "es": "Español",
    "ja": "日本語",
    "ar": "العربية",
    "he": "עברית",
}


class ServerMood(StrEnum):
    """The simulated state of Orderguard: healthy, slow or not responding."""

    WELL = "well"
    SLOW = "slow"
    DEAD = "dead"


@dataclass(frozen=True, slots=True)
class Switches:
    """Settings of the demo: who the simulated shopper is, and how the server behaves."""

    region: str = "US-OH"
    currency: Currency = USD
    locale: str = "en-US"
    pickup: bool = False
    is_b2b: bool = False
    server: ServerMood = ServerMood.WELL


@dataclass(frozen=True, slots=True)
class CartLine:
    """A product in the cart; different engravings of one product are separate lines."""

    good: Good
    quantity: int
    engraving: str = ""

    @property
    def id(self) -> str:
        return f"{self.good.sku}:{self.engraving}" if self.engraving else self.good.sku

    @property
    def title(self) -> str:
        """The title of the line; it may contain any text the shopper typed."""
        return f"{self.good.title}: “{self.engraving}”" if self.engraving else self.good.title

    def total(self, currency: Currency) -> Money:
        return Money(self.good.prices[currency] * self.quantity, currency)


@dataclass(slots=True)
class Cart:
    """The shopper's cart. `revision` increases with every change, in any tab."""

    id: str
    revision: int = 0
    _lines: dict[str, CartLine] = field(default_factory=dict)

    @property
    def lines(self) -> tuple[CartLine, ...]:
        return tuple(self._lines.values())

    @property
    def item_count(self) -> int:
        return sum(line.quantity for line in self.lines)

    def subtotal(self, currency: Currency) -> Money:
        return Money(sum(line.total(currency).amount for line in self.lines), currency)

    def add(self, sku: str, quantity: int = 1, engraving: str = "") -> None:
        """Add a product. Unknown products, and further lines of a full cart, are ignored."""
        good = BY_SKU.get(sku)
        if good is None:
            return
        words = " ".join(engraving.split())[:ENGRAVING_LENGTH] if good.takes_engraving else ""
        line = CartLine(good, 0, words)
        there = self._lines.get(line.id, line)
        if line.id in self._lines or len(self._lines) < LINES_MAXIMUM:
            self._put(there, there.quantity + quantity)

    def set_quantity(self, line_id: str, quantity: int) -> None:
        if line := self._lines.get(line_id):
            self._put(line, quantity)

    def touch(self) -> None:
        """Increase `revision` after a change outside the lines, such as the currency."""
        self.revision += 1

    def _put(self, line: CartLine, quantity: int) -> None:
        if quantity < 1:
            self._lines.pop(line.id, None)
        else:
            at_most = min(quantity, QUANTITY_MAXIMUM)
            self._lines[line.id] = CartLine(line.good, at_most, line.engraving)
        self.touch()
