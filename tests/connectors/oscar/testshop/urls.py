"""The URLs of the shop, and the door for the tests."""

from django.apps import apps
from django.conf import settings
from django.urls import include, path

from tests.connectors.oscar.testshop.control import control


def come_back(request):
    """The shopper comes back from the payment page. The view needs the apps to be ready."""
    from tests.connectors.oscar.testshop.checkout.views import ComingBackView

    return ComingBackView.as_view()(request)


ours = [path("orderguard/", include("orderguard_oscar.urls"))] if settings.IS_CONNECTED else []
urlpatterns = [
    path("control/", control),
    path("come-back/", come_back),
    path("i18n/", include("django.conf.urls.i18n")),
    *ours,
    path("", include(apps.get_app_config("oscar").urls[0])),
]
