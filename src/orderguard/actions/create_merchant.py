"""Create a merchant."""

from __future__ import annotations

from orderguard.actions.ports.unit_of_work import Database
from orderguard.domain.ids import MerchantId
from orderguard.domain.people.audit import Change
from orderguard.domain.people.merchant import Merchant, parse_merchant_name


def create_merchant(
    database: Database, name: str, *, new_id: MerchantId, change: Change
) -> Merchant:
    """A new merchant. Raises `Malformed` for a bad name, `AlreadyExists` for a taken one."""
    merchant = Merchant(new_id, parse_merchant_name(name), change.at)
    with database.begin() as work:
        work.merchants.add(merchant)
        work.audit.record(
            merchant.id,
            change=change,
            action="merchant.created",
            subject=merchant.id,
            after={"name": merchant.name},
        )
    return merchant
