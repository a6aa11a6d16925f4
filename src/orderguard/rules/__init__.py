"""Merchants' rules in CEL, the Common Expression Language (contract §10).

They are compiled when a configuration is published, and their cost at run time is bounded.
"""
