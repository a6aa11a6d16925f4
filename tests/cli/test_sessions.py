"""`orderguard sessions`."""

from __future__ import annotations

import pytest

from tests.cli.shell import Shell as Terminal
from tests.support.shop import RunningServer, Shop


@pytest.fixture
def operator(shell: Terminal, running_server: RunningServer) -> Terminal:
    """A shell on the database of the running server."""
    return Terminal(shell.directory, database_url=running_server.settings.database_url)


def test_every_analysis_of_a_session_is_shown(operator: Terminal, shop: Shop) -> None:
    session = shop.analyze()["sessionId"]
    shop.analyze(sessionId=session, cart={"currencyCode": "EUR"})

    shown = operator.run("sessions", "show", session, "--json").document

    assert (session, shop.id) == (shown["id"], shown["merchant"])
    assert ["eligible", "currency_not_supported"] == [a["reason"] for a in shown["analyses"]]
    assert [498, None] == [analysis["amount"] for analysis in shown["analyses"]]


def test_people_see_prices_with_their_decimals(operator: Terminal, shop: Shop) -> None:
    session = shop.analyze()["sessionId"]

    shown = operator.run("sessions", "show", session).stdout

    assert "returnCoverage shippingProtection" in shown
    assert "4.98 USD" in shown


def test_a_session_that_is_not_there_is_a_failure(operator: Terminal) -> None:
    answer = operator.run("sessions", "show", "lop_00000000000000000000")

    assert (1, "") == (answer.exit_code, answer.stdout)
    assert answer.stderr.startswith("No offer session with this id exists")


def test_a_mistyped_session_id_is_told_what_is_wrong_with_it(operator: Terminal) -> None:
    answer = operator.run("sessions", "show", "lop_123")

    assert 1 == answer.exit_code
    assert "The session id must be lop_ followed by 20 letters or digits; 3 follow" in answer.stderr
