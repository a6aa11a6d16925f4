"""`/console/account`: the visitor's own password and sign-ins. Any role may use it."""

from __future__ import annotations

from falcon.asgi import Request, Response

from orderguard.actions.manage_accounts import choose_password
from orderguard.actions.sign_in import TooManyFailures, sign_out, sign_out_elsewhere
from orderguard.admin.console.cookies import write_mark, write_message
from orderguard.admin.console.dependencies import SignedIn, go_to, show
from orderguard.admin.console.page_request import Fields
from orderguard.admin.console.security import HOME
from orderguard.admin.console.sign_in import SignInParts
from orderguard.admin.threads import in_thread
from orderguard.domain.errors import Malformed, NotFound
from orderguard.domain.people.account import AccountSession
from orderguard.domain.people.audit import Actor, Change
from orderguard.domain.people.known_browser import mark_of
from orderguard.randomness import new_browser_name

ACCOUNT_PATH = f"{HOME}/account"


class AccountResource:
    """`/console/account`: shows the visitor's account, and changes the password."""

    def __init__(self, parts: SignInParts) -> None:
        self._parts = parts
        self._console = parts.console

    async def on_get(self, request: Request, response: Response) -> None:
        request.scope["orderguard"].route = "console_account"
        visitor = await self._console.signed_in(request)
        await self._show(request, response, visitor)

    async def _show(
        self,
        request: Request,
        response: Response,
        visitor: SignedIn,
        status: int = 200,
        problem: str = "",
    ) -> None:
        sessions = await in_thread(self._sessions, visitor)
        shell = self._console.shell(request, response, visitor)
        await show(
            response,
            "account.html.j2",
            shell,
            status,
            sessions=sessions,
            current=visitor.session,
            problem=problem,
        )

    def _sessions(self, visitor: SignedIn) -> list[AccountSession]:
        at = self._console.clock()
        with self._console.database.read() as work:
            found = work.account_sessions.of_account(visitor.account.id)
        return [each for each in found if each.is_live(at=at)]

    async def on_post(self, request: Request, response: Response) -> None:
        request.scope["orderguard"].route = "console_account"
        visitor = await self._console.signed_in(request)
        form = await self._console.form(request, visitor.token)
        try:
            async with self._parts.password_check:
                password_hash = await in_thread(self._choose_password, visitor, form)
        except (Malformed, TooManyFailures) as error:
            status = 429 if isinstance(error, TooManyFailures) else 422
            await self._show(request, response, visitor, status, str(error))
            return
        mark = mark_of(new_browser_name(), visitor.account.id, password_hash)
        write_mark(request, response, mark)
        write_message(request, response, "Your password is changed. Other sign-ins have ended.")
        go_to(response, ACCOUNT_PATH)

    def _choose_password(self, visitor: SignedIn, form: Fields) -> str:
        return choose_password(
            self._console.database,
            self._parts.passwords,
            visitor.account,
            current=form.raw("current"),
            wanted=form.raw("password"),
            session=visitor.session,
            change=Change(Actor(visitor.account.email), self._console.clock()),
        )


class AccountSessionsResource:
    """`POST /console/account/sessions`: end one of the visitor's sign-ins, or all but this one."""

    def __init__(self, parts: SignInParts) -> None:
        self._console = parts.console

    async def on_post(self, request: Request, response: Response) -> None:
        request.scope["orderguard"].route = "console_account_sessions"
        visitor = await self._console.signed_in(request)
        form = await self._console.form(request, visitor.token)
        wanted = form.text("session")
        if wanted == "others":
            await in_thread(self._end_others, visitor)
        elif wanted == visitor.session.id:
            raise NotFound("This one ends with the button Sign out.")
        else:
            await in_thread(sign_out, self._console.database, visitor.account.id, wanted)
        write_message(request, response, "Signed out there.")
        go_to(response, ACCOUNT_PATH)

    def _end_others(self, visitor: SignedIn) -> None:
        with self._console.database.begin() as work:
            sign_out_elsewhere(work, visitor.account.id, but=visitor.session)
