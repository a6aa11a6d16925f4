"""The Django app. It goes into INSTALLED_APPS before `oscar.config.Shop`."""

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class OrderguardConfig(AppConfig):
    """Connects the signals and the checks. Imports no module of Oscar before the apps are ready."""

    name = "orderguard_oscar"
    label = "orderguard_oscar"
    verbose_name = _("Orderguard")
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        from orderguard_oscar import checks, signals

        checks.register_all()
        signals.connect()
