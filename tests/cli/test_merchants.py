"""`orderguard merchants`."""

from __future__ import annotations

from tests.cli.shell import Shell


def test_a_new_merchant_is_answered_with_its_id_and_name(shell: Shell) -> None:
    shell.run("db", "upgrade")

    answer = shell.run("merchants", "create", "acme", "--json")

    assert {"id", "name"} == answer.document.keys()
    assert "acme" == answer.document["name"]
    assert answer.document["id"].startswith("mer_")


def test_creating_a_merchant_says_what_to_do_next(shell: Shell) -> None:
    shell.run("db", "upgrade")

    answer = shell.run("merchants", "create", "Fjord & Field")

    assert 'Next: orderguard keys issue "Fjord & Field" --scope cart\n' in answer.stdout


def test_a_name_is_taken_once(shell: Shell) -> None:
    shell.a_merchant("acme")

    answer = shell.run("merchants", "create", "acme")

    assert (1, "") == (answer.exit_code, answer.stdout)
    assert "acme" in answer.stderr


def test_a_name_that_cannot_be_one_is_refused_with_what_is_expected(shell: Shell) -> None:
    shell.run("db", "upgrade")

    answer = shell.run("merchants", "create", "  ")

    assert 1 == answer.exit_code
    assert "expected 1 to 100 printable characters" in answer.stderr


def test_all_merchants_are_listed(shell: Shell) -> None:
    shell.a_merchant("acme")
    shell.a_merchant("zebra")

    listed = shell.run("merchants", "list", "--json").document

    assert {"acme", "zebra"} == {merchant["name"] for merchant in listed}


def test_an_empty_list_names_the_command_that_fills_it(shell: Shell) -> None:
    shell.run("db", "upgrade")

    answer = shell.run("merchants", "list")

    assert "No merchants yet. Create one with: orderguard merchants create NAME\n" == answer.stdout
    assert [] == shell.run("merchants", "list", "--json").document


def test_a_name_that_looks_like_markup_is_shown_as_it_is(shell: Shell) -> None:
    shell.a_merchant("[red]acme[/red]")

    assert "[red]acme[/red]" in shell.run("merchants", "list").stdout
