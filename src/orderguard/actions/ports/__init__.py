"""The interfaces that the actions need, a file per noun.

Storage implements them, and `running.wiring` connects the two.
"""
