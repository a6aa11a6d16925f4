"""The URLs of the shop, and the door for the tests."""

from django.apps import apps
from django.conf import settings
from django.urls import include, path

from tests.connectors.oscar.testshop.control import control

ours = [path("orderguard/", include("orderguard_oscar.urls"))] if settings.IS_CONNECTED else []
urlpatterns = [
    path("control/", control),
    path("i18n/", include("django.conf.urls.i18n")),
    *ours,
    path("", include(apps.get_app_config("oscar").urls[0])),
]
