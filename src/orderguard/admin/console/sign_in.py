"""Sign in, sign out, invitation links, and the choice of a merchant."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence

from falcon.asgi import Request, Response

from orderguard.actions.manage_accounts import make_first_account
from orderguard.actions.ports.accounts import Passwords
from orderguard.actions.ports.unit_of_work import UnitOfWork
from orderguard.actions.sign_in import (
    Admitted,
    NewSession,
    SignIn,
    SignInRefused,
    TooManyFailures,
    sign_out,
    whom_link_lets_in,
)
from orderguard.admin.console.cookies import (
    SESSION,
    VISITOR,
    drop_cookie,
    read_marks,
    write_cookie,
    write_mark,
    write_message,
)
from orderguard.admin.console.dependencies import ConsoleDependencies, go_to, show
from orderguard.admin.console.errors import SIGN_IN_PATH
from orderguard.admin.console.security import HOME, own_path
from orderguard.admin.threads import in_thread
from orderguard.domain.errors import AlreadyExists, Malformed, NotFound
from orderguard.domain.people.account import Account, parse_password
from orderguard.http.client_address import Network, client_of
from orderguard.http.documentation import KEY_COOKIE
from orderguard.randomness import (
    new_account_id,
    new_account_session_id,
    new_browser_name,
    new_merchant_id,
    new_token,
)

SIGNING_IN_AT_ONCE = 2
"""Password checks at once: each takes a core and 64 MiB, and checkouts have priority."""

WELCOME_PATH = f"{HOME}/welcome"


class SignInParts:
    """The dependencies of signing in, and the new session that it begins."""

    def __init__(
        self, console: ConsoleDependencies, passwords: Passwords, trusted_proxies: Sequence[Network]
    ) -> None:
        self.console = console
        self.passwords = passwords
        self.trusted_proxies = trusted_proxies
        self.sign_in = SignIn(console.database, passwords)
        self.password_check = asyncio.Semaphore(SIGNING_IN_AT_ONCE)

    def new_session(self, request: Request) -> NewSession:
        """The token and details of a new session for the browser of this request."""
        return NewSession(
            token=new_token(),
            id=new_account_session_id(),
            address=client_of(request.scope, self.trusted_proxies),
            browser=(request.get_header("User-Agent") or "unknown")[:200],
            marks=tuple(read_marks(request)),
            name=new_browser_name(),
        )

    def let_in(
        self, request: Request, response: Response, new: NewSession, to: str, mark: str = ""
    ) -> None:
        """Set the cookies of the session and of the known browser, and redirect to `to`."""
        if mark:
            write_mark(request, response, mark)
        write_cookie(request, response, SESSION, new.token)
        drop_cookie(request, response, VISITOR)
        go_to(response, to)


class SignInResource:
    """`/console/sign-in`: e-mail and password."""

    def __init__(self, parts: SignInParts) -> None:
        self._parts = parts

    async def on_get(self, request: Request, response: Response) -> None:
        request.scope["orderguard"].route = "console_sign_in"
        shell = self._parts.console.shell_of_stranger(request, response)
        next_path = own_path(request.get_param("next") or HOME)
        await show(response, "sign_in.html.j2", shell, next_path=next_path, email="", problem="")

    async def on_post(self, request: Request, response: Response) -> None:
        request.scope["orderguard"].route = "console_sign_in"
        parts = self._parts
        form = await parts.console.form_of_stranger(request)
        new, next_path = parts.new_session(request), own_path(form.text("next"))
        email = form.text("email")
        try:
            async with parts.password_check:
                admitted = await in_thread(
                    parts.sign_in.with_password,
                    email,
                    form.raw("password")[:1_000],
                    new,
                    at=parts.console.clock(),
                )
        except SignInRefused as error:
            status = 429 if isinstance(error, TooManyFailures) else 422
            if isinstance(error, TooManyFailures):
                response.set_header("Retry-After", str(error.wait_seconds))
            shell = parts.console.shell_of_stranger(request, response)
            await show(
                response,
                "sign_in.html.j2",
                shell,
                status,
                next_path=next_path,
                email=email,
                problem=str(error),
            )
            return
        parts.let_in(request, response, new, next_path, admitted.mark)


class WelcomeResource:
    """`/console/welcome?link=…`: a link that signs one account in, once.

    A GET does not use the link up, because mail programs fetch links, too.
    """

    def __init__(self, parts: SignInParts) -> None:
        self._parts = parts

    async def on_get(self, request: Request, response: Response) -> None:
        request.scope["orderguard"].route = "console_welcome"
        await self._show(request, response, request.get_param("link") or "")

    async def _show(
        self, request: Request, response: Response, link: str, status: int = 200, **said: str
    ) -> None:
        account, has_merchants = await in_thread(self._look, link)
        shell = self._parts.console.shell_of_stranger(request, response)
        await show(
            response,
            "welcome.html.j2",
            shell,
            status,
            link=link,
            account=account,
            has_merchants=has_merchants,
            **({"email": "", "shop_name": "", "problem": ""} | said),
        )
        # Proxies log the Referer of stylesheet requests; here it would contain the link.
        response.set_header("referrer-policy", "strict-origin")

    def _look(self, link: str) -> tuple[Account | None, bool]:
        def look(work: UnitOfWork) -> tuple[Account | None, bool]:
            account = whom_link_lets_in(work, link, at=self._parts.console.clock())
            if account is None and work.accounts.exist():
                raise NotFound("The first account has been made already.")
            return account, bool(work.merchants.all())

        with self._parts.console.database.read() as work:
            return look(work)

    async def on_post(self, request: Request, response: Response) -> None:
        request.scope["orderguard"].route = "console_welcome"
        parts = self._parts
        form = await parts.console.form_of_stranger(request)
        new, link, at = parts.new_session(request), form.text("link"), parts.console.clock()
        account, _ = await in_thread(self._look, link)
        if account is not None:
            await in_thread(parts.sign_in.with_link, link, new, at=at)
            parts.let_in(request, response, new, f"{HOME}/account")
            return
        email, shop_name = form.text("email"), form.text("shop_name")
        try:
            async with parts.password_check:
                admitted = await in_thread(
                    self._make_first_account,
                    link,
                    email,
                    form.raw("password"),
                    shop_name,
                    new,
                )
        except (Malformed, AlreadyExists) as error:
            said = {"email": email, "shop_name": shop_name, "problem": str(error)}
            await self._show(request, response, link, 422, **said)
            return
        parts.let_in(request, response, new, HOME, admitted.mark)

    def _make_first_account(
        self, link: str, email: str, password: str, shop_name: str, new: NewSession
    ) -> Admitted:
        parts, at = self._parts, self._parts.console.clock()
        make_first_account(
            parts.console.database,
            link,
            email,
            parts.passwords.hash(parse_password(password)),
            new_id=new_account_id(),
            shop_name=shop_name,
            new_merchant_id=new_merchant_id(),
            at=at,
        )
        return parts.sign_in.with_password(email, password, new, at=at)


class SignOutResource:
    """`POST /console/sign-out`: ends the session."""

    def __init__(self, console: ConsoleDependencies) -> None:
        self._console = console

    async def on_post(self, request: Request, response: Response) -> None:
        request.scope["orderguard"].route = "console_sign_out"
        visitor = await self._console.signed_in(request)
        await self._console.form(request, visitor.token)
        await in_thread(sign_out, self._console.database, visitor.account.id, visitor.session.id)
        drop_cookie(request, response, SESSION)
        drop_cookie(request, response, KEY_COOKIE)
        write_message(request, response, "You are signed out.")
        go_to(response, SIGN_IN_PATH)


class StartResource:
    """`/console`: the only merchant's overview, or the choice between several."""

    def __init__(self, console: ConsoleDependencies) -> None:
        self._console = console

    async def on_get(self, request: Request, response: Response) -> None:
        request.scope["orderguard"].route = "console"
        visitor = await self._console.signed_in(request)
        choices = await in_thread(self._choices, visitor.account)
        if len(choices) == 1:
            go_to(response, choices[0][1])
            return
        shell = self._console.shell(request, response, visitor)
        await show(response, "merchants.html.j2", shell, choices=choices)

    def _choices(self, account: Account) -> list[tuple[str, str, str]]:
        """Name, overview's URL and role for every merchant of the account."""
        with self._console.database.read() as work:
            memberships = work.accounts.memberships_of(account.id)
            known = {each.id: each for each in work.merchants.all()}
        return sorted(
            (
                known[each.merchant].name,
                f"/console/m/{each.merchant}/overview",
                f"{each.role}, sandbox" if known[each.merchant].sandbox else each.role,
            )
            for each in memberships
        )
