"""Authenticates requests to the console, checks roles and form tokens, and shows pages."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any, TypeVar

from falcon.asgi import Request, Response

from orderguard.actions.ports.unit_of_work import Database
from orderguard.actions.sign_in import find_signed_in
from orderguard.admin.console.cookies import (
    SESSION,
    VISITOR,
    read_cookie,
    take_message,
    write_cookie,
)
from orderguard.admin.console.errors import FormRefused, RoleNotEnough, SignInNeeded
from orderguard.admin.console.navigation import MenuEntry, current_section
from orderguard.admin.console.page_request import Fields, PageRequest, parse_fields
from orderguard.admin.console.rendering import Shell, render
from orderguard.admin.console.security import (
    SECURITY_HEADERS,
    form_token,
    is_encrypted,
    is_form_token,
    is_from_here,
)
from orderguard.admin.threads import in_thread
from orderguard.domain.errors import Malformed, NotFound
from orderguard.domain.ids import MerchantId
from orderguard.domain.people.account import Account, AccountSession, Membership, Role
from orderguard.domain.people.merchant import Merchant
from orderguard.http.client_text import refuse_unwritten
from orderguard.http.request_body import BODY_LIMIT, read_body
from orderguard.randomness import new_token

Answer = TypeVar("Answer")

STRANGERS_FORM_LIMIT = 16 * 1024
"""Bytes of an anonymous visitor's form: an address, a password, and room to spare."""


@dataclass(frozen=True, slots=True)
class SignedIn:
    """An account with its session."""

    account: Account
    session: AccountSession
    token: str


@dataclass(frozen=True, slots=True)
class ConsoleDependencies:
    """The dependencies and checks that all resources of the console share."""

    database: Database
    clock: Callable[[], datetime]
    sections: tuple[MenuEntry, ...]

    async def signed_in(self, request: Request) -> SignedIn:
        """The account and session of the request. Raises `SignInNeeded`."""
        token = read_cookie(request, SESSION)
        if token:
            found = await in_thread(find_signed_in, self.database, token, at=self.clock())
            if found:
                session, account = found
                return SignedIn(account, session, token)
        # A POST cannot be repeated after signing in, so the user continues at the start page.
        raise SignInNeeded(request.relative_uri if request.method == "GET" else "")

    async def form(self, request: Request, cookie: str, *, limit: int = BODY_LIMIT) -> Fields:
        """The submitted form. Its token must match `cookie`, which prevents cross-site requests.

        Raises `FormRefused`, and `Malformed` for anything but a form of at most `limit` bytes.
        """
        if not is_from_here(request):
            raise FormRefused
        if "application/x-www-form-urlencoded" not in (request.content_type or ""):
            raise Malformed("The console takes forms only.")
        body = await read_body(request, request.scope["orderguard"], limit=limit)
        fields = await in_thread(parse_fields, body.decode("utf-8", errors="replace"))
        if not is_form_token(fields.text("form_token"), cookie):
            raise FormRefused
        return fields

    async def page_request(
        self, request: Request, values: dict[str, str], needs: Role
    ) -> tuple[PageRequest, SignedIn]:
        """Authorize a request to a merchant's page, which needs the role `needs`.

        Raises `SignInNeeded`, `NotFound`, `RoleNotEnough`.
        """
        visitor = await self.signed_in(request)
        refuse_unwritten(request)
        merchant_id = MerchantId(values.pop("merchant_id"))
        merchant, membership = await in_thread(self._membership, merchant_id, visitor)
        if not membership.role.includes(needs):
            raise RoleNotEnough(
                f"This takes the role {needs}; yours is {membership.role}. "
                f"An owner of {merchant.name} can change that."
            )
        request.scope["orderguard"].merchant = merchant.id
        form = await self.form(request, visitor.token) if request.method == "POST" else Fields()
        at = self.clock()
        page_request = PageRequest(
            merchant=merchant,
            account=visitor.account,
            session=visitor.session,
            role=membership.role,
            at=merchant.time(at),
            real_at=at,
            path=request.path.removeprefix(f"/console/m/{merchant_id}"),
            origin=origin_of(request),
            values=values,
            query=parse_fields(request.query_string),
            form=form,
            is_fragment=request.get_header("HX-Request") == "true",
        )
        return page_request, visitor

    def _membership(self, merchant: MerchantId, visitor: SignedIn) -> tuple[Merchant, Membership]:
        with self.database.read() as work:
            membership = work.accounts.membership(merchant, visitor.account.id)
            found = work.merchants.find(merchant) if membership else None
        if membership is None or found is None:
            raise NotFound("No such merchant.")
        return found, membership

    def shell(
        self,
        request: Request,
        response: Response,
        visitor: SignedIn,
        page_request: PageRequest | None = None,
    ) -> Shell:
        """The frame around a page: menu, account, message and form token."""
        is_fragment = page_request is not None and page_request.is_fragment
        return Shell(
            form_token=form_token(visitor.token),
            message="" if is_fragment else take_message(request, response),
            account=visitor.account,
            merchant=page_request.merchant if page_request else None,
            role=page_request.role if page_request else "",
            sections=self.sections if page_request else (),
            section=current_section(self.sections, page_request.path) if page_request else None,
            path=request.relative_uri,
        )

    def shell_of_stranger(self, request: Request, response: Response) -> Shell:
        """The frame of a page for an anonymous visitor, without a menu."""
        mark = read_cookie(request, VISITOR)
        if mark is None:
            mark = new_token()
            write_cookie(request, response, VISITOR, mark)
        return Shell(form_token=form_token(mark), message=take_message(request, response))

    async def form_of_stranger(self, request: Request) -> Fields:
        """The form submitted by an anonymous visitor. Raises `FormRefused`."""
        mark = read_cookie(request, VISITOR)
        if mark is None:
            raise FormRefused
        return await self.form(request, mark, limit=STRANGERS_FORM_LIMIT)


async def show(
    response: Response, template: str, shell: Shell, status: int = 200, **context: Any
) -> None:
    """Render a template into the response."""
    response.status = status
    secure(response)
    response.content_type = "text/html; charset=utf-8"
    response.data = await in_thread(render, template, shell, **context)


def go_to(response: Response, location: str) -> None:
    """Respond with a redirect (303) to another page."""
    secure(response)
    response.status = 303
    response.set_header("Location", location)


def secure(response: Response) -> None:
    """Set the security headers that every response of the console has."""
    for name, value in SECURITY_HEADERS.items():
        response.set_header(name, value)


def origin_of(request: Request) -> str:
    """The origin of this server, as the visitor's browser sees it."""
    host: str = request.get_header("Host") or "localhost"
    return f"{'https' if is_encrypted(request) else 'http'}://{host}"
