"""Nouns and decisions of order protection. Pure: standard library only, no clock, no I/O."""
