"""Property tests try the same examples on every machine and every day."""

from __future__ import annotations

from hypothesis import settings

settings.register_profile(
    "orderguard", derandomize=True, database=None, deadline=None, max_examples=30
)
settings.load_profile("orderguard")
