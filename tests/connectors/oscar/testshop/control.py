"""What tests do behind the scenes: POST /control/ with {"do": …}. Part of the test shop."""

import io
import json
from datetime import timedelta
from decimal import Decimal

from django.apps import apps
from django.conf import settings
from django.core import checks
from django.core.management import CommandError, call_command
from django.db import connection, transaction
from django.http import JsonResponse
from django.utils import timezone
from django.views.decorators.csrf import csrf_exempt
from oscar.core.loading import get_class, get_model


@csrf_exempt
@transaction.non_atomic_requests
def control(request):
    asked = json.loads(request.body)
    return JsonResponse({"answer": DOES[asked["do"]](*asked["with"])})


def settings_are(values):
    """Settings of the project, as if it had been started with them."""
    for name, value in values.items():
        setattr(settings, name, value)


def command(name, *arguments):
    """A management command: whether it succeeded, and what it said."""
    said = io.StringIO()
    try:
        call_command(name, *arguments, stdout=said, stderr=said)
    except CommandError as error:
        return {"ok": False, "said": f"{said.getvalue()}{error}"}
    return {"ok": True, "said": said.getvalue()}


def warnings():
    """What `manage.py check` says of ours."""
    return {
        each.id: f"{each.msg} {each.hint or ''}" for each in checks.run_checks(tags=["orderguard"])
    }


def order(number):
    """The order as the shop has it."""
    found = _order(number)
    rows = (
        _rows().filter(order_number=number).values()
        if apps.is_installed("orderguard_oscar")
        else []
    )
    return {
        "total": str(found.total_incl_tax),
        "total_excl_tax": str(found.total_excl_tax),
        "status": found.status,
        "surcharges": [
            {
                "code": each.code,
                "name": each.name,
                "incl_tax": str(each.incl_tax),
                "excl_tax": str(each.excl_tax),
            }
            for each in found.surcharges.all()
        ],
        "notes": [note.message for note in found.notes.all()],
        "ours": [{name: str(value) for name, value in row.items()} for row in rows],
    }


def orders():
    return list(get_model("order", "Order").objects.order_by("pk").values_list("number", flat=True))


def set_status(number, status):
    with transaction.atomic():
        get_class("order.processing", "EventHandler")().handle_order_status_change(
            _order(number), status
        )


def set_status_by_hand(number, status):
    """As an import or another app does it: no signal of Oscar is sent."""
    found = _order(number)
    found.status = status
    found.save()


def set_status_unseen(number, status):
    """As while the app is not installed: nothing of ours hears of it."""
    found = _order(number)
    type(found).objects.filter(pk=found.pk).update(status=status)
    found.status_changes.create(old_status=found.status, new_status=status)


def refund(number, event, amount, pieces):
    """A payment event, as the dashboard makes it."""
    found = _order(number)
    kind, _ = get_model("order", "PaymentEventType").objects.get_or_create(name=event)
    lines = list(found.lines.order_by("pk"))[: len(pieces)] or None
    with transaction.atomic():
        get_class("order.processing", "EventHandler")().handle_payment_event(
            found, kind, Decimal(amount), lines, pieces or None
        )


def refund_fee(number):
    from orderguard_oscar.refunds import refund_fee

    refund_fee(_order(number))


def delete(number):
    with transaction.atomic():
        _order(number).delete()


def age(seconds):
    """Every answer was given so long ago."""
    for row in _rows().exclude(asked_at=None):
        row.asked_at -= timedelta(seconds=seconds)
        row.save(update_fields=["asked_at"])


def rested():
    """The rest after a silence is over: the next page asks."""
    from orderguard_oscar import server

    server._client = None


def place_long_ago(number, days):
    found = _order(number)
    type(found).objects.filter(pk=found.pk).update(
        date_placed=timezone.now() - timedelta(days=days)
    )


def forget_row(number):
    """As if the app had been off when the order was placed."""
    _rows().filter(order_number=number).delete()


def lease(number, seconds):
    """As if another process were pushing the order."""
    until = timezone.now() + timedelta(seconds=seconds)
    _rows().filter(order_number=number).update(leased_until=until)


def currency(code):
    get_model("partner", "StockRecord").objects.update(price_currency=code)
    settings.OSCAR_DEFAULT_CURRENCY = code


def price(product, amount):
    get_model("partner", "StockRecord").objects.filter(product__slug=product).update(
        price=Decimal(amount)
    )


def dashboard_order(status):
    """The number of an order that no checkout made."""
    return _ordered("lamp", status).number


def sell(product):
    """What an order of this product costs."""
    return str(_ordered(product, "Pending").total_incl_tax)


def _ordered(product, status):
    from oscar.test.factories import create_order

    basket = get_model("basket", "Basket").objects.create()
    basket.strategy = get_class("partner.strategy", "Selector")().strategy()
    basket.add_product(get_model("catalogue", "Product").objects.get(slug=product))
    with transaction.atomic():
        return create_order(number=f"D{basket.pk}", basket=basket, status=status)


def break_order(number):
    """A change that is undone: nothing of it may be reported."""
    try:
        with transaction.atomic():
            get_class("order.processing", "EventHandler")().handle_order_status_change(
                _order(number), "Cancelled"
            )
            raise RuntimeError
    except RuntimeError:
        pass


def search(word):
    """Tables and columns in which this word stands, and tables named so."""
    found = []
    with connection.cursor() as cursor:
        for table in connection.introspection.table_names(cursor):
            if word in table:
                found.append(table)
            for column in connection.introspection.get_table_description(cursor, table):
                cursor.execute(
                    f'select count(*) from "{table}" where "{column.name}" like %s', [f"%{word}%"]
                )
                if cursor.fetchone()[0]:
                    found.append(f"{table}.{column.name}")
    return found


def add_lines(number):
    """Fill the newest basket with so many products, whose titles are HTML."""
    products = get_model("catalogue", "Product").objects
    throw = products.get(slug="throw")
    stock = throw.stockrecords.get()
    made = products.bulk_create(
        products.model(
            title=f"<b>Piece & {each}</b>", slug=f"p{each}", upc=f"p{each}",
            product_class=throw.product_class,
        )
        for each in range(number)
    )  # fmt: skip
    stocks = type(stock).objects.bulk_create(
        type(stock)(
            product=product, partner=stock.partner, partner_sku=product.upc,
            price=1, price_currency="USD", num_in_stock=9,
        )
        for product in made
    )  # fmt: skip
    lines = get_model("basket", "Line").objects
    lines.bulk_create(
        lines.model(
            basket=get_model("basket", "Basket").objects.latest("pk"),
            line_reference=f"{each.product_id}_{each.pk}", product=each.product, stockrecord=each,
            quantity=1, price_currency="USD", price_excl_tax=1, price_incl_tax=1,
        )
        for each in stocks
    )  # fmt: skip


def _order(number):
    return get_model("order", "Order").objects.get(number=number)


def _rows():
    return apps.get_model("orderguard_oscar", "OfferedBasket").objects


DOES = {
    function.__name__: function
    for function in (
        settings_are, command, warnings, order, orders, set_status, set_status_by_hand,
        set_status_unseen, refund, refund_fee, delete, age, lease, place_long_ago, forget_row,
        currency, price, dashboard_order, break_order, search, add_lines, rested,
    )
}  # fmt: skip
