"""`orderguard integration check`."""

from __future__ import annotations

from orderguard.domain.integration.check import RULES
from orderguard.running.wiring import now
from orderguard.storage.database import SqlDatabase
from tests.cli.shell import Shell
from tests.docs.test_documents import names_in, table_under
from tests.support.order_desk import Desk, accepted_order, of_session, wire_fee


def test_a_merchant_without_traffic_has_not_passed_yet(shell: Shell) -> None:
    shell.a_merchant("acme")

    told = shell.run("integration", "check", "acme")
    document = shell.run("integration", "check", "acme", "--json").document

    assert (1, "incomplete") == (told.exit_code, document["verdict"])
    assert [rule.code for rule in RULES] == [line["code"] for line in document["lines"]]
    assert told.stdout.endswith(
        f"Not passed yet: rules that are required were not seen. 0 held, 0 broken, {len(RULES)} "
        "not seen yet.\n"
    )


def test_a_mistake_is_told_with_its_evidence_and_its_remedy(shell: Shell) -> None:
    shell.a_merchant("acme")
    database = SqlDatabase(f"sqlite:///{shell.directory / 'orderguard.db'}")
    desk = Desk(database)
    session = desk.session(at=now())
    order = accepted_order(session, metadata=of_session(session), fees=[wire_fee(5)])
    pushed = desk.push(order, at=now()).record
    database.dispose()

    told = shell.run("integration", "check", desk.id, "--within", "1d")
    wrong = shell.run("integration", "check", desk.id, "--within", "soon")

    assert (1, 1) == (told.exit_code, wrong.exit_code)
    assert "BROKEN    The fee equals the quote (required)\n" in told.stdout
    assert f"order {pushed.id}, " in told.stdout
    assert ": 1001: charges 0.05 USD, and 4.98 USD was quoted" in told.stdout
    assert "What to do: Charge the amount of the last answer." in told.stdout
    assert "as in 2d, 12h or 30m." in wrong.stderr


def test_the_document_lists_every_rule() -> None:
    rows = table_under("docs/integration-check.md", "rule")

    told = [(names_in(row[:1])[0], row[1], row[2] == "yes") for row in rows]
    assert [(rule.code, rule.title, rule.is_required) for rule in RULES] == told
