"""Create a merchant."""

from __future__ import annotations

from datetime import datetime

from orderguard.actions.ports import Database
from orderguard.domain.ids import MerchantId
from orderguard.domain.merchant import Merchant, parse_merchant_name


def create_merchant(database: Database, name: str, *, new_id: MerchantId, at: datetime) -> Merchant:
    """A new merchant. Raises `Malformed` for a bad name, `AlreadyExists` for a taken one."""
    merchant = Merchant(new_id, parse_merchant_name(name), at)
    with database.begin() as work:
        work.merchants.add(merchant)
    return merchant
