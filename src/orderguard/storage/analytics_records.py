"""The stored sessions and orders, with only the columns that analytics needs."""

from __future__ import annotations

from collections.abc import Collection, Mapping

import msgspec
from sqlalchemy import Connection, String, and_, cast, func, or_, select

from orderguard.domain.analytics.analytics import CartInBrief
from orderguard.domain.analytics.facts import OrderOnRecord, SessionOnRecord
from orderguard.domain.analytics.progress import Subject, SubjectOnRecord
from orderguard.domain.books.ledger import Posting
from orderguard.domain.eligibility_reason import EligibilityReason
from orderguard.domain.ids import ConfigurationVersion, MerchantId, OrderId
from orderguard.domain.orders.acceptance import AcceptanceOutcome
from orderguard.storage.ledger import SqlLedger
from orderguard.storage.offer_sessions import LATEST
from orderguard.storage.stored_carts import CART, OF_ANALYSIS
from orderguard.storage.tables import analyses, offer_sessions, orders, session_carts

SUBJECT_OF_ORDER = func.coalesce(orders.c.session_id, cast(orders.c.id, String))
"""The subject that an order is counted with: its session, or else the order itself."""


class _OfferInBrief(msgspec.Struct):
    cohort: str | None = None


_cart = msgspec.json.Decoder(CartInBrief).decode
_offer = msgspec.json.Decoder(_OfferInBrief).decode


class AnalyticsRecords:
    """Reads the stored sessions and orders of many subjects with a handful of queries."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def of(
        self, merchant: MerchantId, subjects: Collection[Subject]
    ) -> Mapping[Subject, SubjectOnRecord]:
        """The stored sessions and orders of these subjects; deleted subjects are missing."""
        sessions = self._sessions(merchant, subjects)
        linked = self._orders(merchant, subjects)
        return {
            subject: SubjectOnRecord(sessions.get(subject), linked.get(subject))
            for subject in subjects
            if subject in sessions or subject in linked
        }

    def _sessions(
        self, merchant: MerchantId, subjects: Collection[Subject]
    ) -> dict[Subject, SessionOnRecord]:
        query = (
            select(offer_sessions, analyses.c.reason, CART)
            .select_from(
                offer_sessions.join(analyses, LATEST).outerjoin(session_carts, OF_ANALYSIS)
            )
            .where(offer_sessions.c.merchant_id == merchant, offer_sessions.c.id.in_(subjects))
        )
        rows = self._connection.execute(query).all()
        # Read after the counts: an analysis that commits in between is in the cohorts already, and
        # its higher count puts the session back into the queue.
        cohorts = self._cohorts(merchant, subjects)
        found = {}
        for row in rows:
            cohort, version, was_in_control = cohorts.get(row.id, (None, None, False))
            found[Subject(row.id)] = SessionOnRecord(
                created_at=row.created_at,
                updated_at=row.updated_at,
                analysis_count=row.analysis_count,
                ever_eligible=row.ever_eligible,
                was_in_control=was_in_control,
                reason=EligibilityReason(row.reason),
                cart=_cart(row.whole_cart),
                cohort=cohort,
                cohort_version=version,
            )
        return found

    def _cohorts(
        self, merchant: MerchantId, subjects: Collection[Subject]
    ) -> dict[str, tuple[str | None, ConfigurationVersion | None, bool]]:
        """Per session in an experiment: its last arm, the version of the configuration, and whether
        the experiment ever hid the offer."""
        query = (
            select(
                analyses.c.session_id,
                analyses.c.configuration_version,
                analyses.c.reason,
                analyses.c.offer,
            )
            .where(analyses.c.merchant_id == merchant, analyses.c.session_id.in_(subjects))
            .order_by(analyses.c.session_id, analyses.c.ordinal)
        )
        found: dict[str, tuple[str | None, ConfigurationVersion | None, bool]] = {}
        for row in self._connection.execute(query):
            if b'"cohort":' not in row.offer:  # most are in no experiment, and need no decoding
                continue
            cohort = _offer(row.offer).cohort
            if cohort is None:
                continue
            *_, was_in_control = found.get(row.session_id, (False,))
            is_in_control = row.reason == EligibilityReason.AB_TEST_CONTROL_GROUP
            version = ConfigurationVersion(row.configuration_version)
            found[row.session_id] = (cohort, version, was_in_control or is_in_control)
        return found

    def _orders(
        self, merchant: MerchantId, subjects: Collection[Subject]
    ) -> dict[Subject, OrderOnRecord]:
        numbers = [int(subject) for subject in subjects if subject.isdigit()]
        query = select(
            SUBJECT_OF_ORDER.label("subject"),
            orders.c.id,
            orders.c.revision,
            orders.c.outcome,
            orders.c.received_at,
            orders.c.deleted_at,
        ).where(
            orders.c.merchant_id == merchant,
            or_(
                orders.c.session_id.in_(subjects),
                and_(orders.c.id.in_(numbers), orders.c.session_id.is_(None)),
            ),
        )
        rows = self._connection.execute(query).all()
        posted: dict[OrderId, list[Posting]] = {}
        ids = [OrderId(row.id) for row in rows]
        for posting in SqlLedger(self._connection).of_orders(merchant, ids) if ids else ():
            posted.setdefault(posting.order, []).append(posting)
        return {
            Subject(row.subject): OrderOnRecord(
                id=OrderId(row.id),
                revision=row.revision,
                outcome=AcceptanceOutcome(row.outcome),
                received_at=row.received_at,
                is_deleted=row.deleted_at is not None,
                postings=tuple(posted.get(OrderId(row.id), ())),
            )
            for row in rows
        }
