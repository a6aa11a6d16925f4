"""Measures Orderguard against what it should beat and what it cannot beat, on this machine.

`python -m bench` starts every server itself, on loopback, and removes what it made. How to read
the figures is in `docs/performance.md`.
"""
