"""Property tests of pure functions are many, and each tries fewer examples."""

from __future__ import annotations

from hypothesis import settings

settings.register_profile("domain", settings.get_profile("orderguard"), max_examples=30)
settings.load_profile("domain")
