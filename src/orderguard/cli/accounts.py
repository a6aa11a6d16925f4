"""The commands of `orderguard accounts`."""

from __future__ import annotations

from typing import Annotated

import typer

from orderguard.actions.find_merchant import get_merchant
from orderguard.actions.manage_accounts import add_member, remove_member
from orderguard.actions.sign_in import make_sign_in_link
from orderguard.cli.context import change_now, open_database
from orderguard.cli.output import (
    JsonOption,
    console,
    errors_explained,
    print_json,
    print_table,
)
from orderguard.domain.errors import NotFound
from orderguard.domain.people.account import Role, parse_email, parse_password, sign_in_link
from orderguard.passwords import Argon2Passwords
from orderguard.randomness import new_account_id, new_token

app = typer.Typer(no_args_is_help=True, rich_markup_mode=None)

MerchantOption = Annotated[str, typer.Option(help="The merchant's id or name.")]
EmailArgument = Annotated[str, typer.Argument(metavar="E-MAIL", help="The person's address.")]
UrlOption = Annotated[str, typer.Option(help="The address of this server, for the link.")]
USUAL_URL = "http://127.0.0.1:8080"


@app.command("create")
def create(
    email: EmailArgument,
    merchant: MerchantOption,
    role: Annotated[str, typer.Option(help="owner, editor or viewer.")] = Role.OWNER,
    ask_password: Annotated[
        bool, typer.Option("--ask-password", help="Ask for a password instead of making a link.")
    ] = False,
    url: UrlOption = USUAL_URL,
    as_json: bool = JsonOption,
) -> None:
    """Let a person sign in, by a link that works once, or with a password that is asked for.

    An account that exists keeps its roles for other merchants, and gets a new password.

    Example: orderguard accounts create ida@shop.example --merchant acme --role owner
    """
    with errors_explained(), open_database() as database:
        password_hash = None
        if ask_password:
            typed = typer.prompt("Password", hide_input=True, confirmation_prompt=True)
            password_hash = Argon2Passwords().hash(parse_password(typed))
        token = None if ask_password else new_token()
        added = add_member(
            database,
            merchant,
            email,
            role,
            new_id=new_account_id(),
            password_hash=password_hash,
            link=token,
            change=change_now(),
        )
        link = sign_in_link(url, token) if token else None
    if as_json:
        print_json(
            {
                "id": added.account.id,
                "email": added.account.email,
                "role": added.role,
                "link": link,
            }
        )
        return
    console().print(f"{added.account.email} is {added.role} of {merchant}.", markup=False)
    if link:
        console().print(f"Sign in, once and within 24 hours, at {link}", markup=False)


@app.command("link")
def link(email: EmailArgument, url: UrlOption = USUAL_URL, as_json: bool = JsonOption) -> None:
    """Make a sign-in link, usable once, for a person who has forgotten the password.

    Example: orderguard accounts link ida@shop.example
    """
    with errors_explained(), open_database() as database:
        with database.read() as work:
            account = work.accounts.find_by_email(parse_email(email))
        if account is None:
            raise NotFound(
                f"There is no account for {email}. "
                "Make one with: orderguard accounts create E-MAIL --merchant MERCHANT"
            )
        token = new_token()
        make_sign_in_link(database, account, token=token, change=change_now())
    if as_json:
        print_json({"id": account.id, "email": account.email, "link": sign_in_link(url, token)})
    else:
        console().print(
            f"Sign in, once and within 24 hours, at {sign_in_link(url, token)}", markup=False
        )


@app.command("list")
def list_(
    merchant: str = typer.Argument(help="The merchant's id or name."),
    as_json: bool = JsonOption,
) -> None:
    """List the people who may sign in for a merchant.

    Example: orderguard accounts list acme
    """
    with errors_explained(), open_database() as database, database.read() as work:
        members = work.accounts.members(get_merchant(work, merchant).id)
    if as_json:
        print_json(
            [
                {"id": each.account.id, "email": each.account.email, "role": each.role}
                for each in members
            ]
        )
        return
    print_table(
        ("ID", "E-MAIL", "ROLE"),
        [(each.account.id, each.account.email, each.role) for each in members],
        empty="Nobody yet. Begin with: orderguard accounts create E-MAIL --merchant MERCHANT",
    )


@app.command("remove")
def remove(email: EmailArgument, merchant: MerchantOption, as_json: bool = JsonOption) -> None:
    """Remove a person's role for a merchant.

    Example: orderguard accounts remove ida@shop.example --merchant acme
    """
    with errors_explained(), open_database() as database:
        with database.read() as work:
            owner = get_merchant(work, merchant)
            account = work.accounts.find_by_email(parse_email(email))
        removed = remove_member(
            database, owner.id, account.id if account else "", change=change_now()
        )
    if as_json:
        print_json({"id": removed.account.id, "email": removed.account.email})
    else:
        console().print(f"Removed {removed.account.email}.", markup=False)
