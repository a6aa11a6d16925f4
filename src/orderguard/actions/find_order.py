"""Find an order by what a person has of it: our id, or the platform's."""

from __future__ import annotations

from orderguard.actions.ports.unit_of_work import UnitOfWork
from orderguard.domain.errors import Malformed, NotFound
from orderguard.domain.ids import MerchantId, OrderId, number_of
from orderguard.domain.money import shortened
from orderguard.domain.orders.order_record import OrderRecord
from orderguard.domain.people.merchant import Merchant

TEXT_LIMIT = 100


def find_order(work: UnitOfWork, text: str, merchant: Merchant | None = None) -> OrderRecord:
    """The order with this id of ours, or with this `external_id`; of one merchant if it is given.

    Our id wins. Raises `NotFound`, and `Malformed` when several merchants have such an order.
    """
    text = text.strip()
    if own := _own(work, text, merchant.id if merchant else None):
        return own
    merchants = [merchant] if merchant else work.merchants.all()
    found = [
        (each, record)
        for each in merchants
        if (record := work.orders.find_by_external_id(each.id, text[:TEXT_LIMIT]))
    ]
    if not found:
        of = f" of {merchant.name}" if merchant else ""
        raise NotFound(f"No order{of} has the id or external id {shortened(text)}.")
    if len(found) > 1:
        names = ", ".join(each.name for each, _ in found[:5])
        raise Malformed(
            f"{len(found)} merchants have an order {shortened(text)}: {names}. Say whose: "
            "--merchant NAME"
        )
    return found[0][1]


def _own(work: UnitOfWork, text: str, merchant: MerchantId | None) -> OrderRecord | None:
    number = number_of(text)
    if number is None:
        return None
    order = OrderId(number)
    if merchant is None:
        return work.orders.find_anywhere(order)
    return work.orders.find(merchant, order)
