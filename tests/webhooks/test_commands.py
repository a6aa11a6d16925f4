"""`orderguard webhooks`, from an empty directory."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.cli.shell import Shell


@pytest.fixture
def shell(tmp_path: Path) -> Shell:
    """A shell where private targets are fine, with the merchant acme."""
    shell = Shell(
        tmp_path, webhooks_allow_private="true", database_url=f"sqlite:///{tmp_path / 'test.db'}"
    )
    shell.a_merchant("acme")
    return shell


def add(shell: Shell, *options: str) -> str:
    """A new endpoint of acme's; its id."""
    words = ("webhooks", "add", "acme", "http://127.0.0.1:9/hooks", *options, "--json")
    id_: str = shell.run(*words).document["id"]
    return id_


def test_an_endpoint_is_listed_without_its_secret(shell: Shell) -> None:
    added = shell.run("webhooks", "add", "acme", "http://127.0.0.1:9/hooks", "--json").document

    listed = shell.run("webhooks", "list", "acme", "--json").document

    assert added["secret"].startswith("whsec_")
    assert [{name: added[name] for name in added if name != "secret"}] == listed


def test_people_are_shown_the_secret_with_the_advice_to_keep_it(shell: Shell) -> None:
    answer = shell.run("webhooks", "add", "acme", "http://127.0.0.1:9/hooks")

    secret, advice = answer.stdout.splitlines()
    assert secret.startswith("whsec_")
    assert "It is not shown again." in advice


def test_an_endpoint_may_want_some_types_only(shell: Shell) -> None:
    add(shell, "--event", "order.accepted", "--event", "coverage.voided")

    assert "coverage.voided order.accepted" in shell.run("webhooks", "list", "acme").stdout


def test_without_types_it_gets_all(shell: Shell) -> None:
    add(shell)

    answer = shell.run("webhooks", "list", "acme")

    assert "all" in answer.stdout
    assert "enabled" in answer.stdout


@pytest.mark.parametrize(
    ("words", "why"),
    [
        (("add", "nobody", "https://127.0.0.1/"), 'No merchant named "nobody"'),
        (("add", "acme", "https://u:p@shop.example/"), "user name or password"),
        (("add", "acme", "https://127.0.0.1/", "--event", "order.paid"), "No event type"),
        (("list", "nobody"), 'No merchant named "nobody"'),
        (("disable", "whe_1"), "No webhook endpoint"),
        (("enable", "whe_1"), "No webhook endpoint"),
        (("remove", "whe_1"), "No webhook endpoint"),
        (("deliveries", "whe_1"), "No webhook endpoint"),
        (("replay", "whe_1", "--since", "1h"), "No webhook endpoint"),
        (("replay", "whe_1"), "either --event-id or --since"),
        (("replay", "whe_1", "--since", "yesterday"), "no point in time"),
        (("replay", "whe_1", "--since", "99999d"), "No webhook endpoint"),
    ],
    ids=lambda value: " ".join(value) if isinstance(value, tuple) else "",
)
def test_what_cannot_be_done_is_explained(shell: Shell, words: tuple[str, ...], why: str) -> None:
    answer = shell.run("webhooks", *words)

    assert 1 == answer.exit_code
    assert why in answer.stderr
    assert "" == answer.stdout


def test_a_private_target_is_refused_without_the_setting(tmp_path: Path) -> None:
    shell = Shell(tmp_path, database_url=f"sqlite:///{tmp_path / 'test.db'}")
    shell.a_merchant("acme")

    answer = shell.run("webhooks", "add", "acme", "https://127.0.0.1/", "--json")

    assert 1 == answer.exit_code
    assert "not on the public internet" in answer.stderr


def test_an_endpoint_is_disabled_enabled_and_removed(shell: Shell) -> None:
    id_ = add(shell)

    disabled = shell.run("webhooks", "disable", id_, "--json").document
    listed = shell.run("webhooks", "list", "acme").stdout
    enabled = shell.run("webhooks", "enable", id_, "--json").document
    removed = shell.run("webhooks", "remove", id_)

    assert "asked" == disabled["disabled_because"]
    assert "disabled (asked)" in listed
    assert enabled["disabled_at"] is None
    assert f"Removed {id_}." in removed.stdout
    assert "No endpoints yet." in shell.run("webhooks", "list", "acme").stdout


@pytest.mark.parametrize("since", ["30m", "6h", "2d", "2026-11-01", "2026-11-01T00:00:00+01:00"])
def test_a_moment_is_written_as_people_do(shell: Shell, since: str) -> None:
    id_ = add(shell)

    answer = shell.run("webhooks", "replay", id_, "--since", since)

    assert "0 events to be sent again." in answer.stdout


def test_an_endpoint_without_deliveries_says_so(shell: Shell) -> None:
    id_ = add(shell)

    assert "No deliveries yet." in shell.run("webhooks", "deliveries", id_).stdout
    assert [] == shell.run("webhooks", "deliveries", id_, "--json").document
