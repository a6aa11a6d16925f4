"""Limits of file descriptors: raise them, and how many connections they allow."""

from __future__ import annotations

RESERVED = 128
"""Descriptors kept for the database, the log, and the operations port."""

ENOUGH = 65_536
"""More than any number of connections of one process; the hard limit may be a billion."""


def raise_descriptor_limit() -> int:
    """Raise the limit of this process to the allowed maximum; returns the new limit.

    The usual soft limit of 1,024 is there for programs that use `select`, which none of ours do.
    """
    try:
        import resource
    except ImportError:  # not available on Windows
        return ENOUGH
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    unlimited = resource.RLIM_INFINITY
    wanted = ENOUGH if hard == unlimited else min(hard, ENOUGH)
    if soft == unlimited or soft >= wanted:
        return ENOUGH if soft == unlimited else soft
    resource.setrlimit(resource.RLIMIT_NOFILE, (wanted, hard))
    return wanted


def connections_within(wanted: int, descriptors: int) -> int:
    """The number of connections, up to `wanted`, that `descriptors` file descriptors allow."""
    return max(1, min(wanted, max(descriptors - RESERVED, descriptors // 2)))
