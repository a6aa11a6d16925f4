"""`orderguard sessions`."""

from __future__ import annotations

import typer

from orderguard.actions.explain_session import explain_session
from orderguard.actions.find_merchant import get_merchant
from orderguard.actions.find_session import find_session
from orderguard.actions.ports.unit_of_work import UnitOfWork
from orderguard.cli.context import open_database
from orderguard.cli.explaining import explanation_document, print_explanation
from orderguard.cli.output import JsonOption, console, errors_explained, print_json, print_table
from orderguard.domain.errors import Malformed, NotFound, SessionNotFound
from orderguard.domain.ids import MerchantId, SessionId
from orderguard.domain.offers.analysis import Analysis
from orderguard.running.wiring import now, wire_find_configuration

app = typer.Typer(help="Look at offer sessions.", no_args_is_help=True, rich_markup_mode=None)


@app.command("show")
def show(
    session_id: str = typer.Argument(metavar="ID", help="The session id, lop_…"),
    as_json: bool = JsonOption,
) -> None:
    """Show a session and every analysis in it.

    Example: orderguard sessions show lop_a1b2c3d4e5f6g7h8i9j0
    """
    with errors_explained(), open_database() as database, database.read() as work:
        session = work.offer_sessions.find(_parse(session_id))
        if session is None:
            raise SessionNotFound
        analyses = work.offer_sessions.analyses(session)
        at = now() + work.merchants.ahead(session.merchant)
        outcome = work.funnel.outcome_of(session.merchant, session.id, at=at)
        order = work.orders.find_linked_to(session.merchant, session.id)
    if as_json:
        print_json(
            {
                "id": session.id,
                "merchant": session.merchant,
                "outcome": outcome,
                "order": order,
                "created_at": session.created_at,
                "updated_at": session.updated_at,
                "analyses": [_document(analysis) for analysis in analyses],
            }
        )
        return
    linked = f", order {order}" if order else ""
    # A session with very many analyses keeps the first ones and the last one.
    numbers = [*range(1, len(analyses)), session.analysis_count]
    console().print(f"{session.id} of {session.merchant}: {outcome}{linked}", markup=False)
    print_table(
        ("#", "AT", "REASON", "MODES", "PRICE", "LINES", "CONFIGURATION", "REQUEST"),
        [
            (
                number,
                f"{analysis.at:%Y-%m-%d %H:%M:%S}",
                analysis.offer.reason,
                " ".join(analysis.offer.modes),
                analysis.offer.charge.amount if analysis.offer.charge else "",
                len(analysis.cart.lines) if analysis.cart_has_lines else "",
                analysis.configuration_version,
                analysis.request_id,
            )
            for number, analysis in zip(numbers, analyses, strict=True)
        ],
        empty="No analyses.",
    )


@app.command("explain")
def explain(
    text: str = typer.Argument(
        metavar="ID", help="A session id; with --merchant also a cart, order or request id."
    ),
    merchant: str = typer.Option("", help="The merchant's id or name, for other ids."),
    analysis: int = typer.Option(0, help="The analysis to explain; the last one without it."),
    against: int = typer.Option(0, help="The analysis to compare it with; the one before."),
    as_json: bool = JsonOption,
) -> None:
    """Say why a session got its answer, and what would flip it.

    Example: orderguard sessions explain lop_a1b2c3d4e5f6g7h8i9j0
    """
    with errors_explained(), open_database() as database, database.read() as work:
        owner, session = _find(work, merchant, text)
        told = explain_session(
            work,
            wire_find_configuration(),
            owner,
            session,
            ordinal=analysis or None,
            against=against or None,
            clock=now,
        )
    if as_json:
        print_json(explanation_document(told))
    else:
        print_explanation(told)


def _find(work: UnitOfWork, merchant: str, text: str) -> tuple[MerchantId, SessionId]:
    if not merchant:
        session = work.offer_sessions.find(_parse(text))
        if session is None:
            raise SessionNotFound
        return session.merchant, session.id
    owner = get_merchant(work, merchant).id
    found = find_session(work, owner, text)
    if found is None:
        raise NotFound(
            f"No session of {merchant} has the session, cart, order or request id {text}."
        )
    return owner, found.session


def _parse(text: str) -> SessionId:
    try:
        return SessionId.parse(text)
    except Malformed as error:
        raise Malformed(f"The session id {error}") from error


def _document(analysis: Analysis) -> dict[str, object]:
    charge = analysis.offer.charge
    return {
        "at": analysis.at,
        "reason": analysis.offer.reason,
        "modes": list(analysis.offer.modes),
        "amount": charge.amount.amount if charge else None,
        "currency": analysis.cart.currency,
        "cohort": analysis.offer.cohort,
        "lines": len(analysis.cart.lines) if analysis.cart_has_lines else None,
        "configuration_version": analysis.configuration_version,
        "request_id": analysis.request_id,
    }
