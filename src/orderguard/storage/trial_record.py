"""A trial of recording: a row as an analysis leaves it, written and deleted in one commit."""

from __future__ import annotations

from secrets import token_bytes

from sqlalchemy import Connection, delete, insert

from orderguard.storage.tables import session_carts

CART_BYTES = 2_048
"""About as much as a cart takes."""


def try_to_record(connection: Connection) -> None:
    """Insert a row into a table of analyses, and delete it. The commit leaves nothing.

    Readiness and `orderguard doctor` ask in this way what a checkout needs: room, the lock of a
    writer, and a commit on the disk. The key is random, so trials do not wait for each other.
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
