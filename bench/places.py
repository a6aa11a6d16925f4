"""Where a run keeps its databases and logs while it lasts."""

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
    """A place on a disk, which other users may pass through but not look into."""
    place = next(each for each in _PLACES if each.is_dir())
    directory = Path(tempfile.mkdtemp(prefix="orderguard-bench-", dir=place))
    directory.chmod(0o711)
    try:
        yield directory
    finally:
        shutil.rmtree(directory, ignore_errors=True)
