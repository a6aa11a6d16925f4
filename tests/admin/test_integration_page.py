"""The integration check in the console (contract §13)."""

from __future__ import annotations

from orderguard.admin.console.wire_names import with_code
from tests.support.console import a_visitor, text_of
from tests.support.shop import RunningServer


def test_the_page_says_what_is_broken_where_and_what_to_do(running_server: RunningServer) -> None:
    shop = running_server.a_shop(is_sandbox=True)
    visitor, page = a_visitor(shop), f"/console/m/{shop.id}/integration"
    before = text_of(visitor.get(page))
    session = shop.analyze(cartId="c-1")["sessionId"]

    found = visitor.get(page)
    past = text_of(visitor.get(f"{page}?within=1h"))
    refused = visitor.get(f"{page}?within=soon")

    assert "Not passed yet" in before
    assert "Action needed" in text_of(found)
    assert "came without deliveryGroups" in text_of(found)
    assert f'href="/console/m/{shop.id}/sessions/{session}"' in found.text
    assert "1 sessions and 0 orders were read" in past
    assert (422, True) == (refused.status_code, "as in 2d, 12h or 30m." in text_of(refused))


def test_names_of_the_wire_are_marked_as_code_and_nothing_else_is_markup() -> None:
    marked = with_code('Keep the sessionId, not <b>: [{"key": "session_id"}].')

    assert (
        "Keep the <code>sessionId</code>, not &lt;b&gt;: "
        "[{&#34;key&#34;: &#34;<code>session_id</code>&#34;}]." == marked
    )
