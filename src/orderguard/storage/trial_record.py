"""Test whether the database can be written: insert a row and delete it in one commit."""

from __future__ import annotations

from secrets import token_bytes

from sqlalchemy import Connection, delete, insert

from orderguard.storage.tables import session_carts

CART_BYTES = 2_048
"""About as much as a cart takes."""


def try_to_record(connection: Connection) -> None:
    """Insert a row into a table of analyses, and delete it, so that the commit leaves nothing.

    Readiness and `orderguard doctor` use it to check that a checkout could be recorded: disk space,
    the write lock, and a durable commit. The key is random, so checks do not wait for each other.
    """
    digest = token_bytes(16)
    key = {"merchant_id": "", "session_id": "", "digest": digest}
    connection.execute(insert(session_carts).values(**key, cart=token_bytes(CART_BYTES)))
    connection.execute(
        delete(session_carts).where(
            session_carts.c.merchant_id == "",
            session_carts.c.session_id == "",
            session_carts.c.digest == digest,
        )
    )
