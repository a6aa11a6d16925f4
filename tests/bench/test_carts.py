"""The carts of the benchmark are what they claim to be."""

from __future__ import annotations

import json
from itertools import islice
from pathlib import Path

from bench.carts import CART_ID, PRICE, cart_template
from bench.workload import NEW_EVERY, Workload


def test_cart_of_ten_lines_has_about_three_kilobytes():
    body = cart_template(10).body("cart-1")

    assert 2_700 < len(body) < 3_500


def test_template_keeps_both_places_open_for_the_load_generator():
    text = cart_template(1).text

    assert [1, 1] == [text.count(CART_ID), text.count(PRICE)]


def test_filled_template_is_a_cart_with_that_id_and_price():
    document = json.loads(cart_template(2).body("cart-7", 1234))

    assert "cart-7" == document["cartId"]
    assert 1234 == document["cart"]["lines"][0]["totalPrice"]


def test_one_request_in_three_brings_a_new_cart(tmp_path: Path):
    workload = Workload.of_lines(1, tmp_path)

    ids = [json.loads(body)["cartId"] for body in islice(workload.bodies(), 30 * NEW_EVERY)]

    assert 30 == len(set(ids))


def test_two_runs_share_no_cart(tmp_path: Path):
    workload = Workload.of_lines(1, tmp_path)

    one, other = (next(workload.bodies()) for _ in range(2))

    assert one != other
