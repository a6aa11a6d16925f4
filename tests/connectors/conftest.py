"""What all connectors share: the record of what was seen to hold."""

from __future__ import annotations

import os

import pytest

from tests.connectors.seen import Recorder


def pytest_configure(config: pytest.Config) -> None:
    if os.environ.get("CONNECTORS_RECORD"):
        config.pluginmanager.register(Recorder())
