"""Create a merchant."""

from __future__ import annotations

from orderguard.actions.ports.unit_of_work import Database, UnitOfWork
from orderguard.domain.ids import MerchantId
from orderguard.domain.people.audit import Change
from orderguard.domain.people.merchant import Merchant, parse_merchant_name
from orderguard.domain.people.sandbox import Sandbox


def create_merchant(
    database: Database, name: str, *, new_id: MerchantId, is_sandbox: bool = False, change: Change
) -> Merchant:
    """Create a merchant, live or a sandbox; that can never be changed.

    Raises `Malformed` for a bad name, `AlreadyExists` for a taken one.
    """
    sandbox = Sandbox() if is_sandbox else None
    merchant = Merchant(new_id, parse_merchant_name(name), change.at, sandbox)
    with database.begin() as work:
        add_merchant(work, merchant, change=change)
    return merchant


def add_merchant(work: UnitOfWork, merchant: Merchant, *, change: Change) -> None:
    """Add a merchant, and record who did. Raises `AlreadyExists`."""
    work.merchants.add(merchant)
    kind = {"sandbox": True} if merchant.sandbox else {}
    work.audit.record(
        merchant.id,
        change=change,
        action="merchant.created",
        subject=merchant.id,
        after={"name": merchant.name} | kind,
    )
