"""Storage in SQLite or PostgreSQL: SQL, and rows to and from domain objects.

It implements the ports of the actions, whose docstrings say what each method promises, and takes no
business decision.
"""
