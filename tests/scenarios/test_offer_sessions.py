"""Sessions over HTTP: one per cart, whoever comes first, for as long as promised (contract §6)."""

from __future__ import annotations

import asyncio
import time
from collections import Counter
from datetime import timedelta
from typing import Any

import httpx
import pytest
from sqlalchemy import update

from orderguard.actions import analyze_cart
from orderguard.domain.ids import SessionId
from orderguard.domain.offers.offer_session import RETENTION
from orderguard.running.wiring import now, wire_roll_up
from orderguard.storage.changes import announce_change
from orderguard.storage.retention import sweep_sessions
from orderguard.storage.tables import configurations, offer_sessions
from tests.support.shop import NOTHING_STORED, SETTLING_SECONDS, RunningServer, Shop
from tests.support.wire import wire_request

UNKNOWN = "lop_a1b2c3d4e5f6g7h8i9j0"
TOGETHER = 64
EXPERIMENT = {
    "key": "holdout",
    "status": "running",
    "arms": [{"name": "control", "weight": 1, "suppress": True}, {"name": "offered", "weight": 1}],
}


def _at_once(shop: Shop, request: dict[str, Any], times: int = TOGETHER) -> list[dict[str, Any]]:
    """The answers to the same request, sent this often at the same moment."""

    async def send() -> list[dict[str, Any]]:
        limits = httpx.Limits(max_connections=times, max_keepalive_connections=times)
        async with httpx.AsyncClient(
            base_url=shop.running.url,
            headers={"X-Authorization": shop.key},
            limits=limits,
            timeout=60,
            verify=False,
        ) as client:
            calls = [client.post("/v1/analyze", json=request) for _ in range(times)]
            responses = await asyncio.gather(*calls)
        assert [200] * times == [each.status_code for each in responses]
        return [each.json() for each in responses]

    return asyncio.run(send())


def _assert_one_session(answers: list[dict[str, Any]]) -> None:
    assert 1 == len({each["sessionId"] for each in answers})
    counts = sorted(each["metadata"]["analysisCount"] for each in answers)
    assert list(range(1, len(answers) + 1)) == counts
    created = [each for each in answers if each["metadata"]["sessionCreated"]]
    assert [1] == [each["metadata"]["analysisCount"] for each in created]


def test_64_first_calls_at_once_make_one_session(shop: Shop) -> None:
    answers = _at_once(shop, wire_request(cartId="new"))

    _assert_one_session(answers)
    expected = {"offer_sessions": 1, "cart_bindings": 1, "analyses": TOGETHER}
    assert expected == shop.row_counts()


def test_64_first_calls_at_once_share_one_arm_of_an_experiment(
    running_server: RunningServer,
) -> None:
    shop = running_server.a_shop(experiments=[EXPERIMENT])

    for cart_id in ("new-1", "new-2", "new-3"):
        answers = _at_once(shop, wire_request(cartId=cart_id, experimentationConsent=True))
        _assert_one_session(answers)
        assert 1 == len({each["metadata"]["experimentCohort"] for each in answers})
        assert 1 == len({each["eligible"] for each in answers})


def test_calls_at_once_with_and_without_consent_make_one_session(
    running_server: RunningServer,
) -> None:
    shop = running_server.a_shop(experiments=[EXPERIMENT])
    other = wire_request(cartId="mixed", experimentationConsent=True)

    async def both() -> list[dict[str, Any]]:
        one = asyncio.to_thread(_at_once, shop, wire_request(cartId="mixed"), 16)
        two = asyncio.to_thread(_at_once, shop, other, 16)
        return [answer for answers in await asyncio.gather(one, two) for answer in answers]

    _assert_one_session(asyncio.run(both()))


def test_calls_at_once_without_an_id_make_a_session_each(shop: Shop) -> None:
    answers = _at_once(shop, wire_request(), times=16)

    assert 16 == len({each["sessionId"] for each in answers})
    assert Counter({1: 16}) == Counter(each["metadata"]["analysisCount"] for each in answers)


def test_calls_at_once_into_one_session_count_every_one(shop: Shop) -> None:
    session = shop.analyze()["sessionId"]

    answers = _at_once(shop, wire_request(sessionId=session), times=32)

    assert list(range(2, 34)) == sorted(each["metadata"]["analysisCount"] for each in answers)


def test_a_session_id_wins_over_a_cart_id(shop: Shop) -> None:
    of_cart, other = shop.analyze(cartId="c")["sessionId"], shop.analyze()["sessionId"]

    assert other == shop.analyze(cartId="c", sessionId=other)["sessionId"]
    # The cart id was bound elsewhere, and stays there.
    assert of_cart == shop.analyze(cartId="c")["sessionId"]


def test_a_cart_id_sent_with_a_session_id_is_bound_to_it(shop: Shop) -> None:
    session = shop.analyze()["sessionId"]
    shop.analyze(cartId="late", sessionId=session)

    again = shop.analyze(cartId="late")

    assert session == again["sessionId"]
    assert 3 == again["metadata"]["analysisCount"]


def test_the_id_within_the_cart_never_reuses_a_session(shop: Shop) -> None:
    first, second = (shop.analyze(cart={"id": "same"})["sessionId"] for _ in range(2))

    assert first != second


def test_a_numeric_cart_id_is_its_decimal_text(shop: Shop) -> None:
    assert shop.analyze(cartId=17)["sessionId"] == shop.analyze(cartId="17")["sessionId"]
    assert shop.analyze(cartId="17 ")["sessionId"] != shop.analyze(cartId="17")["sessionId"]


def test_a_refused_request_is_no_analysis(shop: Shop) -> None:
    session = shop.analyze(cartId="c")["sessionId"]
    assert 400 == shop.post(wire_request(cartId="c", region=5)).status_code
    assert 404 == shop.post(wire_request(cartId="c", sessionId=UNKNOWN)).status_code

    assert 2 == shop.analyze(cartId="c")["metadata"]["analysisCount"]
    assert 2 == shop.session(session).json()["metadata"]["analysisCount"]


def test_an_unknown_session_binds_no_cart_id(shop: Shop) -> None:
    assert 404 == shop.post(wire_request(cartId="c", sessionId=UNKNOWN)).status_code

    assert NOTHING_STORED == shop.row_counts()


def test_an_ineligible_first_analysis_makes_a_session(shop: Shop) -> None:
    hidden = shop.analyze(cartId="c", cart={"currencyCode": "EUR"})
    shown = shop.analyze(cartId="c")

    assert hidden["metadata"]["sessionCreated"]
    assert hidden["sessionId"] == shown["sessionId"]
    assert (False, True) == (hidden["eligible"], shown["eligible"])


def _age(shop: Shop, session: str, *, is_kept: bool = False) -> None:
    """Let the session's last analysis have been just longer ago than it is kept."""
    with shop.running.database.begin() as work:
        work.connection.execute(
            update(offer_sessions)
            .where(offer_sessions.c.id == session)
            .values(updated_at=now() - RETENTION - timedelta(seconds=1), is_kept=is_kept)
        )


def _sweep(shop: Shop) -> int:
    """Sessions go only after they were counted."""
    for _ in wire_roll_up(shop.running.database).catch_up(shop.id, at=now()):
        pass
    return sum(sweep_sessions(shop.running.database, idle_since=now() - RETENTION))


@pytest.fixture
def aged(shop: Shop) -> tuple[Shop, str]:
    """A session with a cart id, idle for longer than sessions are kept."""
    session = shop.analyze(cartId="c")["sessionId"]
    shop.analyze(cartId="c")
    _age(shop, session)
    return shop, session


def test_the_sweep_removes_everything_of_an_idle_session(aged: tuple[Shop, str]) -> None:
    shop, _ = aged
    assert {"offer_sessions": 1, "cart_bindings": 1, "analyses": 2} == shop.row_counts()

    assert 1 == _sweep(shop)

    assert NOTHING_STORED == shop.row_counts()
    assert 0 == _sweep(shop)


def test_the_cart_id_of_an_evicted_session_starts_anew(aged: tuple[Shop, str]) -> None:
    shop, session = aged
    _sweep(shop)

    anew = shop.analyze(cartId="c")

    assert session != anew["sessionId"]
    assert (True, 1) == (anew["metadata"]["sessionCreated"], anew["metadata"]["analysisCount"])


def test_the_cart_id_of_a_session_that_vanished_alone_starts_anew(shop: Shop) -> None:
    session = shop.analyze(cartId="c")["sessionId"]
    with shop.running.database.begin() as work:
        work.connection.execute(offer_sessions.delete().where(offer_sessions.c.id == session))

    anew = shop.analyze(cartId="c")

    assert session != anew["sessionId"]
    assert anew["sessionId"] == shop.analyze(cartId="c")["sessionId"]


def test_a_session_that_an_order_refers_to_is_kept_for_good(aged: tuple[Shop, str]) -> None:
    shop, session = aged
    _age(shop, session, is_kept=True)

    assert 0 == _sweep(shop)

    assert 200 == shop.session(session).status_code
    assert session == shop.analyze(cartId="c")["sessionId"]


def test_an_analysis_renews_the_retention(aged: tuple[Shop, str]) -> None:
    shop, session = aged
    shop.analyze(sessionId=session)

    assert 0 == _sweep(shop)

    assert 200 == shop.session(session).status_code


def test_looking_at_a_session_does_not_renew_it(aged: tuple[Shop, str]) -> None:
    shop, session = aged
    shop.session(session)

    assert 1 == _sweep(shop)


def test_unknown_evicted_and_foreign_sessions_look_the_same(aged: tuple[Shop, str]) -> None:
    shop, evicted = aged
    _sweep(shop)
    foreign = shop.running.a_shop().analyze()["sessionId"]

    def look(session: str) -> list[tuple[int, Any]]:
        answers = [shop.session(session), shop.post(wire_request(sessionId=session))]
        return [(each.status_code, each.json()["error"]) for each in answers]

    assert look(UNKNOWN) == look(evicted) == look(foreign)
    assert [404, 404] == [status for status, _ in look(foreign)]
    assert "session_not_found" == look(foreign)[0][1]["code"]


def test_a_session_belongs_to_the_merchant_not_to_the_key(shop: Shop) -> None:
    session = shop.analyze(cartId="c")["sessionId"]
    headers = {"X-Authorization": shop.issue_key("cart").text}

    answer = shop.post(wire_request(cartId="c"), headers=headers).json()

    assert session == answer["sessionId"]


def test_a_shown_session_has_the_times_of_its_first_and_last_analysis(shop: Shop) -> None:
    session = shop.analyze()["sessionId"]
    first = shop.session(session).json()
    shop.analyze(sessionId=session)
    with shop.running.database.read() as work:
        stored = work.offer_sessions.find(SessionId(session))

    assert stored
    shown = shop.session(session).json()
    assert (
        first["createdAt"] == shown["createdAt"] == f"{stored.created_at:%Y-%m-%dT%H:%M:%S+00:00}"
    )
    assert f"{stored.updated_at:%Y-%m-%dT%H:%M:%S+00:00}" == shown["updatedAt"]
    assert "sessionCreated" not in shown["metadata"]
    assert "debug" not in shown


def test_an_arm_outlives_rounds_and_withdrawn_consent(running_server: RunningServer) -> None:
    shop = running_server.a_shop(experiments=[EXPERIMENT])
    session = shop.analyze(cartId="c", experimentationConsent=True)
    cohort = session["metadata"]["experimentCohort"]

    withdrawn = shop.analyze(cartId="c", experimentationConsent=False)
    again = shop.analyze(cartId="c", experimentationConsent=True)

    assert None is withdrawn["metadata"]["experimentCohort"]
    assert withdrawn["eligible"]
    assert cohort == again["metadata"]["experimentCohort"]


def test_a_failure_while_deciding_costs_the_offer_not_the_checkout(
    shop: Shop, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*_: object) -> None:
        raise ZeroDivisionError

    monkeypatch.setattr(analyze_cart, "make_offer", fail)
    monkeypatch.setattr(analyze_cart, "explain_offer", fail)

    answer = shop.analyze(debug=True)

    assert (False, "system_error") == (answer["eligible"], answer["reason"])
    assert None is answer["chargeInstructions"]
    assert "mode" not in answer
    assert "system_error" == shop.session(answer["sessionId"]).json()["reason"]


def test_a_configuration_that_cannot_be_read_costs_the_offer_not_the_checkout(
    shop: Shop,
) -> None:
    # Such as one that a newer release has published.
    with shop.running.database.begin() as work:
        latest = work.configurations.latest(shop.id)
        assert latest
        work.connection.execute(
            update(configurations)
            .where(configurations.c.merchant_id == shop.id)
            .values(source="from_the_future = 1")
        )
        announce_change(work.connection)
    time.sleep(SETTLING_SECONDS)

    answer = shop.analyze(debug=True)

    assert (False, "system_error") == (answer["eligible"], answer["reason"])
    assert 1 == shop.row_counts()["analyses"]
