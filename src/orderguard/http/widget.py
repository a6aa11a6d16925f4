"""`/widget/v1/…`: the built storefront element, for the pages of shops.

The files are in the package, built by `tools/build_widget.py`. All of them are read at the start,
and a request is looked up among them by name, so that no path can lead to any other file.
"""

from __future__ import annotations

import gzip
from dataclasses import dataclass
from hashlib import sha256
from importlib.resources import files
from importlib.resources.abc import Traversable
from typing import Any

import falcon
from falcon.asgi import Request, Response

from orderguard.http.edge import Exchange

PREFIX = "/widget/v1/"
CONTENT_TYPES = {
    ".js": "text/javascript; charset=utf-8",
    ".json": "application/json",
}
FOR_NOW = "public, max-age=300"
FOR_EVER = "public, max-age=31536000, immutable"
RELEASE_LENGTH = 16


@dataclass(frozen=True, slots=True)
class WidgetFile:
    """One file, plain and gzipped, with its response headers."""

    plain: bytes
    gzipped: bytes
    content_type: str
    cache_control: str
    etag: str


class WidgetFiles:
    """Serves the widget's files; a falcon sink, because the OpenAPI document does not list files.

    Each file has two URLs: a stable URL that browsers cache for five minutes, and a URL with the
    release in it that they may cache for ever; the next release replaces that URL.
    """

    def __init__(self, contents: dict[str, bytes]) -> None:
        self.release = sha256(contents["integrity.json"]).hexdigest()[:RELEASE_LENGTH]
        self._by_name: dict[str, WidgetFile] = {}
        for name, content in contents.items():
            self._by_name[name] = _file(name, content, FOR_NOW)
            self._by_name[f"{self.release}/{name}"] = _file(name, content, FOR_EVER)

    async def __call__(self, request: Request, response: Response, **_: Any) -> None:
        exchange: Exchange = request.scope["orderguard"]
        exchange.route = "widget"
        found = self._by_name.get(request.path.removeprefix(PREFIX))
        if found is None:
            raise falcon.HTTPNotFound
        if request.method not in ("GET", "HEAD"):
            raise falcon.HTTPMethodNotAllowed(["GET", "HEAD"])
        _answer(request, response, found)


def read_widget_files() -> WidgetFiles:
    """The files of this package."""
    folder = files("orderguard.http") / "static" / "widget" / "v1"
    return WidgetFiles(_contents(folder))


def _contents(folder: Traversable, prefix: str = "") -> dict[str, bytes]:
    found: dict[str, bytes] = {}
    for entry in folder.iterdir():
        name = f"{prefix}{entry.name}"
        found |= _contents(entry, f"{name}/") if entry.is_dir() else {name: entry.read_bytes()}
    return found


def _file(name: str, content: bytes, cache_control: str) -> WidgetFile:
    return WidgetFile(
        plain=content,
        gzipped=gzip.compress(content, mtime=0),
        content_type=CONTENT_TYPES[name[name.rindex(".") :]],
        cache_control=cache_control,
        etag=sha256(content).hexdigest()[:RELEASE_LENGTH],
    )


def _answer(request: Request, response: Response, file: WidgetFile) -> None:
    """The file, or 304 for a caller who has it already."""
    zipped = _reads_gzip(request.get_header("Accept-Encoding") or "")
    etag = f"{file.etag}-gzip" if zipped else file.etag
    response.etag = etag
    response.set_header("Cache-Control", file.cache_control)
    response.set_header("Vary", "Accept-Encoding")
    # Pages of any shop may load the files, also cross-origin isolated pages.
    response.set_header("Access-Control-Allow-Origin", "*")
    response.set_header("Cross-Origin-Resource-Policy", "cross-origin")
    response.set_header("X-Content-Type-Options", "nosniff")
    known = request.if_none_match or []
    if "*" in known or etag in known:
        response.status = falcon.HTTP_304
        return
    response.content_type = file.content_type
    if zipped:
        response.set_header("Content-Encoding", "gzip")
    response.data = file.gzipped if zipped else file.plain


def _reads_gzip(accept_encoding: str) -> bool:
    """Whether `gzip` is named and not refused; browsers send `gzip, deflate, br`."""
    for coding in accept_encoding.lower().split(","):
        name, _, parameters = coding.partition(";")
        if name.strip() == "gzip":
            return parameters.replace(" ", "") not in ("q=0", "q=0.0", "q=0.00", "q=0.000")
    return False
