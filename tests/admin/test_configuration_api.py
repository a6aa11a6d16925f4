"""Configurations over the admin API: from a draft to a version and back, as text and as JSON."""

from __future__ import annotations

import json
from datetime import timedelta
from typing import Any

import httpx
import pytest

from orderguard.actions.configuration_source.reading import SOURCE_LIMIT
from orderguard.randomness import new_scheduled_publication_id
from orderguard.running.wiring import now
from tests.admin.test_admin_api import admin_client
from tests.support.builders import a_document
from tests.support.shop import RunningServer, Shop
from tests.support.wire import wire_line

BASE = "/admin/v1/configuration"
TOML = """\
# dearer
modes = ["returnCoverage"]
currencies = ["USD"]

[[pricing.returnCoverage]]
base = { USD = 998 }
"""
DOCUMENT = a_document(exclude_b2b=True)


@pytest.fixture
def admin(shop: Shop) -> httpx.Client:
    return admin_client(shop)


def error_of(response: httpx.Response) -> tuple[int, str]:
    return response.status_code, response.json()["error"]["code"]


def fields_of(response: httpx.Response) -> list[str]:
    assert 400 == response.status_code, response.text
    return [each["field"] for each in response.json()["error"].get("details", [])]


def a_draft(admin: httpx.Client, **wanted: Any) -> dict[str, Any]:
    response = admin.post(f"{BASE}/drafts", json={"name": "Summer"} | wanted)
    assert 201 == response.status_code, response.text
    draft: dict[str, Any] = response.json()["draft"]
    return draft


def soon() -> str:
    return (now() + timedelta(hours=1)).isoformat()


def test_what_is_published_is_shown_as_text_and_as_json(shop: Shop, admin: httpx.Client) -> None:
    published = admin.post(BASE, json={"source": TOML})
    shown = admin.get(BASE)

    assert 201 == published.status_code
    assert published.json() == shown.json() | {"warnings": []}
    configuration = shown.json()["configuration"]
    assert (2, TOML) == (configuration["version"], configuration["source"])
    assert {"USD": 998} == configuration["document"]["pricing"]["returnCoverage"][0]["base"]
    assert configuration["publishedBy"].startswith("key_")
    assert 9_98 == shop.analyze(wire_line())["chargeInstructions"]["amount"]


def test_a_document_may_be_published_as_json(admin: httpx.Client) -> None:
    answer = admin.post(BASE, json={"document": DOCUMENT, "onTopOf": 1}).json()["configuration"]

    assert DOCUMENT == answer["document"]
    assert DOCUMENT == json.loads(answer["source"])
    assert "\n" in answer["source"]


def test_publishing_on_top_of_what_is_not_published_is_a_conflict(admin: httpx.Client) -> None:
    admin.post(BASE, json={"source": TOML})

    assert (409, "conflict") == error_of(admin.post(BASE, json={"source": TOML, "onTopOf": 1}))
    rolled_back = admin.post(f"{BASE}/versions/1/roll-back", json={"onTopOf": 1})
    assert (409, "conflict") == error_of(rolled_back)


def test_a_configuration_with_problems_is_refused_with_all_of_them(admin: httpx.Client) -> None:
    response = admin.post(BASE, json={"document": {"modes": ["x"], "currencies": []}})

    assert ["modes[0]", "currencies"] == fields_of(response)
    assert 1 == admin.get(BASE).json()["configuration"]["version"]


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({}, "source"),
        ({"source": TOML, "document": DOCUMENT}, "document"),
        ({"source": 5}, "source"),
        ({"document": []}, "document"),
        ({"sauce": TOML}, ""),
        ({"source": TOML, "onTopOf": "1"}, "onTopOf"),
    ],
)
def test_a_body_that_is_not_as_described_is_refused(
    admin: httpx.Client, body: dict[str, Any], field: str
) -> None:
    response = admin.post(BASE, json=body)

    assert fields_of(response) in ([field], [])
    assert (400, "invalid_request") == error_of(response)


def test_checking_tells_problems_with_their_lines_and_stores_nothing(admin: httpx.Client) -> None:
    broken = admin.post(f"{BASE}/check", json={"source": TOML.replace('"USD"', '"USDD"')}).json()
    fine = admin.post(f"{BASE}/check", json={"document": DOCUMENT}).json()

    assert not broken["ok"]
    assert [("currencies[0]", 3)] == [(e["path"], e["line"]) for e in broken["problems"]]
    assert (True, []) == (fine["ok"], fine["problems"])
    assert 1 == admin.get(BASE).json()["configuration"]["version"]


def test_warnings_come_with_a_check_and_a_publication(admin: httpx.Client) -> None:
    source = TOML + "\n[limits.CHF]\nsubtotal_minimum = 5\n"

    checked = admin.post(f"{BASE}/check", json={"source": source}).json()
    published = admin.post(BASE, json={"source": source})
    rolled_back = admin.post(f"{BASE}/versions/1/roll-back", json={})

    assert 201 == published.status_code
    (warning,) = [each for each in checked["warnings"] if each["path"] == "limits.CHF"]
    assert "CHF is not among currencies" in warning["message"]
    assert source.splitlines()[warning["line"] - 1] == "[limits.CHF]"
    assert checked["warnings"] == published.json()["warnings"]
    assert "warnings" in rolled_back.json(), rolled_back.text


def test_a_text_that_is_no_document_is_checked_too(admin: httpx.Client) -> None:
    too_long, too_deep = "x" * (SOURCE_LIMIT + 1), '{"a": ' * 2_000
    surrogate, nul = '{"a": ["\\ud800"]}', '{"a": {"b\\u0000": 1}}'
    for source in ("modes = [", too_long, "a = 1\x00", too_deep, surrogate, nul):
        answer = admin.post(f"{BASE}/check", json={"source": source}).json()

        assert [""] == [each["path"] for each in answer["problems"]]


def test_a_document_that_is_nested_too_deeply_is_refused(admin: httpx.Client) -> None:
    nested = '{"a": ' * 5_000 + "1" + "}" * 5_000

    response = admin.post(f"{BASE}/drafts", content=f'{{"name": "x", "document": {nested}}}')

    assert (400, "invalid_request") == error_of(response)


@pytest.mark.parametrize("depth", [100, 200, 300, 400, 500, 700, 900])
def test_a_text_that_is_nested_deeply_breaks_nothing(admin: httpx.Client, depth: int) -> None:
    nested = '{"a": ' * depth + "1" + "}" * depth
    draft = a_draft(admin, source=nested)

    answers = [
        admin.get(f"{BASE}/drafts/{draft['id']}"),
        admin.get(f"{BASE}/diff", params={"to": draft["id"]}),
        admin.post(f"{BASE}/check", json={"source": nested}),
        admin.post(f"{BASE}/drafts", content=f'{{"name": "x", "document": {nested}}}'),
    ]

    assert all(each.status_code in (200, 201, 400) for each in answers)


def test_the_history_is_paged_newest_first(shop: Shop, admin: httpx.Client) -> None:
    for _ in range(4):
        shop.publish(DOCUMENT)

    seen, cursor = [], None
    while cursor is not None or not seen:
        params = {"limit": 2} | ({"cursor": cursor} if cursor else {})
        page = admin.get(f"{BASE}/versions", params=params).json()
        seen += [each["version"] for each in page["versions"]]
        cursor = page["nextCursor"]

    assert [5, 4, 3, 2, 1] == seen
    assert a_document() == admin.get(f"{BASE}/versions/1").json()["configuration"]["document"]
    assert ["cursor"] == fields_of(admin.get(f"{BASE}/versions", params={"cursor": "x"}))


@pytest.mark.parametrize("version", ["7", "0", "x", "-1", "9" * 30])
def test_a_version_that_does_not_exist_is_not_found(admin: httpx.Client, version: str) -> None:
    for response in (
        admin.get(f"{BASE}/versions/{version}"),
        admin.post(f"{BASE}/versions/{version}/roll-back", json={}),
        admin.get(f"{BASE}/diff", params={"from": version}),
    ):
        assert (404, "not_found") == error_of(response)


def test_rolling_back_publishes_the_old_text_again(shop: Shop, admin: httpx.Client) -> None:
    admin.post(BASE, json={"source": TOML})

    answer = admin.post(f"{BASE}/versions/1/roll-back", json={"onTopOf": 2})

    assert 201 == answer.status_code
    assert 3 == answer.json()["configuration"]["version"]
    assert 4_98 == shop.analyze(wire_line())["chargeInstructions"]["amount"]
    entries = admin.get("/admin/v1/audit", params={"action": "configuration"}).json()["entries"]
    assert "configuration.rolled_back" == entries[0]["action"]
    again = admin.post(f"{BASE}/versions/3/roll-back", json={})
    assert (409, "conflict") == error_of(again)


def test_versions_and_drafts_are_compared(admin: httpx.Client) -> None:
    admin.post(BASE, json={"document": DOCUMENT})
    draft = a_draft(admin, source=TOML)
    broken = a_draft(admin, source="modes = [")

    versions = admin.get(f"{BASE}/diff", params={"from": "1", "to": "2"}).json()
    with_draft = admin.get(f"{BASE}/diff", params={"to": draft["id"]}).json()
    with_broken = admin.get(f"{BASE}/diff", params={"to": broken["id"]}).json()
    same = admin.get(f"{BASE}/diff").json()

    assert [
        {"path": "exclude_b2b", "subject": "exclude b2b", "before": "no", "after": "yes"}
    ] == versions["settings"]
    assert "modes" in [each["path"] for each in with_draft["settings"]]
    assert {"mark": "+", "text": "# dearer", "before": None, "after": 1} in with_draft["lines"][0]
    assert with_broken["settings"] is None
    assert {"settings": [], "lines": []} == same


def test_a_draft_is_begun_changed_checked_and_published(shop: Shop, admin: httpx.Client) -> None:
    draft = a_draft(admin)
    one = f"{BASE}/drafts/{draft['id']}"

    changed = admin.put(one, json={"revision": 1, "source": TOML, "name": "Dearer"})
    checked = admin.post(f"{one}/check")
    published = admin.post(f"{one}/publish", json={"revision": 2, "onTopOf": 1})

    assert (1, 1, a_document()) == (draft["revision"], draft["basedOn"], draft["document"])
    assert ("Dearer", 2, TOML) == tuple(
        changed.json()["draft"][name] for name in ("name", "revision", "source")
    )
    assert checked.json()["ok"]
    assert 201 == published.status_code
    assert 2 == published.json()["configuration"]["version"]
    assert (404, "not_found") == error_of(admin.get(one))
    assert [] == admin.get(f"{BASE}/drafts").json()["drafts"]
    assert 9_98 == shop.analyze(wire_line())["chargeInstructions"]["amount"]


def test_a_draft_begins_with_a_version_or_a_document(shop: Shop, admin: httpx.Client) -> None:
    shop.publish(DOCUMENT)

    version = a_draft(admin, version=1)
    document = a_draft(admin, document={"half": "done"})

    assert a_document() == version["document"]
    assert {"half": "done"} == document["document"]
    assert [document["id"], version["id"]] == [
        each["id"] for each in admin.get(f"{BASE}/drafts").json()["drafts"]
    ]
    for number in (9, 0, -1, 2**31, 10**30):
        missing = admin.post(f"{BASE}/drafts", json={"name": "x", "version": number})
        assert (404, "not_found") == error_of(missing)


def test_a_draft_that_somebody_changed_is_a_conflict(admin: httpx.Client) -> None:
    draft = a_draft(admin)
    one = f"{BASE}/drafts/{draft['id']}"
    admin.put(one, json={"revision": 1, "source": TOML})

    for response in (
        admin.put(one, json={"revision": 1, "source": "# mine"}),
        admin.delete(one, params={"revision": 1}),
        admin.post(f"{one}/publish", json={"revision": 1, "onTopOf": 1}),
        admin.post(f"{one}/publish", json={"revision": 2, "onTopOf": None}),
    ):
        assert (409, "conflict") == error_of(response)
    assert ["revision"] == fields_of(admin.delete(one))
    assert 204 == admin.delete(one, params={"revision": 2}).status_code
    assert (404, "not_found") == error_of(admin.get(one))


def test_a_draft_with_problems_is_kept_and_not_published(admin: httpx.Client) -> None:
    draft = a_draft(admin, source="modes = [")
    one = f"{BASE}/drafts/{draft['id']}"

    published = admin.post(f"{one}/publish", json={"revision": 1, "onTopOf": 1})

    assert draft["document"] is None
    assert (400, "invalid_request") == error_of(published)
    assert not admin.post(f"{one}/check").json()["ok"]
    assert 200 == admin.get(one).status_code


def test_a_text_or_a_name_that_cannot_be_kept_is_refused(admin: httpx.Client) -> None:
    for body in (
        {"name": "x", "source": "x" * (SOURCE_LIMIT + 1)},
        {"name": "x", "source": "\x00"},
        {"name": " "},
        {"name": "x" * 101},
        {},
    ):
        assert 400 == admin.post(f"{BASE}/drafts", json=body).status_code, body


def test_a_draft_is_scheduled_rescheduled_and_cancelled(admin: httpx.Client) -> None:
    draft = a_draft(admin, source=TOML)

    waiting = admin.post(
        f"{BASE}/scheduled-publications",
        json={"dueAt": soon(), "draftId": draft["id"], "revision": 1},
    )
    publication = waiting.json()["scheduledPublication"]
    one = f"{BASE}/scheduled-publications/{publication['id']}"
    later = admin.put(one, json={"dueAt": (now() + timedelta(days=2)).isoformat()})
    listed = admin.get(f"{BASE}/scheduled-publications").json()["scheduledPublications"]
    cancelled = admin.post(f"{one}/cancel")

    assert 201 == waiting.status_code
    assert ("waiting", draft["id"], "Summer", TOML) == tuple(
        publication[name] for name in ("status", "draftId", "name", "source")
    )
    assert publication["dueAt"] != later.json()["scheduledPublication"]["dueAt"]
    assert [publication["id"]] == [each["id"] for each in listed]
    assert "cancelled" == cancelled.json()["scheduledPublication"]["status"]
    assert cancelled.json() == admin.get(one).json()
    assert (409, "conflict") == error_of(admin.post(f"{one}/cancel"))
    assert (409, "conflict") == error_of(admin.put(one, json={"dueAt": soon()}))


def test_a_text_is_scheduled_with_a_name(admin: httpx.Client) -> None:
    answer = admin.post(
        f"{BASE}/scheduled-publications", json={"dueAt": soon(), "name": "Sale", "source": TOML}
    )

    assert 201 == answer.status_code
    assert answer.json()["scheduledPublication"]["draftId"] is None


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"dueAt": "tomorrow"}, "dueAt"),
        ({"dueAt": "2020-01-01T00:00Z"}, "dueAt"),
        ({"dueAt": "2999-01-01T00:00Z"}, "dueAt"),
        ({"source": None}, "source"),
        ({"source": "modes = []", "name": "x"}, "modes"),
        ({"draftId": "drf_x"}, "draftId"),
        ({"draftId": "drf_x", "source": None}, "revision"),
    ],
)
def test_what_cannot_be_scheduled_is_refused(
    admin: httpx.Client, changes: dict[str, Any], field: str
) -> None:
    wanted = {"dueAt": soon(), "name": "Sale", "source": TOML} | changes

    response = admin.post(f"{BASE}/scheduled-publications", json=wanted)

    assert field in fields_of(response)
    assert [] == admin.get(f"{BASE}/scheduled-publications").json()["scheduledPublications"]


def test_another_merchants_drafts_and_publications_look_missing(
    admin: httpx.Client, running_server: RunningServer
) -> None:
    other = admin_client(running_server.a_shop())
    draft = f"{BASE}/drafts/{a_draft(other, source=TOML)['id']}"
    waiting = other.post(
        f"{BASE}/scheduled-publications", json={"dueAt": soon(), "name": "Sale", "source": TOML}
    )
    publication = f"{BASE}/scheduled-publications/{waiting.json()['scheduledPublication']['id']}"

    for response in (
        admin.get(draft),
        admin.put(draft, json={"revision": 1, "source": "# mine now"}),
        admin.delete(draft, params={"revision": 1}),
        admin.post(f"{draft}/check"),
        admin.post(f"{draft}/publish", json={"revision": 1, "onTopOf": 1}),
        admin.get(f"{BASE}/diff", params={"to": draft.rsplit("/", 1)[1]}),
        admin.post(
            f"{BASE}/scheduled-publications",
            json={"dueAt": soon(), "draftId": draft.rsplit("/", 1)[1], "revision": 1},
        ),
        admin.get(publication),
        admin.put(publication, json={"dueAt": soon()}),
        admin.post(f"{publication}/cancel"),
    ):
        assert (404, "not_found") == error_of(response)
    assert TOML == other.get(draft).json()["draft"]["source"]
    assert "waiting" == other.get(publication).json()["scheduledPublication"]["status"]


def test_every_route_takes_the_admin_scope(shop: Shop) -> None:
    one = f"{BASE}/scheduled-publications/{new_scheduled_publication_id()}"

    for method, path in (
        ("GET", BASE),
        ("POST", BASE),
        ("POST", f"{BASE}/check"),
        ("GET", f"{BASE}/diff"),
        ("GET", f"{BASE}/versions"),
        ("GET", f"{BASE}/versions/1"),
        ("POST", f"{BASE}/versions/1/roll-back"),
        ("GET", f"{BASE}/drafts"),
        ("POST", f"{BASE}/drafts"),
        ("GET", f"{BASE}/drafts/1"),
        ("PUT", f"{BASE}/drafts/1"),
        ("DELETE", f"{BASE}/drafts/1"),
        ("POST", f"{BASE}/drafts/1/check"),
        ("POST", f"{BASE}/drafts/1/publish"),
        ("GET", f"{BASE}/scheduled-publications"),
        ("POST", f"{BASE}/scheduled-publications"),
        ("GET", one),
        ("PUT", one),
        ("POST", f"{one}/cancel"),
    ):
        assert (403, "forbidden") == error_of(shop.http.request(method, path, json={})), path


def test_a_merchant_without_a_configuration_has_none_to_show(
    running_server: RunningServer,
) -> None:
    admin = admin_client(Shop(running_server))

    assert (404, "not_found") == error_of(admin.get(BASE))
    assert (404, "not_found") == error_of(admin.get(f"{BASE}/diff"))
    assert [] == admin.get(f"{BASE}/versions").json()["versions"]
    assert 201 == admin.post(BASE, json={"source": TOML, "onTopOf": 7}).status_code


def test_a_deep_document_is_refused_before_it_is_indented(admin: httpx.Client) -> None:
    """Indented, each of its members would cost its depth: a megabyte would become a gigabyte."""
    deep: Any = [0] * 200
    for _ in range(400):
        deep = [deep]

    answer = admin.post(f"{BASE}/check", json={"document": {"modes": deep}})

    assert "more than 16 tables and lists within each other" in answer.text


def test_a_long_key_over_many_members_costs_nothing(admin: httpx.Client) -> None:
    document = {"k" * 100_000: {f"a{n}": "x" for n in range(20_000)}}

    answer = admin.post(f"{BASE}/check", json={"document": document})

    assert "has 100000 characters; the limit is 200" in answer.text


def test_a_configuration_over_the_limit_is_refused_everywhere(admin: httpx.Client) -> None:
    long = "# a comment\n" * 6_000

    answers = [
        admin.post(f"{BASE}/check", json={"source": long}),
        admin.post(BASE, json={"source": long}),
        admin.post(f"{BASE}/drafts", json={"name": "Long", "source": long}),
    ]

    assert [200, 400, 400] == [each.status_code for each in answers]
    assert all("71 kB; the limit is 64 kB, reached in line 5462" in each.text for each in answers)
