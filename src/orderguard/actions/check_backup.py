"""Check a backup: the number of rows in it, their age, and whether its ledger balances."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from orderguard.actions.examine_merchant import MERCHANT_CHECKS, Examined
from orderguard.actions.ports.unit_of_work import Database
from orderguard.domain.analytics.diagnosis import Severity
from orderguard.domain.configuration.rule import ConditionCompiler


@dataclass(frozen=True, slots=True)
class CheckedBackup:
    """The check of a restored backup: its rows, its age and its problems."""

    rows: Mapping[str, int]
    """How many, by table."""
    newest: datetime | None
    """The time of its last session or order; whatever came later is not in it."""
    problems: list[str]
    """One sentence each; without any the backup can be used."""


def check_backup(database: Database, compiler: ConditionCompiler, *, at: datetime) -> CheckedBackup:
    """Count the rows of a restored database, and balance the books of each merchant.

    Each currency of the ledger has to come to zero, and the sums of analytics have to agree with
    the statements. Raises `StorageUnavailable`.
    """
    problems = []
    with database.read() as work:
        for merchant in work.merchants.all():
            problems += [
                f"{merchant.name}: the ledger is off by {off} minor units of {currency}."
                for currency, off in work.ledger.trial_balance(merchant.id).items()
                if off
            ]
            examined = Examined(merchant.id, merchant.time(at), at, compiler)
            problems += [
                f"{merchant.name}: {finding.found}"
                for finding in MERCHANT_CHECKS["analytics"](work, examined=examined)
                if finding.severity is Severity.PROBLEM
            ]
        return CheckedBackup(work.vitals.rows(), work.vitals.newest(), problems)
