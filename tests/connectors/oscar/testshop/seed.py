"""Products, a coupon, a country and a shopper. Runs once, in the shop without Orderguard."""

from datetime import timedelta
from decimal import Decimal

from django.contrib.auth import get_user_model
from django.contrib.sites.models import Site
from django.utils import timezone
from oscar.core.loading import get_class, get_model

PRICES = {"lamp": 50, "throw": 15, "coat": 200, "vase": 100, "ebook": 30}
SOLD_AS = {"coat": "final-sale", "ebook": "downloads"}


def seed() -> None:
    Site.objects.update_or_create(pk=1, defaults={"domain": "127.0.0.1", "name": "Test shop"})
    countries = get_model("address", "Country").objects
    for code, name in (("US", "United States"), ("GB", "United Kingdom")):
        countries.create(
            iso_3166_1_a2=code, iso_3166_1_a3=f"{code}X", iso_3166_1_numeric=code,
            name=name, printable_name=name, is_shipping_country=True,
        )  # fmt: skip
    _products()
    _coupon()
    get_user_model().objects.create_user("shopper", "shopper@shop.example", "shopper")


def _products() -> None:
    kinds = {
        True: get_model("catalogue", "ProductClass").objects.create(name="Goods"),
        False: get_model("catalogue", "ProductClass").objects.create(
            name="Download", requires_shipping=False, track_stock=False
        ),
    }
    partner = get_model("partner", "Partner").objects.create(name="House")
    category = get_class("catalogue.categories", "create_from_breadcrumbs")
    for name, price in PRICES.items():
        product = get_model("catalogue", "Product").objects.create(
            title=name.title(), slug=name, upc=f"upc-{name}", product_class=kinds[name != "ebook"]
        )
        product.categories.add(category(SOLD_AS.get(name, "home").replace("-", " ").title()))
        get_model("partner", "StockRecord").objects.create(
            product=product, partner=partner, partner_sku=name.upper(),
            price=Decimal(price), price_currency="USD", num_in_stock=100_000,
        )  # fmt: skip


def _coupon() -> None:
    everything = get_model("offer", "Range").objects.create(
        name="Everything", includes_all_products=True
    )
    offer = get_model("offer", "ConditionalOffer").objects.create(
        name="Ten percent",
        offer_type="Voucher",
        condition=get_model("offer", "Condition").objects.create(
            range=everything, type="Count", value=1
        ),
        benefit=get_model("offer", "Benefit").objects.create(
            range=everything, type="Percentage", value=10
        ),
    )
    now = timezone.now()
    voucher = get_model("voucher", "Voucher").objects.create(
        name="Ten", code="TEN", usage="Multi-use",
        start_datetime=now - timedelta(days=1), end_datetime=now + timedelta(days=3650),
    )  # fmt: skip
    voucher.offers.add(offer)
