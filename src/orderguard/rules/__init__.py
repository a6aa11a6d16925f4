"""Merchants' rules in CEL, the Common Expression Language: compiled when published, bounded at run
time (contract §10)."""
