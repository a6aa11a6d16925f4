"""The products of the demo shop, and the behaviour that each of them demonstrates."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from orderguard.domain.money import EUR, JPY, KWD, USD, Currency, Money

CURRENCIES = (USD, EUR, JPY, KWD)
ENGRAVING_LENGTH = 60


@dataclass(frozen=True, slots=True)
class Good:
    """A product of the demo shop. `hint` suggests what to try with it."""

    sku: str
    title: str
    about: str
    product_type: str
    vendor: str
    prices: Mapping[Currency, int]
    picture: str
    hint: str = ""
    tags: tuple[str, ...] = ()
    collections: tuple[str, ...] = ()
    requires_shipping: bool = True
    takes_engraving: bool = False

    def price(self, currency: Currency) -> Money:
        return Money(self.prices[currency], currency)


def _prices(usd: int, eur: int, jpy: int, kwd: int) -> Mapping[Currency, int]:
    """Prices in minor units: cents, cents, whole yen, and thousandths of a dinar."""
    return {USD: usd, EUR: eur, JPY: jpy, KWD: kwd}


GOODS = (
    Good(
        "TN-TENT2-MOS",
        "Tarn 2 Ultralight Tent",
        "Two people, 1.4 kg, three seasons.",
        "Tents",
        "Tarn Outfitters",
        _prices(32900, 30595, 49800, 101_500),
        "tent",
        hint="Add it, check out, tick the protection.",
        tags=("3-season",),
        collections=("camping", "shelter"),
    ),
    Good(
        "NL-BAG0-R",
        "Down Sleeping Bag 0 °C",
        "Ethical down in recycled ripstop.",
        "Sleeping Bags",
        "Nordlys",
        _prices(28900, 26895, 43800, 89_000),
        "sleeping-bag",
        tags=("down",),
        collections=("camping", "sleep"),
    ),
    Good(
        "FF-PACK28-G",
        "Day Pack 28 l, Graphite",
        "A hip belt that hides when unused.",
        "Packs",
        "Fjord & Field",
        _prices(12900, 11995, 19500, 39_750),
        "pack",
        collections=("packs",),
    ),
    Good(
        "FF-BOOT-43",
        "Leather Hiking Boots",
        "Chestnut leather, resoleable for life.",
        "Footwear",
        "Fjord & Field",
        _prices(21900, 20395, 33200, 67_500),
        "boots",
        collections=("footwear",),
    ),
    Good(
        "KK-MUG-EN",
        "Enamel Mug, engraved",
        "Speckled blue, with your own words.",
        "Drinkware",
        "Kettle & Kiln",
        _prices(1995, 1850, 2980, 6_150),
        "mug",
        hint="Engrave something hostile, such as <b>me</b>.",
        collections=("camp-kitchen", "kitchen"),
        takes_engraving=True,
    ),
    Good(
        "KK-OVEN5",
        "Enamelled Dutch Oven 5 l",
        "Sage green cast iron for slow evenings.",
        "Cookware",
        "Kettle & Kiln",
        _prices(18900, 17595, 28600, 58_250),
        "oven",
        tags=("heavy",),
        collections=("kitchen",),
    ),
    Good(
        "LW-CANDLE",
        "Candle Lantern, Brass",
        "Folds flat, burns for nine hours.",
        "Lighting",
        "Lumen & Wick",
        _prices(3400, 3195, 5200, 10_500),
        "lantern",
        collections=("lighting", "home"),
    ),
    Good(
        "LW-PS600",
        "Power Station 600 Wh",
        "A quiet weekend of electricity.",
        "Power",
        "Lumen & Wick",
        _prices(60500, 56295, 91800, 186_500),
        "power-station",
        hint="Lithium: send it to Alaska.",
        tags=("lithium",),
        collections=("power",),
    ),
    Good(
        "FF-LOUNGE",
        "Oak Lounge Chair",
        "Oiled oak, wool seat, made to last.",
        "Chairs",
        "Fjord & Field",
        _prices(64900, 60395, 97380, 200_000),
        "chair",
        hint="Furniture has a price of its own.",
        collections=("home", "furniture"),
    ),
    Good(
        "HS-CANOE49",
        "Cedar-Strip Canoe, 4.9 m",
        "Built by hand; delivered by freight.",
        "Boats",
        "Havstrand",
        _prices(249900, 232495, 378800, 769_500),
        "canoe",
        hint="Freight: shipping protection drops out. Three of them are too valuable.",
        tags=("oversized",),
        collections=("paddling",),
    ),
    Good(
        "FF-BAR-CLO",
        "Oat and Cloudberry Bar",
        "Baked in the village, 60 g.",
        "Food",
        "Fjord & Field",
        _prices(290, 275, 420, 900),
        "bar",
        hint="One alone is below the minimum.",
        collections=("food",),
    ),
    Good(
        "GC-50",
        "Gift Card",
        "For those who have everything but a tent.",
        "Gift Card",
        "Fjord & Field",
        _prices(5000, 4500, 7500, 15_000),
        "gift-card",
        hint="Never covered: alone it gets no offer.",
        tags=("digital",),
        collections=("gifts",),
        requires_shipping=False,
    ),
)

BY_SKU: Mapping[str, Good] = {good.sku: good for good in GOODS}
