"""`orderguard config`."""

from __future__ import annotations

from importlib.resources import files

import pytest

from tests.cli.shell import Shell

BROKEN = """
modes = ["returnCoverage", "shippingProtektion"]
currencies = ["USD"]
enabeld = true

[limits.USD]
subtotal_minimun = 1000
subtotal_maximum = 99.99

[[rules]]
name = "far away"
reject_when = 'region.contry == "US"'

[[pricing.returnCoverage]]
base = { USD = 298 }
"""


def test_the_demo_merchants_configuration_is_fine(shell: Shell) -> None:
    source = files("orderguard.demo").joinpath("merchant.toml").read_text(encoding="utf-8")
    file = shell.write("merchant.toml", source)

    answer = shell.run("config", "check", file, "--json")

    assert answer.document["ok"]
    assert ["returnCoverage", "shippingProtection"] == answer.document["modes"]


@pytest.mark.parametrize("command", [["check"], ["publish", "acme"]])
def test_all_problems_are_listed_with_path_finding_and_remedy(
    shell: Shell, command: list[str]
) -> None:
    shell.a_merchant("acme")
    file = shell.write("shop.toml", BROKEN)

    answer = shell.run("config", *command, file)

    assert (1, "") == (answer.exit_code, answer.stdout)
    *problems, summary = answer.stderr.splitlines()
    assert f"{len(problems)} problems; nothing was done." == summary
    for path, finding, remedy in [
        ("modes[1]", "'shippingProtektion'", "shippingProtection"),
        ("enabeld", "is not a setting", "did you mean enabled?"),
        ("limits.USD.subtotal_minimun", "is not a setting", "did you mean subtotal_minimum?"),
        ("limits.USD.subtotal_maximum", "99.99", "minor units"),
        ("rules[0].reject_when", "contry", "did you mean country?"),
    ]:
        (problem,) = [line for line in problems if line.startswith(f"{path}: ")]
        assert finding in problem
        assert remedy in problem


def test_publishing_a_broken_file_stores_nothing(shell: Shell) -> None:
    # Given a merchant with a published configuration
    shell.a_merchant("acme")
    shell.run("config", "publish", "acme", shell.a_configuration())

    # When a broken one is published
    answer = shell.run("config", "publish", "acme", shell.write("shop.toml", BROKEN), "--json")

    # Then the old one stays, and is the only one
    assert (1, "") == (answer.exit_code, answer.stdout)
    history = shell.run("config", "history", "acme", "--json").document
    assert [1] == [published["version"] for published in history]


WARNED_OF = """
modes = ["returnCoverage"]
currencies = ["USD", "BGN"]

[limits.EUR]
subtotal_minimum = 1000

[[pricing.returnCoverage]]
base = { USD = 498, BGN = 250 }
"""


def test_warnings_are_told_by_check_and_publish_and_stop_neither(shell: Shell) -> None:
    shell.a_merchant("acme")
    file = shell.write("shop.toml", WARNED_OF)

    checked = shell.run("config", "check", file, "--json").document
    published = shell.run("config", "publish", "acme", file, "--json").document
    for_people = shell.run("config", "publish", "acme", file)

    paths = ["currencies[1]", "limits.EUR", "pricing"]
    assert paths == [each["path"] for each in checked["warnings"]]
    assert (1, checked["warnings"]) == (published["version"], published["warnings"])
    assert 0 == for_people.exit_code
    assert 3 == for_people.stdout.count("Warning: ")
    assert "498.00000000000006" in " ".join(for_people.stdout.split())


def test_publishing_counts_versions(shell: Shell) -> None:
    merchant = shell.a_merchant("acme")
    file = shell.a_configuration()
    shell.run("config", "publish", "acme", file)

    published = shell.run("config", "publish", "acme", file, "--json").document

    assert (merchant, 2) == (published["merchant"], published["version"])
    history = shell.run("config", "history", "acme", "--json").document
    assert [2, 1] == [version["version"] for version in history]


def test_a_configuration_is_shown_as_it_was_written(shell: Shell) -> None:
    shell.a_merchant("acme")
    source = files("orderguard.demo").joinpath("merchant.toml").read_text(encoding="utf-8")
    shell.run("config", "publish", "acme", shell.write("shop.toml", source))

    assert source == shell.run("config", "show", "acme").stdout
    assert source == shell.run("config", "show", "acme", "--json").document["source"]


def test_a_configuration_may_come_from_standard_input(shell: Shell) -> None:
    shell.a_merchant("acme")
    file = shell.a_configuration()

    answer = shell.run(
        "config", "publish", "acme", "-", "--json", stdin=(shell.directory / file).read_text()
    )

    assert 1 == answer.document["version"]


def test_a_merchant_without_a_configuration_is_told_how_to_publish_one(shell: Shell) -> None:
    shell.a_merchant("acme")

    answer = shell.run("config", "show", "acme")

    assert (1, "") == (answer.exit_code, answer.stdout)
    assert "Publish one with: orderguard config publish MERCHANT FILE" in answer.stderr


def test_a_file_that_is_not_there_is_named(shell: Shell) -> None:
    answer = shell.run("config", "check", "missing.toml")

    assert (1, "") == (answer.exit_code, answer.stdout)
    assert "missing.toml" in answer.stderr
    assert "No such file" in answer.stderr


def test_a_file_that_is_not_toml_is_refused_with_the_place(shell: Shell) -> None:
    answer = shell.run("config", "check", shell.write("shop.toml", "modes = [\n"))

    assert 1 == answer.exit_code
    assert "This is not TOML" in answer.stderr
    assert "line 2" in answer.stderr or "end of document" in answer.stderr


def test_checking_needs_no_database(shell: Shell) -> None:
    shell.run("config", "check", shell.a_configuration())

    assert not (shell.directory / "orderguard.db").exists()
