"""`orderguard sessions explain` and `orderguard config shadow-run`."""

from __future__ import annotations

import json

import pytest

from tests.cli.shell import Shell as Terminal
from tests.support.builders import a_document
from tests.support.shop import RunningServer, Shop
from tests.support.wire import wire_line

LIMITS = {"USD": {"subtotal_minimum": 60_00}}


@pytest.fixture
def operator(shell: Terminal, running_server: RunningServer) -> Terminal:
    """A shell on the database of the running server."""
    return Terminal(shell.directory, database_url=running_server.settings.database_url)


@pytest.fixture
def shop(running_server: RunningServer) -> Shop:
    """A merchant who offers protection from 60.00 on."""
    return running_server.a_shop(limits=LIMITS)


def test_a_hidden_offer_is_explained_with_what_is_missing(operator: Terminal, shop: Shop) -> None:
    session = shop.analyze()["sessionId"]

    told = operator.run("sessions", "explain", session).stdout

    assert "cart_total_too_low" in told
    assert "subtotal 50.00 USD, subtotal minimum 60.00 USD" in told
    assert "Offered with goods for 10.00 USD more." in told


def test_an_offer_is_explained_with_the_steps_of_its_price(operator: Terminal, shop: Shop) -> None:
    session = shop.analyze(cart={"subtotalAmount": 70_00})["sessionId"]

    told = operator.run("sessions", "explain", session).stdout

    assert "returnCoverage" in told
    assert "2.98 USD" in told
    assert "Hidden with goods for" in told


def test_what_changed_since_the_analysis_before_is_told(operator: Terminal, shop: Shop) -> None:
    session = shop.analyze()["sessionId"]
    shop.analyze(sessionId=session, region="CA", cart={"subtotalAmount": 70_00})

    told = operator.run("sessions", "explain", session, "--json").document

    changed = {each["subject"]: (each["before"], each["after"]) for each in told["differences"]}
    assert ("cart_total_too_low", "eligible") == changed["reason"]
    assert (50_00, 70_00) == changed["subtotal amount"]
    assert (2, 1) == (told["analysis"], told["against"])


def test_an_earlier_analysis_can_be_explained(operator: Terminal, shop: Shop) -> None:
    session = shop.analyze()["sessionId"]
    shop.analyze(sessionId=session, cart={"subtotalAmount": 70_00})

    told = operator.run("sessions", "explain", session, "--analysis", "1", "--json").document

    assert ("cart_total_too_low", None) == (told["reason"], told["against"])


def test_with_a_merchant_a_cart_id_will_do(operator: Terminal, shop: Shop) -> None:
    session = shop.analyze(cartId="cart 7")["sessionId"]

    told = operator.run("sessions", "explain", "cart 7", "--merchant", shop.id, "--json").document

    assert session == told["id"]


def test_an_id_that_nothing_has_is_a_failure(operator: Terminal, shop: Shop) -> None:
    answer = operator.run("sessions", "explain", "nobody's", "--merchant", shop.id)

    assert 1 == answer.exit_code
    assert 'has the session, cart, order or request id "nobody\'s"' in answer.stderr


def test_a_draft_is_replayed_without_being_published(operator: Terminal, shop: Shop) -> None:
    hidden = shop.analyze()["sessionId"]
    shop.analyze(wire_line(70_00), cart={"subtotalAmount": 70_00})
    draft = operator.directory / "draft.json"
    draft.write_text(json.dumps(a_document()))

    report = operator.run("config", "shadow-run", shop.id, str(draft), "--json").document

    assert (2, 1) == (report["sessions"], report["unchanged"])
    (flip,) = report["flips"]
    assert ("cart_total_too_low", "eligible") == (flip["before"], flip["after"])
    assert [hidden] == flip["examples"]
    assert "cart_total_too_low" == shop.analyze()["reason"]


def test_people_read_what_would_change(operator: Terminal, shop: Shop) -> None:
    shop.analyze(cart={"subtotalAmount": 70_00})
    draft = operator.directory / "draft.json"
    pricing = {
        "returnCoverage": [{"base": {"USD": 3_58}}],
        "shippingProtection": [{"base": {"USD": 2_00}}],
    }
    draft.write_text(json.dumps(a_document(pricing=pricing)))

    told = operator.run("config", "shadow-run", shop.id, str(draft)).stdout

    assert "1 sessions replayed, 0 of them unchanged." in told
    assert "10 % to 20 % higher" in told


def test_a_draft_with_problems_is_not_replayed(operator: Terminal, shop: Shop) -> None:
    draft = operator.directory / "draft.json"
    draft.write_text(json.dumps(a_document(modes=[])))

    answer = operator.run("config", "shadow-run", shop.id, str(draft))

    assert 1 == answer.exit_code
    assert "modes" in answer.stderr


def test_a_number_of_sessions_out_of_bounds_is_refused(operator: Terminal, shop: Shop) -> None:
    answer = operator.run("config", "shadow-run", shop.id, "-", "--last", "0")

    assert 1 == answer.exit_code
    assert "last: expected a number from 1 to 100000, found 0." in answer.stderr
