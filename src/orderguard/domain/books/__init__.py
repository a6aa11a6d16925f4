"""The books: ledger, statements, months."""
