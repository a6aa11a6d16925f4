"""`manage.py orderguard_push`: push the waiting orders. For cron, every five minutes."""

from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand, CommandError

from orderguard_oscar import conf, sweep
from orderguard_oscar.models import OfferedBasket
from orderguard_oscar.push import Outcome


class Command(BaseCommand):
    """Pushes waiting orders. Pushes are idempotent: the command may be interrupted or run twice."""

    help = "Push to Orderguard the orders that it does not have yet, or that changed since."

    def add_arguments(self, parser: Any) -> None:
        """Declare the options of the command."""
        parser.add_argument("--now", action="store_true", help="also orders that are to wait")
        parser.add_argument(
            "--order", action="append", metavar="NUMBER", help="this order, also if it was refused"
        )
        parser.add_argument(
            "--all", action="store_true", help="look at orders older than 30 days as well"
        )
        parser.add_argument("--refused", action="store_true", help="refused orders once more")

    def handle(self, *_: Any, **options: Any) -> None:
        """Find due orders, push them, print the outcomes. Fails when Orderguard does not answer."""
        problems, settings = conf.read()
        if settings is None:
            raise CommandError(" ".join(problems))
        counted = self._pushed(options)
        waiting = OfferedBasket.objects.filter(is_due=True).count()
        refused = OfferedBasket.objects.exclude(refused="").count()
        self.stdout.write(
            f"{counted[Outcome.TAKEN]} pushed, {counted[Outcome.REFUSED]} refused now; "
            f"{waiting} waiting and {refused} refused in all."
        )
        if counted[Outcome.LATER]:
            raise CommandError("Orderguard does not take orders. Run: manage.py orderguard_test")

    def _pushed(self, options: dict[str, Any]) -> Any:
        if options["order"]:
            for number in options["order"]:
                OfferedBasket.objects.get_or_create(order_number=number)
            return sweep.push_all(options["order"], again=True)
        if options["refused"]:
            rows = OfferedBasket.objects.exclude(refused="").exclude(order_number=None)
            return sweep.push_all(list(rows.values_list("order_number", flat=True)), again=True)
        sweep.find(back=None if options["all"] else sweep.LOOKED_BACK)
        sweep.tidy()
        return sweep.push_all(sweep.due(now=options["now"]))
