"""`orderguard orders`, `statement` and `funnel`, and what `sessions show` says of orders."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator
from datetime import datetime, timedelta

import pytest

from orderguard.domain.books.month import Month
from orderguard.running.wiring import now
from orderguard.storage.database import SqlDatabase
from tests.cli.shell import Shell as Terminal
from tests.support.databases import new_database_url
from tests.support.order_desk import (
    BOTH_MODES,
    JUNE,
    Desk,
    accepted_order,
    of_session,
    wire_fee,
    wire_order,
)

JULY = JUNE + timedelta(days=30)


@pytest.fixture(scope="module")
def database(tmp_path_factory: pytest.TempPathFactory) -> Iterator[SqlDatabase]:
    database = SqlDatabase(new_database_url(tmp_path_factory.mktemp("commands")))
    yield database
    database.dispose()


@pytest.fixture
def operator(shell: Terminal, database: SqlDatabase) -> Terminal:
    """A shell on the database of these tests."""
    return Terminal(shell.directory, database_url=database.url)


@pytest.fixture
def desk(database: SqlDatabase) -> Desk:
    """A merchant whose provider gets 15 % of the fees."""
    return Desk(database, provider_share_bps=15_00)


def test_an_order_is_shown_with_everything_that_followed_from_it(
    operator: Terminal, desk: Desk
) -> None:
    session = desk.session()
    desk.push(accepted_order(session))
    order = desk.push(accepted_order(session, status="cancelled"), at=JULY).record

    shown = operator.run("orders", "show", str(order.id), "--json").document

    assert (order.id, "1001", desk.id, 2) == tuple(
        shown[name] for name in ("id", "external_id", "merchant", "revision")
    )
    assert ("accepted", session, "exact", BOTH_MODES) == tuple(
        shown[name] for name in ("outcome", "session_id", "verdict", "modes")
    )
    assert [("voided", "order_cancelled")] * 2 == [
        (coverage["state"], coverage["void_reason"]) for coverage in shown["coverages"]
    ]
    assert [
        ("billing", None, None, "2026-06"),
        ("reversal", f"{order.id}-1", "order_cancelled", "2026-07"),
    ] == [(p["kind"], p["reverses"], p["because"], p["period"]) for p in shown["postings"]]
    assert all(0 == sum(e["amount"] for e in p["entries"]) for p in shown["postings"])


def test_people_see_an_order_with_its_warnings_and_postings(operator: Terminal, desk: Desk) -> None:
    order = desk.push(accepted_order(desk.session(), fees=[wire_fee(6_00)])).record

    shown = operator.run("orders", "show", str(order.id)).stdout

    assert "charged 6.00 USD, verdict altered" in shown
    assert "! The fee was never quoted in this session." in shown
    assert "fee_revenue" in shown


def test_a_deleted_order_can_still_be_looked_at(operator: Terminal, desk: Desk) -> None:
    order = desk.push(accepted_order()).record
    desk.delete("1001")

    shown = operator.run("orders", "show", str(order.id), "--json").document

    assert ["order_deleted"] * 2 == [each["void_reason"] for each in shown["coverages"]]


@pytest.mark.parametrize("text", ["x", "-1", "1.5", "9" * 17, "9" * 16, "", "٣", "\0"])
def test_what_is_the_id_of_no_order_is_told_so(operator: Terminal, text: str) -> None:
    answer = operator.run("orders", "show", "--json", "--", text)

    assert (1, "") == (answer.exit_code, answer.stdout)
    assert "has the id or external id" in answer.stderr


def test_an_order_that_is_not_there_is_a_failure(operator: Terminal) -> None:
    answer = operator.run("orders", "show", "1")

    told = "No order has the id or external id '1'.\n"
    assert (1, "", told) == (answer.exit_code, answer.stdout, answer.stderr)


def test_orders_to_review_are_those_whose_fee_is_not_the_quoted_one(
    operator: Terminal, desk: Desk
) -> None:
    fees = {
        "exact": [wire_fee(4_98)],
        "rounding": [wire_fee(4_99)],
        "altered": [wire_fee(6_00)],
        "mode_mismatch": [wire_fee(2_98, BOTH_MODES[:1])],
        "currency_mismatch": [wire_fee(4_98, currency="EUR")],
    }
    for number, (name, charged) in enumerate(fees.items()):
        order = accepted_order(desk.session(), external_id=name, fees=charged)
        desk.push(order, at=JUNE + timedelta(minutes=number))
    desk.push(
        accepted_order(desk.session(prices=(2_00, 3_00)), external_id="stale"),
        at=JUNE + timedelta(minutes=8),
    )
    desk.push(accepted_order(external_id="unlinked"), at=JUNE + timedelta(minutes=9))
    desk.push(wire_order("declined"), at=JUNE + timedelta(minutes=10))

    review = operator.run("orders", "review", desk.id, "--json").document

    newest_first = ["unlinked", "stale", "currency_mismatch", "mode_mismatch", "altered"]
    assert newest_first == [order["external_id"] for order in review]
    assert newest_first == [order["verdict"] for order in review]
    two = operator.run("orders", "review", desk.id, "--limit", "2", "--json").document
    assert review[:2] == two
    assert "stale" in operator.run("orders", "review", desk.id).stdout


def test_without_anything_to_review_people_are_told_so(operator: Terminal, desk: Desk) -> None:
    desk.push(accepted_order(desk.session()))

    assert operator.run("orders", "review", desk.id).stdout.startswith("Nothing needs a look")
    assert [] == operator.run("orders", "review", desk.id, "--json").document


def test_a_statement_says_the_same_in_all_its_forms(operator: Terminal, desk: Desk) -> None:
    desk.push(accepted_order(desk.session()))
    desk.push(accepted_order(external_id="2", fees=[wire_fee(500, currency="JPY")]))
    desk.push(accepted_order(external_id="3", fees=[wire_fee(1_00)]))
    desk.push(accepted_order(external_id="3", fees=[]))
    words = ("statement", desk.id, "--month", "2026-06")

    as_json = operator.run(*words, "--json").document
    as_csv = operator.run(*words, "--format", "csv").stdout
    as_table = operator.run(*words).stdout

    assert ("2026-06", False) == (as_json["month"], as_json["closed"])
    jpy, usd = as_json["currencies"]
    assert {
        "currency": "USD",
        "orders_accepted": 2,
        "fees_returnCoverage": 3_48,
        "fees_shippingProtection": 2_50,
        "reversals_returnCoverage": 50,
        "reversals_shippingProtection": 50,
        "provider_share": 75,
        "net": 4_23,
        "corrections_of_earlier_months": 0,
        "corrections_amount": 0,
    } == usd
    rows = list(csv.DictReader(io.StringIO(as_csv)))
    assert [{"month": "2026-06"} | {k: str(v) for k, v in c.items()} for c in (jpy, usd)] == rows
    table = {line[: line.index("  ")]: line.split()[-2:] for line in as_table.splitlines()[2:]}
    assert ["1", "2"] == table["orders accepted"]
    assert ["250", "3.48"] == table["fees, returnCoverage"]
    assert ["0", "-1.00"] == table["reversals"]
    assert [str(500 - jpy["provider_share"]), "4.23"] == table["net"]


def test_a_month_without_postings_is_an_empty_statement(operator: Terminal, desk: Desk) -> None:
    words = ("statement", desk.id, "--month", "2026-05")

    assert [] == operator.run(*words, "--json").document["currencies"]
    assert "month,currency\n" == operator.run(*words, "--format", "csv").stdout
    assert "Nothing was posted in this month." in operator.run(*words).stdout


def test_a_month_is_closed_for_good_and_later_corrections_say_so(
    operator: Terminal, desk: Desk
) -> None:
    desk.push(accepted_order(desk.session()), at=now().replace(year=2025, month=6, day=15))
    words = ("statement", desk.id, "--month", "2025-06")

    closed = operator.run(*words, "--close", "--json").document
    desk.push(accepted_order(status="cancelled"), at=datetime.fromisoformat("2025-06-20T00:00Z"))

    assert (True, 4_98) == (closed["closed"], sum(_fees(closed)))
    assert closed == operator.run(*words, "--json").document
    assert "(closed)" in operator.run(*words).stdout
    (july,) = operator.run("statement", desk.id, "--month", "2025-07", "--json").document[
        "currencies"
    ]
    assert (1, 4_98) == (july["corrections_of_earlier_months"], july["corrections_amount"])
    assert -4_98 + 75 == july["net"]


def _fees(statement: dict[str, list[dict[str, int]]]) -> list[int]:
    return [
        c["fees_returnCoverage"] + c["fees_shippingProtection"] for c in statement["currencies"]
    ]


@pytest.mark.parametrize("month", ["2026-13", "2026", "june", "2026-6", "1999-12"])
def test_what_is_no_month_is_told_so(operator: Terminal, desk: Desk, month: str) -> None:
    answer = operator.run("statement", desk.id, "--month", month, "--json")

    assert (1, "") == (answer.exit_code, answer.stdout)
    assert "is not a month; expected one such as 2026-11." in answer.stderr


def test_this_month_cannot_be_closed(operator: Terminal, desk: Desk) -> None:
    month = str(Month.of(now()))

    answer = operator.run("statement", desk.id, "--month", month, "--close", "--json")

    assert (1, "") == (answer.exit_code, answer.stdout)
    assert f"{month} is not over yet" in answer.stderr


@pytest.mark.parametrize("words", [("statement", "nobody", "--month", "2026-06"),
                                   ("funnel", "nobody"), ("orders", "review", "nobody")],
                         ids=lambda words: words[0])  # fmt: skip
def test_an_unknown_merchant_is_a_failure(operator: Terminal, words: tuple[str, ...]) -> None:
    answer = operator.run(*words, "--json")

    assert (1, "") == (answer.exit_code, answer.stdout)
    assert "nobody" in answer.stderr


def test_the_funnel_counts_sessions_by_the_day_they_began(operator: Terminal, desk: Desk) -> None:
    today = now()
    yesterday, long_ago = today - timedelta(days=1), today - timedelta(days=10)
    accepted, declined = desk.session(at=yesterday), desk.session(at=yesterday)
    desk.session(at=yesterday, prices=(None,))
    desk.session(at=long_ago)
    desk.push(accepted_order(accepted))
    desk.push(wire_order("2", metadata=of_session(declined)))

    days = operator.run("funnel", desk.id, "--json").document

    nothing = dict.fromkeys(["accepted", "declined", "not_shown", "abandoned", "open"], 0)
    assert [
        {"day": f"{long_ago:%Y-%m-%d}", "analysed": 1, "shown": 1} | nothing | {"abandoned": 1},
        {"day": f"{yesterday:%Y-%m-%d}", "analysed": 3, "shown": 2}
        | nothing
        | {"accepted": 1, "declined": 1, "not_shown": 1},
    ] == days
    recent = operator.run("funnel", desk.id, "--since", "5d", "--json").document
    assert days[1:] == recent
    shown = operator.run("funnel", desk.id).stdout
    assert ("50.0 %", "█" * 10 + "▒" * 10 + "·" * 10) == _attach_and_bar(shown.splitlines()[2])


def _attach_and_bar(line: str) -> tuple[str, str]:
    *_, rate, percent, bar = line.split()
    return f"{rate} {percent}", bar


def test_a_funnel_without_sessions_says_so(operator: Terminal, desk: Desk) -> None:
    assert "No sessions in this time.\n" == operator.run("funnel", desk.id).stdout


@pytest.mark.parametrize("since", ["30", "d", "0d", "-1d", "1w", "99999d", "1.5d"])
def test_a_time_that_is_no_number_of_days_is_told_so(
    operator: Terminal, desk: Desk, since: str
) -> None:
    answer = operator.run("funnel", desk.id, f"--since={since}", "--json")

    assert (1, "") == (answer.exit_code, answer.stdout)
    assert "expected one such as 30d" in answer.stderr


def test_a_session_tells_its_outcome_and_its_order(operator: Terminal, desk: Desk) -> None:
    days_ago = now() - timedelta(days=8)
    taken, left = desk.session(at=days_ago), desk.session(at=days_ago)
    order = desk.push(accepted_order(taken)).record

    shown = [operator.run("sessions", "show", s, "--json").document for s in (taken, left)]

    assert [("accepted", order.id), ("abandoned", None)] == [
        (session["outcome"], session["order"]) for session in shown
    ]
    assert f"accepted, order {order.id}" in operator.run("sessions", "show", taken).stdout


def test_orders_are_listed_and_found_by_the_platforms_id(operator: Terminal, desk: Desk) -> None:
    order = desk.push(accepted_order(desk.session(), external_id=f"own {desk.id}")).record
    desk.push(wire_order("other", status="cancelled"))

    listed = operator.run("orders", "list", desk.id, "--json").document
    cancelled = operator.run("orders", "list", desk.id, "--status", "cancelled").stdout
    shown = operator.run("orders", "show", f"own {desk.id}", "--json").document
    session = operator.run("sessions", "show", f"own {desk.id}", "--json").document

    assert {str(order.id), "other"} <= {str(e["id"]) for e in listed} | {
        e["external_id"] for e in listed
    }
    assert ("other" in cancelled, desk.id in cancelled) == (True, False)
    assert (order.id, order.id) == (shown["id"], session["order"])


def test_an_id_of_several_merchants_needs_the_merchant(
    operator: Terminal, desk: Desk, database: SqlDatabase
) -> None:
    other = Desk(database)
    orders = {each.id: each.push(wire_order(f"both {desk.id}")).record for each in (desk, other)}

    doubtful = operator.run("orders", "show", f"both {desk.id}")
    ours = operator.run("orders", "show", f"both {desk.id}", "--merchant", desk.id, "--json")
    unknown = operator.run("orders", "show", "nowhere", "--merchant", desk.id)

    assert "2 merchants have an order" in doubtful.stderr
    assert "--merchant NAME" in doubtful.stderr
    assert orders[desk.id].id == ours.document["id"]
    assert "has the id or external id 'nowhere'." in unknown.stderr


def test_coverages_are_listed_and_shown_with_their_history(operator: Terminal, desk: Desk) -> None:
    order = desk.push(accepted_order(desk.session(), external_id=f"own {desk.id}")).record
    desk.push(accepted_order(external_id="other"))

    all_of_them = operator.run("coverages", "list", desk.id, "--json").document
    of_order = operator.run(
        "coverages", "list", desk.id, "--order", f"own {desk.id}", "--json"
    ).document
    one = operator.run("coverages", "show", str(of_order[0]["id"]), "--json").document
    missing = operator.run("coverages", "show", "7")

    assert (4, 2) == (len(all_of_them), len(of_order))
    assert {order.id} == {each["order_id"] for each in of_order}
    assert {50_00} == {each["amount"]["amount"] for each in of_order}
    assert ["activated"] == [each["event"] for each in one["history"]]
    assert desk.id == one["merchant"]
    assert "activated" in operator.run("coverages", "show", str(one["id"])).stdout
    assert "orderguard coverages list MERCHANT --order ID" in missing.stderr


def test_a_statement_is_of_the_current_month_unless_told(operator: Terminal, desk: Desk) -> None:
    assert str(Month.of(now())) == operator.run("statement", desk.id, "--json").document["month"]
