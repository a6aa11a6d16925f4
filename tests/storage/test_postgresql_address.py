"""The database URL is read once, and both drivers connect to the same place in the same way."""

from __future__ import annotations

import sys

import pytest

from orderguard.storage.database import SqlDatabase
from orderguard.storage.postgresql_address import PostgresqlAddress, UnusableAddress

WITH_PASSWORD = "postgresql://shop:s3cret%40@db-1/orderguard"


@pytest.mark.parametrize(
    ("addition", "named"),
    [
        ("channel_binding=require", "channel_binding"),
        ("gssencmode=require", "gssencmode"),
        ("load_balance_hosts=random", "load_balance_hosts"),
        ("hostaddr=127.0.0.1", "hostaddr"),
        ("service=shop", "service"),
        ("require_auth=scram-sha-256", "require_auth"),
        ("statement_timeout=5", "statement_timeout"),
        ("conect_timeout=5", "conect_timeout"),
        ("port=54x2", "port"),
        ("port=1,2,3", "3 ports for 1 hosts"),
    ],
)
def test_a_parameter_that_one_driver_lacks_is_refused_by_name(addition: str, named: str) -> None:
    with pytest.raises(UnusableAddress, match=named):
        PostgresqlAddress.parse(f"{WITH_PASSWORD}?{addition}")


@pytest.mark.parametrize(
    "url",
    [
        "postgresql://shop:s3cret@[::1/orderguard",
        "postgresql://shop:s3cret%zz@db-1/orderguard",
        "postgresql://shop:s3cret@db-1/orderguard?sslmode",
        "postgresql://shop@db-1/orderguard?pasword=s3cret",
        "postgresql://shop:s3cret@db-1/orderguard?service=x",
    ],
)
def test_what_is_said_of_a_wrong_url_never_shows_the_password(url: str) -> None:
    with pytest.raises(UnusableAddress) as refused:
        SqlDatabase(url)

    assert "ORDERGUARD_DATABASE_URL" in str(refused.value)
    assert "s3cret" not in str(refused.value)


def test_several_hosts_mean_the_one_that_can_be_written() -> None:
    address = PostgresqlAddress.parse("postgresql://shop@db-1,db-2:5433/orderguard?port=5433")

    assert "db-1,db-2" == address.parameters["host"]
    assert "5433,5433" == address.parameters["port"]
    assert "read-write" == address.parameters["target_session_attrs"]


def test_the_operator_may_want_another_kind_of_server() -> None:
    address = PostgresqlAddress.parse("postgresql://db-1,db-2/og?target_session_attrs=primary")

    assert "primary" == address.parameters["target_session_attrs"]


def test_postgres_is_a_short_name_of_postgresql() -> None:
    assert SqlDatabase("postgres://db-1/orderguard").is_postgresql


@pytest.mark.parametrize("driver", ["psycopg", "asyncpg"])
def test_without_its_drivers_postgresql_says_how_to_install_them(
    monkeypatch: pytest.MonkeyPatch, driver: str
) -> None:
    monkeypatch.setitem(sys.modules, driver, None)

    with pytest.raises(UnusableAddress) as refusal:
        PostgresqlAddress.parse("postgresql://shop@db.example/orders")

    assert f"({driver})" in str(refusal.value)
    assert "pip install 'orderguard[postgresql]'" in str(refusal.value)
