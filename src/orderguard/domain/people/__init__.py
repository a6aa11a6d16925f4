"""People and their keys: accounts, roles, API keys, the audit trail."""
