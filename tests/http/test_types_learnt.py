"""Types that threads decode are known to msgspec before: two threads at once would crash it."""

from __future__ import annotations

import subprocess
import sys

import pytest

_ORDER = """
from orderguard.http.wire.order import order_from_wire as decode
money = {"amount": 1, "currency_code": "USD"}
document = {"name": "1", "taxes_included": False, "total_price": money, "line_items": []}
decode_it = lambda: decode(document)
"""
_ADMIN = """
import msgspec
from orderguard.admin.api.resource import OperationResource
from orderguard.admin.api.table import OPERATIONS
import orderguard.admin.api.analytics as analytics, orderguard.admin.api.experiments as experiments
for each in OPERATIONS:
    OperationResource(None, [each])
shapes = [each.body for each in OPERATIONS if each.body]
shapes += [analytics.AnalyticsResponse, experiments.ExperimentBody]
def decode_it():
    for shape in shapes:
        try:
            msgspec.convert({}, shape)
        except msgspec.ValidationError:
            pass
"""
_NOTHING_TO_LEARN = """
import msgspec._utils
def learns(*_):
    raise SystemExit("msgspec met the type for the first time")
msgspec._utils.get_class_annotations = learns
decode_it()
"""


@pytest.mark.parametrize("decoding", [_ORDER, _ADMIN], ids=["orders", "admin"])
def test_no_type_is_met_for_the_first_time_in_a_thread(decoding: str) -> None:
    command = [sys.executable, "-c", decoding + _NOTHING_TO_LEARN]
    finished = subprocess.run(command, capture_output=True, text=True, check=False)
    assert (0, "") == (finished.returncode, finished.stderr)
