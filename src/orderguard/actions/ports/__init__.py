"""Ports: the interfaces of storage that the actions call, a file per noun.

Storage implements them, and `running.wiring` connects the two.
"""
