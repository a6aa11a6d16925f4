"""The demo merchant, Fjord & Field, and its sandbox, with their configuration and fresh keys."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from importlib.resources import files

from orderguard.actions.create_merchant import create_merchant
from orderguard.actions.issue_api_key import issue_api_key
from orderguard.actions.manage_accounts import add_member
from orderguard.actions.ports.unit_of_work import Database
from orderguard.actions.publish_configuration import publish_configuration
from orderguard.actions.sign_in import make_sign_in_link
from orderguard.domain.people.account import Role
from orderguard.domain.people.api_key import Scope
from orderguard.domain.people.audit import Change, person_at_command_line
from orderguard.domain.people.merchant import Merchant
from orderguard.randomness import (
    new_account_id,
    new_api_key_id,
    new_key_text,
    new_merchant_id,
    new_token,
)
from orderguard.rules.cel import CelCompiler

ACTOR = person_at_command_line("orderguard demo")

NAME = "Fjord & Field"
SANDBOX_NAME = "Fjord & Field sandbox"
OWNER = "owner@fjord-and-field.example"
KEY_LIFETIME = timedelta(days=30)
"""Every run issues keys, because old ones cannot be shown again; they must not pile up."""


@dataclass(frozen=True, slots=True)
class DemoMerchant:
    """The demo merchant with its configuration and the texts of live keys.

    One key for the storefront, one for the back office: a leaked cart key cannot read orders.
    The sandbox's key is for both. The sign-in token signs the owner in to the console, once.
    `is_new` is true in the first demo.
    """

    merchant: Merchant
    sandbox: Merchant
    key: str
    orders_key: str
    sandbox_key: str
    sign_in_token: str
    is_new: bool


def seed_demo_merchant(database: Database, *, at: datetime) -> DemoMerchant:
    """Find or create both merchants; publish `merchant.toml` if its text was never published."""
    merchant, is_new = _find_or_create(database, NAME, at=at)
    sandbox, _ = _find_or_create(database, SANDBOX_NAME, is_sandbox=True, at=at)
    for each in (merchant, sandbox):
        _publish_if_new(database, each, at=at)
    return DemoMerchant(
        merchant=merchant,
        sandbox=sandbox,
        key=_issue(database, merchant, Scope.CART, at=at),
        orders_key=_issue(database, merchant, Scope.ORDERS, at=at),
        sandbox_key=_issue(database, sandbox, Scope.CART, Scope.ORDERS, at=at),
        sign_in_token=_let_owner_in(database, (merchant, sandbox), at=at),
        is_new=is_new,
    )


def _let_owner_in(database: Database, merchants: Sequence[Merchant], *, at: datetime) -> str:
    """The token of a link for the owner's account, which has no password."""
    change = Change(ACTOR, at)
    with database.read() as work:
        owner = work.accounts.find_by_email(OWNER)
        joined = {m.merchant for m in work.accounts.memberships_of(owner.id)} if owner else set()
    for merchant in merchants:
        if merchant.id not in joined:
            owner = add_member(
                database, merchant.id, OWNER, Role.OWNER, new_id=new_account_id(), change=change
            ).account
    token = new_token()
    if owner is not None:
        make_sign_in_link(database, owner, token=token, change=change)
    return token


def _issue(database: Database, merchant: Merchant, *scopes: Scope, at: datetime) -> str:
    issued = issue_api_key(
        database,
        merchant.id,
        new_id=new_api_key_id(),
        random_part=new_key_text(),
        scopes=scopes,
        expires_at=at + KEY_LIFETIME,
        change=Change(ACTOR, at),
    )
    return issued.text


def _find_or_create(
    database: Database, name: str, *, is_sandbox: bool = False, at: datetime
) -> tuple[Merchant, bool]:
    with database.read() as work:
        found = work.merchants.find(name)
    if found:
        return found, False
    new = create_merchant(
        database,
        name,
        new_id=new_merchant_id(),
        is_sandbox=is_sandbox,
        change=Change(ACTOR, at),
    )
    return new, True


def _publish_if_new(database: Database, merchant: Merchant, *, at: datetime) -> None:
    source = files(__package__).joinpath("merchant.toml").read_text(encoding="utf-8")
    with database.read() as work:
        published = work.configurations.history(merchant.id)
    # Keep changes made in the console since then, such as an ended experiment.
    if all(each.source != source for each in published):
        publish_configuration(
            database, CelCompiler(), merchant.id, source, change=Change(ACTOR, at)
        )
