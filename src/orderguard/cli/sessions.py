"""`orderguard sessions`."""

from __future__ import annotations

import typer

from orderguard.cli.context import open_database
from orderguard.cli.output import JsonOption, console, errors_explained, print_json, print_table
from orderguard.domain.analysis import Analysis
from orderguard.domain.errors import Malformed, SessionNotFound
from orderguard.domain.ids import SessionId
from orderguard.wiring import now

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
        outcome = work.funnel.outcome_of(session.merchant, session.id, at=now())
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
                len(analysis.cart.lines),
                analysis.configuration_version,
                analysis.request_id,
            )
            for number, analysis in enumerate(analyses, start=1)
        ],
        empty="No analyses.",
    )


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
        "lines": len(analysis.cart.lines),
        "configuration_version": analysis.configuration_version,
        "request_id": analysis.request_id,
    }
