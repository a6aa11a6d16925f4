"""Settings, a plugin that is off for a while, and the end of it: the rows of all platforms."""

from __future__ import annotations

from tests.connectors.rows.installing import *  # noqa: F403
