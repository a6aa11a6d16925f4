"""The console's own stylesheet and scripts."""

from __future__ import annotations

from functools import cache
from hashlib import sha256
from importlib.resources import files

import falcon
from falcon.asgi import Request, Response

PREFIX = "/console/static/"

_TYPES = {
    ".css": "text/css; charset=utf-8",
    ".js": "text/javascript; charset=utf-8",
    ".svg": "image/svg+xml",
}


@cache
def _static_files() -> dict[str, tuple[bytes, str, str]]:
    """Content, media type and hash by name."""
    found = {}
    for each in files(__package__).joinpath("static").iterdir():
        media_type = next((t for end, t in _TYPES.items() if each.name.endswith(end)), None)
        if media_type:
            content = each.read_bytes()
            found[each.name] = (content, media_type, sha256(content).hexdigest()[:16])
    return found


def static_url(name: str) -> str:
    """The URL of a file; it changes with the file, so that browsers may keep it for good."""
    return f"{PREFIX}{name}?v={_static_files()[name][2]}"


class StaticResource:
    """Serves one static file, without signing in: it is the same for all visitors."""

    async def on_get(self, request: Request, response: Response, name: str) -> None:
        request.scope["orderguard"].route = "console_static"
        found = _static_files().get(name)
        if found is None:
            raise falcon.HTTPNotFound
        content, media_type, version = found
        is_current = request.get_param("v") == version
        keep = "public, max-age=31536000, immutable" if is_current else "no-cache"
        response.set_header("Cache-Control", keep)
        response.set_header("X-Content-Type-Options", "nosniff")
        response.content_type = media_type
        response.data = content
