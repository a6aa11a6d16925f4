"""The temporary directory of a run, for its databases and logs."""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

# The first must survive a reboot, so it is on a disk; the second may be in memory.
_PLACES = (Path("/var/tmp"), Path(tempfile.gettempdir()))  # noqa: S108


@contextmanager
def work_directory() -> Iterator[Path]:
    """A directory on a disk, deleted afterwards; other users may enter it, but not list it."""
    place = next(each for each in _PLACES if each.is_dir())
    directory = Path(tempfile.mkdtemp(prefix="orderguard-bench-", dir=place))
    directory.chmod(0o711)
    try:
        yield directory
    finally:
        shutil.rmtree(directory, ignore_errors=True)
