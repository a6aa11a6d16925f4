"""Hand a committed order to a thread of this process, to cron, or to a function of the shop.

The command `orderguard_push` pushes the orders that remain.
"""

from __future__ import annotations

import logging
import os
import threading
import time
from concurrent.futures import ThreadPoolExecutor

from django.db import connections, transaction
from django.utils.module_loading import import_string

from orderguard_oscar import conf
from orderguard_oscar.push import Outcome, push

log = logging.getLogger("orderguard.oscar")

REST_SECONDS = 30.0

_lock = threading.Lock()
_worker: tuple[int, ThreadPoolExecutor] | None = None
_waiting: set[str] = set()
_silent_until = 0.0


def after_commit(number: str) -> None:
    """Push this order once the transaction is committed, and not if it is rolled back."""
    transaction.on_commit(lambda: _hand_over(number), robust=True)


def _hand_over(number: str) -> None:
    settings = conf.current()
    if settings is None or settings.push == conf.BY_COMMAND:
        return
    if settings.push != conf.IN_A_THREAD:
        import_string(settings.push)(number)
        return
    with _lock:
        if number not in _waiting and time.monotonic() >= _silent_until:
            _waiting.add(number)
            _thread().submit(_push, number)


def _thread() -> ThreadPoolExecutor:
    """One thread per process; it does not survive the fork of a server."""
    global _worker
    if _worker is None or _worker[0] != os.getpid():
        _waiting.clear()
        _worker = (os.getpid(), ThreadPoolExecutor(1, thread_name_prefix="orderguard"))
    return _worker[1]


def _push(number: str) -> None:
    global _silent_until
    with _lock:
        _waiting.discard(number)
    try:
        if time.monotonic() >= _silent_until and push(number) is Outcome.LATER:
            _silent_until = time.monotonic() + REST_SECONDS
    except Exception:
        log.exception("Order %s was not pushed; the command will.", number)
    finally:
        connections.close_all()
