"""Benchmarks: Orderguard beside a usual implementation and beside ceilings, on this machine.

`python -m bench` starts every server itself, on loopback, and removes all files that it made. How
to read the figures is in `docs/performance.md`.
"""
