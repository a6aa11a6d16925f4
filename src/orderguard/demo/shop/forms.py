"""Read posted forms, and redirect afterwards."""

from __future__ import annotations

import re
from collections.abc import Mapping

import falcon
from falcon.asgi import Request, Response

BODY_MAXIMUM = 65_536
_OWN_PAGE = re.compile(r"/(cart|checkout|orders/FF-[0-9A-F]{8})?")


async def form_of(request: Request) -> Mapping[str, str]:
    """The fields of a posted form; the last value counts if a field occurs twice."""
    require_small_body(request)
    if request.content_type is None or not request.content_length:
        return {}
    fields = await request.get_media()
    if not isinstance(fields, dict):
        raise falcon.HTTPBadRequest(description="A form was expected.")
    return {
        name: str(value[-1] if isinstance(value, list) else value) for name, value in fields.items()
    }


def require_small_body(request: Request) -> None:
    """Refuse a body that no page of the shop sends, before it is read."""
    if (request.content_length or 0) > BODY_MAXIMUM:
        raise falcon.HTTPContentTooLarge
    if request.get_header("Transfer-Encoding"):
        raise falcon.HTTPLengthRequired


def number_in(text: str) -> int:
    return int(text) if re.fullmatch("[0-9]{1,3}", text) else 0


def back_from(form: Mapping[str, str]) -> str:
    """The path of the form's page, or `/` if it is not in the shop: prevents open redirects."""
    back = form.get("back", "/")
    return back if _OWN_PAGE.fullmatch(back) else "/"


def see_other(response: Response, path: str) -> None:
    """Redirect to a GET, so that a reload does not repeat the POST."""
    response.status = falcon.HTTP_303
    response.set_header("Location", path)
