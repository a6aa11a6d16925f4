"""`manage.py check`: a sentence for each mistake in the settings.

They are warnings, so that a shop with a wrong key still starts.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from typing import Any

from django.apps import apps
from django.conf import settings as django_settings
from django.core.checks import Warning as Wrong
from django.core.checks import register
from django.template import TemplateDoesNotExist
from django.template.loader import get_template
from django.urls import NoReverseMatch, reverse

from orderguard_oscar import conf

PREVIEW = "oscar/checkout/preview.html"
_SHOWS_BOX = re.compile(r"orderguard_box|\{%\s*extends\s+[\"']oscar/checkout/preview\.html")


def register_all() -> None:
    """Register the checks with Django."""
    for check in ALL:
        register(check, "orderguard")


def settings_are_complete(**_: Any) -> list[Any]:
    """W001: the `ORDERGUARD_*` settings are complete and valid."""
    problems, _found = conf.read()
    return [Wrong(problem, id="orderguard.W001") for problem in problems]


def places_are_taken(**_: Any) -> list[Any]:
    """W002 to W005: applicator, view, URLs and template belong to this app or use its mixins."""
    found: list[Any] = []
    for check in (_applicator, _view, _urls, _template):
        found.extend(check())
    return found


def statuses_are_known(**_: Any) -> list[Any]:
    """W006: order statuses that count as paid only once a payment is recorded."""
    _problems, found = conf.read()
    pipeline = getattr(django_settings, "OSCAR_ORDER_STATUS_PIPELINE", {})
    unknown = sorted(status for status in pipeline if found and found.state_of(status) is None)
    if not unknown:
        return []
    return [
        Wrong(
            f"Orders in {', '.join(unknown)} are reported once their payment is recorded.",
            hint='ORDERGUARD_ORDER_STATES = {"Pending": "paid"} says what a status means: paid, '
            "unpaid or ended.",
            id="orderguard.W006",
        )
    ]


def _applicator() -> Iterator[Any]:
    from orderguard_oscar.mixins import OrderguardSurcharges

    yield from _is_ours(
        "checkout.applicator", "SurchargeApplicator", OrderguardSurcharges, "W002",
        "No fee is ever charged",
    )  # fmt: skip


def _view() -> Iterator[Any]:
    from orderguard_oscar.mixins import OrderguardPlacing

    yield from _is_ours(
        "checkout.views", "PaymentDetailsView", OrderguardPlacing, "W003",
        "The offer is not asked for once more when an order is placed",
    )  # fmt: skip


def _is_ours(module: str, name: str, mixin: type, number: str, why: str) -> Iterator[Any]:
    from oscar.core.loading import get_class

    found = get_class(module, name)
    if not issubclass(found, mixin):
        yield Wrong(
            f"{why}: {found.__module__}.{name} does not know of Orderguard.",
            hint="Put orderguard_oscar.checkout.apps.CheckoutConfig in place of "
            "oscar.apps.checkout.apps.CheckoutConfig, or, in a forked checkout app, write: "
            f"class {name}({mixin.__name__}, Core{name})",
            id=f"orderguard.{number}",
        )


def _urls() -> Iterator[Any]:
    try:
        reverse("orderguard:choose")
    except NoReverseMatch:
        yield Wrong(
            "There is no box: the project's URLs do not include orderguard_oscar.urls.",
            hint='path("orderguard/", include("orderguard_oscar.urls"))',
            id="orderguard.W004",
        )


def _template() -> Iterator[Any]:
    try:
        origin: Any = get_template(PREVIEW).origin
        text = origin.loader.get_contents(origin)
    except (TemplateDoesNotExist, AttributeError):
        return
    if not _SHOWS_BOX.search(text):
        yield Wrong(
            f"There is no box: {origin.name} does not draw it.",
            hint=_order_of_apps()
            or 'Write there: {% load orderguard %}{% orderguard_box form="place_order_form" %}',
            id="orderguard.W005",
        )


def _order_of_apps() -> str:
    labels = [config.label for config in apps.get_app_configs()]
    if "oscar" in labels and labels.index("oscar") < labels.index("orderguard_oscar"):
        return "orderguard_oscar must stand before oscar.config.Shop in INSTALLED_APPS."
    return ""


ALL: tuple[Callable[..., list[Any]], ...] = (
    settings_are_complete,
    places_are_taken,
    statuses_are_known,
)
"""What `orderguard_test` goes through first."""
