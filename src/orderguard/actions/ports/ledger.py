"""The interface to the ledger and its statements; storage implements it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Protocol

from orderguard.domain.books.ledger import LedgerAccount, Posting
from orderguard.domain.books.month import Month
from orderguard.domain.books.statement import PostedSum, Statement
from orderguard.domain.ids import (
    MerchantId,
    OrderId,
)
from orderguard.domain.money import Currency
from orderguard.domain.people.audit import Change


class Ledger(Protocol):
    """Postings and closed statements. Nothing in it is ever changed."""

    def of_order(self, merchant: MerchantId, order: OrderId) -> Sequence[Posting]: ...

    def sums_of_period(self, merchant: MerchantId, period: Month) -> Sequence[PostedSum]:
        """The sums of the entries posted in a month."""

    def trial_balance(self, merchant: MerchantId) -> Mapping[Currency, int]: ...

    def sums_since(
        self, merchant: MerchantId, since: datetime
    ) -> Mapping[tuple[Currency, LedgerAccount], int]:
        """The sum posted to each account since an instant; debits positive."""

    def periods(self, merchant: MerchantId) -> tuple[Month, Month] | None:
        """The first and the last month with postings; None without any."""

    def closed_through(self, merchant: MerchantId) -> Month | None:
        """The last closed month; all before it are closed, too."""

    def closed_statement(self, merchant: MerchantId, period: Month) -> Statement | None: ...

    def close(self, merchant: MerchantId, statement: Statement, *, change: Change) -> None: ...
