"""The commands of `orderguard sessions`."""

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
from orderguard.domain.money import shortened
from orderguard.domain.offers.analysis import Analysis
from orderguard.running.wiring import now, wire_find_configuration

app = typer.Typer(no_args_is_help=True, rich_markup_mode=None)


ID_HELP = "The session id, lop_…, or the platform's id of the cart or order, or a request id."
MERCHANT_HELP = "The merchant's id or name; all merchants are searched without it."


@app.command("show")
def show(
    session_id: str = typer.Argument(metavar="ID", help=ID_HELP),
    merchant: str = typer.Option("", help=MERCHANT_HELP),
    as_json: bool = JsonOption,
) -> None:
    """Show a session and every analysis in it.

    Example: orderguard sessions show lop_a1b2c3d4e5f6g7h8i9j0
    """
    with errors_explained(), open_database() as database, database.read() as work:
        session = work.offer_sessions.find(_find(work, merchant, session_id)[1])
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
    text: str = typer.Argument(metavar="ID", help=ID_HELP),
    merchant: str = typer.Option("", help=MERCHANT_HELP),
    analysis: int = typer.Option(
        0, help="The number of the analysis to explain; by default the last one."
    ),
    against: int = typer.Option(
        0, help="The number of the analysis to compare with; by default the one before."
    ),
    as_json: bool = JsonOption,
) -> None:
    """Explain why a session got its answer, and which changes to the cart would reverse it.

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
    if not merchant and text.startswith("lop_"):
        session = work.offer_sessions.find(_parse(text))
        if session is None:
            raise SessionNotFound
        return session.merchant, session.id
    owners = [get_merchant(work, merchant)] if merchant else work.merchants.all()
    found = [(each, seen) for each in owners if (seen := find_session(work, each.id, text))]
    if len(found) > 1:
        names = ", ".join(each.name for each, _ in found[:5])
        raise Malformed(
            f"{len(found)} merchants have {shortened(text)}: {names}. Say whose: --merchant NAME"
        )
    if not found:
        of = f" of {merchant}" if merchant else ""
        raise NotFound(
            f"No session{of} has the session, cart, order or request id {shortened(text)}."
        )
    return found[0][0].id, found[0][1].session


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
