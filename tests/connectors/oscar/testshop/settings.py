"""A shop of django-oscar: two shipping methods, a card that can decline, taxes that can be set."""

import json
import os
from pathlib import Path

from oscar.defaults import *  # noqa: F403

FOLDER = Path(os.environ["TESTSHOP_FOLDER"])
KIND = os.environ.get("TESTSHOP_KIND", "forked")
IS_CONNECTED = os.environ.get("TESTSHOP_CONNECTED", "yes") == "yes"

SECRET_KEY = "a test shop's"
DEBUG = False
ALLOWED_HOSTS = ["127.0.0.1"]
ROOT_URLCONF = "tests.connectors.oscar.testshop.urls"
SITE_ID = 1
LANGUAGE_CODE = "en-us"
USE_TZ = True
TIME_ZONE = "UTC"
DEFAULT_AUTO_FIELD = "django.db.models.AutoField"
STATIC_URL = "/static/"
MEDIA_URL = "/media/"
MEDIA_ROOT = FOLDER / "media"
EMAIL_BACKEND = "django.core.mail.backends.dummy.EmailBackend"
PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
DATABASES = {
    "default": {
        "ENGINE": "django.db.backends.sqlite3",
        "NAME": FOLDER / "shop.sqlite",
        "ATOMIC_REQUESTS": True,
        "OPTIONS": {"timeout": 30},
    }
}

CHECKOUTS = {
    "forked": "tests.connectors.oscar.testshop.checkout.apps.CheckoutConfig",
    "plain": "orderguard_oscar.checkout.apps.CheckoutConfig",
    "not connected": "oscar.apps.checkout.apps.CheckoutConfig",
}
INSTALLED_APPS = [
    "django.contrib.admin",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "django.contrib.sites",
    "django.contrib.flatpages",
    *(["orderguard_oscar"] if IS_CONNECTED else []),
    "oscar.config.Shop",
    "oscar.apps.analytics.apps.AnalyticsConfig",
    CHECKOUTS[KIND if IS_CONNECTED else "not connected"],
    "oscar.apps.address.apps.AddressConfig",
    "tests.connectors.oscar.testshop.shipping.apps.ShippingConfig",
    "oscar.apps.catalogue.apps.CatalogueConfig",
    "oscar.apps.catalogue.reviews.apps.CatalogueReviewsConfig",
    "oscar.apps.communication.apps.CommunicationConfig",
    "tests.connectors.oscar.testshop.partner.apps.PartnerConfig",
    "oscar.apps.basket.apps.BasketConfig",
    "oscar.apps.payment.apps.PaymentConfig",
    "oscar.apps.offer.apps.OfferConfig",
    "oscar.apps.order.apps.OrderConfig",
    "oscar.apps.customer.apps.CustomerConfig",
    "oscar.apps.search.apps.SearchConfig",
    "oscar.apps.voucher.apps.VoucherConfig",
    "oscar.apps.wishlists.apps.WishlistsConfig",
    "oscar.apps.dashboard.apps.DashboardConfig",
    "oscar.apps.dashboard.reports.apps.ReportsDashboardConfig",
    "oscar.apps.dashboard.users.apps.UsersDashboardConfig",
    "oscar.apps.dashboard.orders.apps.OrdersDashboardConfig",
    "oscar.apps.dashboard.catalogue.apps.CatalogueDashboardConfig",
    "oscar.apps.dashboard.offers.apps.OffersDashboardConfig",
    "oscar.apps.dashboard.partners.apps.PartnersDashboardConfig",
    "oscar.apps.dashboard.pages.apps.PagesDashboardConfig",
    "oscar.apps.dashboard.ranges.apps.RangesDashboardConfig",
    "oscar.apps.dashboard.reviews.apps.ReviewsDashboardConfig",
    "oscar.apps.dashboard.vouchers.apps.VouchersDashboardConfig",
    "oscar.apps.dashboard.communications.apps.CommunicationsDashboardConfig",
    "oscar.apps.dashboard.shipping.apps.ShippingDashboardConfig",
    "widget_tweaks",
    "haystack",
    "treebeard",
    "sorl.thumbnail",
    "django_tables2",
]
if os.environ.get("TESTSHOP_FORGOT"):  # ours last, and the checkout as Oscar has it
    INSTALLED_APPS = [
        config.replace(CHECKOUTS[KIND], CHECKOUTS["not connected"])
        for config in INSTALLED_APPS
        if config != "orderguard_oscar"
    ] + ["orderguard_oscar"]
# Forked for prices and methods only; the tables are Oscar's.
MIGRATION_MODULES = {app: f"oscar.apps.{app}.migrations" for app in ("partner", "shipping")}
if os.environ.get("TESTSHOP_SEEDING"):  # Oscar's two hundred migrations take half a minute
    MIGRATION_MODULES = {
        config.rsplit(".apps.", 1)[0].rsplit(".", 1)[-1]: None
        for config in INSTALLED_APPS
        if ".apps." in config
    } | {"reviews": None, "auth": None, "sites": None, "sessions": None, "flatpages": None,
         "admin": None, "thumbnail": None}  # fmt: skip
MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.contrib.flatpages.middleware.FlatpageFallbackMiddleware",
    "oscar.apps.basket.middleware.BasketMiddleware",
]
AUTHENTICATION_BACKENDS = [
    "oscar.apps.customer.auth_backends.EmailBackend",
    "django.contrib.auth.backends.ModelBackend",
]
TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.template.context_processors.i18n",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "oscar.apps.search.context_processors.search_form",
                "oscar.apps.checkout.context_processors.checkout",
                "oscar.apps.communication.notifications.context_processors.notifications",
                "oscar.core.context_processors.metadata",
            ],
        },
    }
]
HAYSTACK_CONNECTIONS = {"default": {"ENGINE": "haystack.backends.simple_backend.SimpleEngine"}}
LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "handlers": {"file": {"class": "logging.FileHandler", "filename": FOLDER / "shop.log"}},
    "root": {"handlers": ["file"], "level": "WARNING"},
}

OSCAR_ALLOW_ANON_CHECKOUT = True
OSCAR_DEFAULT_CURRENCY = "USD"
OSCAR_INITIAL_ORDER_STATUS = "Pending"
OSCAR_INITIAL_LINE_STATUS = "Pending"
OSCAR_ORDER_STATUS_PIPELINE = {
    "Pending": ("Being processed", "Cancelled"),
    "Being processed": ("Complete", "Cancelled"),
    "Complete": ("Cancelled",),
    "Cancelled": (),
}

TESTSHOP_DECLINES = False
TESTSHOP_PAYS_ELSEWHERE = False
TESTSHOP_TAX_RATE = "0"
TESTSHOP_RECORDS_PAYMENTS = True

# As a shop's own settings would say it; the tests set these while the shop runs, too.
globals().update(json.loads(os.environ.get("TESTSHOP_SETTINGS", "{}")))
