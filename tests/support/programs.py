"""Programs that tests start, also where a PATH lacks the folders of system programs."""

from __future__ import annotations

import os
import shutil

SYSTEM_FOLDERS = ("/usr/sbin", "/usr/local/sbin")
"""Debian puts nginx and pgbouncer there; the PATH of people who are not root often lacks them."""


def find_program(*names: str) -> str | None:
    """The path of the first of these programs that is installed."""
    searched = os.pathsep.join([os.environ.get("PATH", os.defpath), *SYSTEM_FOLDERS])
    return next((found for name in names if (found := shutil.which(name, path=searched))), None)
