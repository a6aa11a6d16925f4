"""One transaction and the collections in it."""

from __future__ import annotations

from sqlalchemy import Connection

from orderguard.storage.api_keys import SqlApiKeys
from orderguard.storage.configurations import SqlPublishedConfigurations
from orderguard.storage.merchants import SqlMerchants
from orderguard.storage.offer_sessions import SqlOfferSessions


class SqlUnitOfWork:
    """Collections that share one connection, and so one transaction."""

    def __init__(self, connection: Connection) -> None:
        self.connection = connection
        self.merchants = SqlMerchants(connection)
        self.api_keys = SqlApiKeys(connection)
        self.configurations = SqlPublishedConfigurations(connection)
        self.offer_sessions = SqlOfferSessions(connection)
