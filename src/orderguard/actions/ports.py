"""What the actions need from the world. Storage implements it, `wiring` connects the two."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from orderguard.domain.analysis import Analysis, RecordedAnalysis
from orderguard.domain.api_key import ApiKey
from orderguard.domain.configuration import MerchantConfiguration
from orderguard.domain.ids import ApiKeyId, ConfigurationVersion, MerchantId, SessionId
from orderguard.domain.merchant import Merchant
from orderguard.domain.offer_session import OfferSession


class DecidedForAnotherSession(Exception):
    """An experiment's decision was made for a session that lost a race; `actual` is the winner."""

    def __init__(self, actual: SessionId) -> None:
        super().__init__(actual)
        self.actual = actual


class OfferSessionJournal(Protocol):
    """The hot path's storage: every method is durable when it returns."""

    async def record(self, analysis: Analysis) -> RecordedAnalysis:
        """Record one analysis and say which session it belongs to.

        Raises `SessionNotFound` when it names a session this merchant does not have,
        `DecidedForAnotherSession`, and `StorageUnavailable`.
        """

    async def find_session_of_cart(self, merchant: MerchantId, cart_id: str) -> SessionId | None:
        """The session that this merchant's cart id is bound to."""

    async def find_offer_session(
        self, merchant: MerchantId, session: SessionId
    ) -> OfferSession | None:
        """The session with its last offer. Raises `StorageUnavailable`."""


class CurrentConfigurations(Protocol):
    """Each merchant's published configuration, compiled and in memory, never stale for long."""

    def find(self, merchant: MerchantId) -> MerchantConfiguration | None: ...


class KnownKeys(Protocol):
    """Issued keys by hash, in memory, never stale for long."""

    def find(self, key_hash: bytes) -> ApiKey | None: ...

    def note_use(self, key: ApiKey, *, at: datetime) -> None:
        """Remember that the key was used; it is written down soon, not now."""


@dataclass(frozen=True, slots=True)
class PublishedConfiguration:
    """A version as it was published: the text itself, with its comments."""

    merchant: MerchantId
    version: ConfigurationVersion
    source: str
    published_at: datetime
    published_by: str


class Merchants(Protocol):
    """All merchants. A name is unique."""

    def add(self, merchant: Merchant) -> None:
        """Raises `AlreadyExists`."""

    def find(self, id_or_name: str) -> Merchant | None: ...

    def all(self) -> Sequence[Merchant]: ...


class ApiKeys(Protocol):
    """All issued keys, by their hashes."""

    def add(self, key: ApiKey, key_hash: bytes) -> None: ...

    def find(self, id_: ApiKeyId) -> ApiKey | None: ...

    def revoke(self, id_: ApiKeyId, *, at: datetime) -> None: ...

    def of_merchant(self, merchant: MerchantId) -> Sequence[ApiKey]: ...


class PublishedConfigurations(Protocol):
    """Every version ever published. Versions are never changed."""

    def add(self, published: PublishedConfiguration) -> None: ...

    def latest(self, merchant: MerchantId) -> PublishedConfiguration | None: ...

    def history(self, merchant: MerchantId) -> Sequence[PublishedConfiguration]: ...


class OfferSessions(Protocol):
    """Offer sessions as people look at them, away from the hot path."""

    def find(self, session: SessionId) -> OfferSession | None:
        """The session with this id, of whichever merchant: for the operator only."""

    def analyses(self, session: OfferSession) -> Sequence[Analysis]:
        """All analyses, oldest first."""


class UnitOfWork(Protocol):
    """One transaction over everything off the hot path. Leaving the block without error commits."""

    @property
    def merchants(self) -> Merchants: ...

    @property
    def api_keys(self) -> ApiKeys: ...

    @property
    def configurations(self) -> PublishedConfigurations: ...

    @property
    def offer_sessions(self) -> OfferSessions: ...


class Database(Protocol):
    """Where units of work come from."""

    def begin(self) -> AbstractContextManager[UnitOfWork]:
        """One transaction. Raises `StorageUnavailable`."""

    def read(self) -> AbstractContextManager[UnitOfWork]:
        """For looking only; what is changed is lost. Raises `StorageUnavailable`."""
