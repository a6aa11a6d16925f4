"""Alembic's entry: runs the migrations on the connection that `schema` hands over.

Each migration is a transaction of its own, unless the connection is in one already.
"""

from alembic import context

context.configure(
    connection=context.config.attributes["connection"],
    transaction_per_migration=True,
    render_as_batch=True,
)
with context.begin_transaction():
    context.run_migrations()
