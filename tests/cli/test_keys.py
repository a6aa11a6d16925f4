"""`orderguard keys`."""

from __future__ import annotations

import pytest

from tests.cli.shell import Shell


def test_a_new_key_is_answered_with_its_id_and_scopes(shell: Shell) -> None:
    shell.a_merchant("acme")

    issued = shell.run(
        "keys", "issue", "acme", "--scope", "orders", "--scope", "carts", "--json"
    ).document

    assert {"id", "key", "scopes"} == issued.keys()
    assert ["cart", "orders"] == issued["scopes"]
    assert issued["key"].startswith("og_")


def test_the_first_line_is_the_key_and_nothing_else(shell: Shell) -> None:
    shell.a_merchant("acme")

    key, hint = shell.run("keys", "issue", "acme", "--scope", "cart").stdout.splitlines()

    assert key.startswith("og_")
    assert hint.endswith("It is not shown again.")


def test_a_key_is_shown_once_and_kept_nowhere(shell: Shell) -> None:
    # Given a key that was issued
    shell.a_merchant("acme")
    key = shell.run("keys", "issue", "acme", "--scope", "cart", "--json").document["key"]

    # When its owner looks for it again
    listed = shell.run("keys", "list", "acme").stdout
    listed_in_full = shell.run("keys", "list", "acme", "--json").stdout
    stored = b"".join(file.read_bytes() for file in shell.directory.glob("orderguard.db*"))

    # Then it is nowhere to be found
    assert key not in listed + listed_in_full
    assert key.encode() not in stored


@pytest.mark.parametrize("words", [[], ["--scop", "cart"], ["--requests-per-minute", "0"]])
def test_a_call_that_cannot_be_meant_is_wrong_usage(shell: Shell, words: list[str]) -> None:
    shell.a_merchant("acme")

    answer = shell.run("keys", "issue", "acme", *words)

    assert (2, "") == (answer.exit_code, answer.stdout)
    assert "Usage: orderguard keys issue" in answer.stderr


def test_an_unknown_scope_is_refused_with_those_that_exist(shell: Shell) -> None:
    shell.a_merchant("acme")

    answer = shell.run("keys", "issue", "acme", "--scope", "cats")

    assert (1, "") == (answer.exit_code, answer.stdout)
    assert "'cats' is not a scope; expected one of cart, orders, admin.\n" == answer.stderr


def test_an_origin_with_a_path_is_refused_with_an_example(shell: Shell) -> None:
    shell.a_merchant("acme")

    answer = shell.run(
        "keys", "issue", "acme", "--scope", "cart", "--origin", "https://shop.example/checkout"
    )

    assert 1 == answer.exit_code
    assert "as in https://shop.example" in answer.stderr
    assert [] == shell.run("keys", "list", "acme", "--json").document


def test_a_misspelt_merchant_is_answered_with_the_nearest_name(shell: Shell) -> None:
    shell.a_merchant("acme-eu")

    answer = shell.run("keys", "issue", "acme", "--scope", "cart")

    assert (1, "") == (answer.exit_code, answer.stdout)
    assert (
        f'No merchant named "acme" in {shell.directory / "orderguard.db"}. Did you mean "acme-eu"? '
        "List them with: orderguard merchants list\n" == answer.stderr
    )


def test_a_merchant_can_be_named_by_its_id(shell: Shell) -> None:
    merchant = shell.a_merchant("acme")

    assert 0 == shell.run("keys", "issue", merchant, "--scope", "cart").exit_code


def test_a_revoked_key_stays_in_the_list_as_revoked(shell: Shell) -> None:
    shell.a_merchant("acme")
    key_id = shell.run("keys", "issue", "acme", "--scope", "cart", "--json").document["id"]

    revoked = shell.run("keys", "revoke", key_id, "--json").document

    assert {"id", "revoked_at"} == revoked.keys()
    (listed,) = shell.run("keys", "list", "acme", "--json").document
    assert (key_id, "revoked", None) == (listed["id"], listed["state"], listed["last_used_at"])


def test_revoking_what_does_not_exist_names_the_command_that_lists(shell: Shell) -> None:
    shell.a_merchant()

    answer = shell.run("keys", "revoke", "key_nothing")

    assert (1, "") == (answer.exit_code, answer.stdout)
    assert "List them with: orderguard keys list MERCHANT" in answer.stderr


def test_what_a_key_is_limited_to_is_listed(shell: Shell) -> None:
    shell.a_merchant("acme")
    shell.run(
        "keys", "issue", "acme", "--scope", "cart", "--origin", "https://shop.example",
        "--requests-per-minute", "60", "--expires-in-days", "7",
    )  # fmt: skip

    (listed,) = shell.run("keys", "list", "acme", "--json").document

    assert ["https://shop.example"] == listed["origins"]
    assert 60 == listed["requests_per_minute"]
    assert listed["expires_at"] > listed["created_at"]
