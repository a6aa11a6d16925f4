"""`orderguard demo`: what a newcomer sees first must not disappoint."""

from __future__ import annotations

import json
import os
import re
import signal
import socket
import sqlite3
import subprocess
import sys
import threading
from collections import Counter
from contextlib import suppress
from pathlib import Path
from subprocess import Popen
from typing import Any

import httpx
import pytest

from orderguard.demo.carts import demo_carts
from orderguard.demo.order_outcomes import ELIGIBLE_STORIES, HIDDEN_STORIES, Story
from orderguard.demo.stage import set_stage
from orderguard.domain.eligibility_reason import EligibilityReason
from tests.cli.shell import Shell
from tests.support.programs import find_program

NEEDS_MORE_THAN_CARTS = {
    EligibilityReason.CONFIGURATION_MISSING,
    EligibilityReason.ORDER_PROTECTION_DISABLED,
    EligibilityReason.CART_HAS_EXCLUDED_PRODUCT,
    EligibilityReason.AB_TEST_CONTROL_GROUP,
    EligibilityReason.SYSTEM_ERROR,
    EligibilityReason.PICKUP_DELIVERY_SELECTED,
}
"""What one merchant with one configuration cannot show at the same time as the rest."""


@pytest.fixture(scope="module")
def told(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, dict[str, Any]]:
    """One run for many tests: its directory, and what it printed."""
    directory = tmp_path_factory.mktemp("demo")
    answer = Shell(directory).run_apart("demo", "--port", "0", "--json", "--exit")
    assert 0 == answer.exit_code, answer.stderr
    assert "" == answer.stderr
    return directory, answer.document


@pytest.fixture
def again(told: tuple[Path, dict[str, Any]]) -> Shell:
    """Where the demo was before, so that it need not make up the past once more."""
    return Shell(told[0])


def test_every_bundled_cart_is_analysed_in_order(told: tuple[Path, dict[str, Any]]) -> None:
    outcomes = told[1]["outcomes"]

    assert [cart.about for cart in demo_carts()] == [outcome["cart"] for outcome in outcomes]
    assert all(outcome["session_id"].startswith("lop_") for outcome in outcomes)


def test_the_carts_are_as_varied_as_real_ones() -> None:
    requests = [cart.request for cart in demo_carts()]

    assert len(requests) >= 60
    assert {"USD", "EUR", "JPY", "KWD"} <= {r["cart"]["currencyCode"] for r in requests}
    assert {1, 60} <= {len(request["cart"]["lines"]) for request in requests}


def test_every_reason_that_carts_alone_can_bring_about_is_seen(
    told: tuple[Path, dict[str, Any]],
) -> None:
    seen = Counter(outcome["reason"] for outcome in told[1]["outcomes"])

    assert set(EligibilityReason) - NEEDS_MORE_THAN_CARTS == seen.keys()
    assert seen == told[1]["reasons"]


def test_prices_have_the_decimals_of_their_currency(told: tuple[Path, dict[str, Any]]) -> None:
    decimals = {
        outcome["currency"]: len(outcome["price"].split()[0].partition(".")[2])
        for outcome in told[1]["outcomes"]
        if outcome["eligible"]
    }

    assert (2, 0, 3) == (decimals["USD"], decimals["JPY"], decimals["KWD"])


def test_accepting_the_offer_does_not_move_the_price(told: tuple[Path, dict[str, Any]]) -> None:
    prices = {outcome["cart"]: outcome["price"] for outcome in told[1]["outcomes"]}

    assert (
        prices["VIP before accepting the offer"]
        == prices["Fee accepted: the total now contains it"]
    )


def test_a_second_run_finds_the_merchant_again_and_issues_a_fresh_key(
    told: tuple[Path, dict[str, Any]],
) -> None:
    directory, first = told

    second = Shell(directory).run_apart("demo", "--port", "0", "--json", "--exit").document

    assert first["key"] != second["key"]
    assert [(o["reason"], o["price"]) for o in first["outcomes"]] == [
        (outcome["reason"], outcome["price"]) for outcome in second["outcomes"]
    ]
    with sqlite3.connect(directory / "orderguard-demo.db") as database:
        assert (2,) == database.execute("SELECT count(*) FROM merchants").fetchone()
        assert (2,) == database.execute("SELECT count(*) FROM configurations").fetchone()
    database.close()


def test_the_server_logs_to_a_file_that_is_named(told: tuple[Path, dict[str, Any]]) -> None:
    directory, document = told

    log = (directory / document["log"]).read_text(encoding="utf-8")

    assert "request" in {json.loads(line)["event"] for line in log.splitlines()}
    assert document["key"] not in log


def test_the_demo_keeps_out_of_the_database_of_the_shop(tmp_path: Path) -> None:
    shop = Shell(tmp_path, database_url="sqlite:///shop.db")

    shop.run_apart("demo", "--port", "0", "--json", "--exit")

    assert not (tmp_path / "shop.db").exists()


def read_until(process: Popen[str], last: str) -> str:
    assert process.stdout is not None
    told = ""
    for line in process.stdout:
        told += line
        if line.startswith(last):
            return told
    raise AssertionError(f"the demo ended early:\n{told}")


def test_the_first_line_is_where_the_shop_is_and_it_is_open(again: Shell) -> None:
    with again.running("demo", "--port", "0", "--shop-port", "0") as process:
        first, *_ = read_until(process, "The API is described at").splitlines()

        assert "The shop is open: http://127.0.0.1:" in first
        assert 200 == httpx.get(first.split()[-1]).status_code


def test_a_port_for_the_shop_that_is_taken_is_named(shell: Shell) -> None:
    with socket.create_server(("127.0.0.1", 0)) as somebody_else:
        port = str(somebody_else.getsockname()[1])

        answer = shell.run_apart("demo", "--port", "0", "--shop-port", port, "--json")

    assert (1, "") == (answer.exit_code, answer.stdout)
    assert f"Cannot listen on 127.0.0.1:{port}" in answer.stderr
    assert "Choose another port with --shop-port." in answer.stderr


def test_the_requests_it_prints_work_when_pasted(again: Shell) -> None:
    if not find_program("curl"):
        assert not os.environ.get("CI"), "curl is needed; .ci/run installs it"
        pytest.skip("NOTHING WAS PASTED: this needs curl")
    # Given a demo that has told everything and is now serving
    with again.running("demo", "--port", "0") as process:
        told = read_until(process, "The API is described at")

        # When somebody pastes its requests
        answers = [paste(each) for each in re.findall(r"(?ms)^(curl .*?)\n\n", told)]

    # Then all lines fit, but those with a path; an offer, its session, an explanation, a magic line
    lines = [line for line in told.splitlines() if str(again.directory) not in line]
    assert [] == [line for line in lines if len(line) > 80]
    offer, session, explained, magic = answers
    assert "cart_too_valuable" == magic["reason"]
    assert offer["eligible"]
    assert session["eligible"]
    assert "createdAt" in session
    assert not explained["eligible"]
    assert explained["debug"]["eligibility"]


def paste(command: str) -> Any:
    environment = os.environ | {"no_proxy": "127.0.0.1"}
    pasted = subprocess.run(
        command, shell=True, capture_output=True, text=True, check=True, env=environment
    )
    return json.loads(pasted.stdout)


def test_the_table_names_every_cart_with_reason_modes_and_price(again: Shell) -> None:
    answer = again.run_apart("demo", "--port", "0", "--exit")

    assert 0 == answer.exit_code
    rows = [r for r in answer.stdout.splitlines() if r.startswith("Titanium mug")]
    analysis, order = rows
    assert "eligible: return + shipping" in analysis
    assert "820 JPY" in analysis
    assert " exact " in order


def test_every_story_of_an_order_is_told(told: tuple[Path, dict[str, Any]]) -> None:
    stories = {order["story"] for order in told[1]["orders"]}

    assert {*ELIGIBLE_STORIES, *HIDDEN_STORIES} - {Story.NO_ORDER} == stories


def test_the_stories_end_as_the_contract_says(told: tuple[Path, dict[str, Any]]) -> None:
    seen = {
        (order["story"], order["outcome"], order["verdict"], bool(order["covered"]))
        for order in told[1]["orders"]
    }

    assert {
        (Story.ACCEPTED, "accepted", "exact", True),
        (Story.REPLAYED, "accepted", "exact", True),
        (Story.GOODS_RETURNED, "accepted", "exact", True),
        (Story.ALTERED_FEE, "accepted", "altered", True),
        (Story.UNLINKED, "accepted", "unlinked", True),
        (Story.CANCELLED, "accepted", "exact", False),
        (Story.REFUNDED, "accepted", "exact", False),
        (Story.DECLINED, "declined", None, False),
        (Story.NOT_SHOWN, "not_shown", None, False),
    } == seen


def test_the_books_of_the_demo_balance_in_every_currency(
    told: tuple[Path, dict[str, Any]],
) -> None:
    balance = told[1]["trial_balance"]

    assert {"USD", "EUR", "JPY", "KWD"} <= balance.keys()
    assert {0} == set(balance.values())


def test_the_funnel_and_the_statement_tell_of_the_same_orders(
    told: tuple[Path, dict[str, Any]],
) -> None:
    today = told[1]["funnel"][-1]["accepted"]
    billed = {c["currency"]: c["orders_accepted"] for c in told[1]["statement"]["currencies"]}

    accepted = [order for order in told[1]["orders"] if order["outcome"] == "accepted"]
    unlinked = [order for order in accepted if order["verdict"] == "unlinked"]
    assert len(accepted) - len(unlinked) == today
    # The weeks before had no orders in these currencies.
    charged = Counter(order["charged"].split()[-1] for order in accepted)
    assert {"JPY": charged["JPY"], "KWD": charged["KWD"]} == {
        currency: billed[currency] for currency in ("JPY", "KWD")
    }


def test_the_experiment_of_the_demo_has_something_to_say(
    told: tuple[Path, dict[str, Any]],
) -> None:
    shell = Shell(told[0], database_url="sqlite:///orderguard-demo.db")

    found = shell.run("experiments", "list", "Fjord & Field", "--json").document

    assert ["price-2026q4", "holdout-2027q1"] == [each["key"] for each in found]
    running = found[0]
    assert "running" == running["status"]
    assert running["sessions"] > 1_500
    assert running["advice"].startswith("Let it run: higher certainly attaches less often")
    assert running["advice"].endswith("but what that earns is not certain yet.")
    assert [] == running["warnings"]


def test_a_taken_usual_port_is_replaced_by_a_free_one(again: Shell) -> None:
    # Given that somebody has port 8080: we, or whoever had it before us
    with socket.socket() as somebody_else:
        somebody_else.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        with suppress(OSError):
            somebody_else.bind(("127.0.0.1", 8080))
            somebody_else.listen()

        # When the demo is run without saying where
        with again.running("demo") as process:
            told = read_until(process, "Orderguard answers at")
            url = told.splitlines()[-1].split()[3]

            # Then it says that it is somewhere else, and it is
            assert "Port 8080 is taken" in told
            assert 200 == httpx.get(f"{url}/healthz").status_code


def test_a_port_that_was_asked_for_is_not_replaced(shell: Shell) -> None:
    with socket.create_server(("127.0.0.1", 0)) as somebody_else:
        port = str(somebody_else.getsockname()[1])

        answer = shell.run_apart("demo", "--port", port, "--json")

    assert (1, "") == (answer.exit_code, answer.stdout)
    assert f"Cannot listen on 127.0.0.1:{port}" in answer.stderr
    assert not list(shell.directory.iterdir())


def test_a_directory_that_cannot_be_written_is_named(shell: Shell) -> None:
    shell.write("file", "not a directory")

    answer = shell.run_apart("demo", "--port", "0", "--directory", "file/below", "--json")

    assert (1, "") == (answer.exit_code, answer.stdout)
    assert "Choose another place with --directory." in answer.stderr


def test_who_reads_that_it_serves_may_stop_it_at_once(again: Shell) -> None:
    with again.running("demo", "--port", "0", "--json") as process:
        assert process.stdout is not None
        process.stdout.read(1)  # the shell stops it, before it has said all


def test_the_server_has_ended_when_an_interrupted_demo_ends(tmp_path: Path) -> None:
    """It crashed now and then: the server still ran while the interpreter was torn down."""
    before = signal.signal(signal.SIGALRM, signal.default_int_handler)
    try:
        with set_stage(tmp_path, port=0, shop_port=0) as stage:
            [server] = [each for each in threading.enumerate() if each.name == "demo-server"]
            signal.setitimer(signal.ITIMER_REAL, 0.2)
            with suppress(KeyboardInterrupt):
                stage.serving.wait()
    finally:
        signal.signal(signal.SIGALRM, before)

    assert server.ident not in sys._current_frames()


def test_being_stopped_twice_is_still_an_orderly_end(again: Shell) -> None:
    # `make` passes a SIGTERM on, and whoever sent it may have sent it to all of them.
    with again.running("demo", "--port", "0", "--json") as process:
        assert process.stdout is not None
        url = json.loads(process.stdout.readline())["url"]
        assert 200 == httpx.get(f"{url}/healthz").status_code

        process.terminate()
