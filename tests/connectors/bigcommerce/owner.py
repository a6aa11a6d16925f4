"""What a merchant does: install, fill in the form, uninstall; and what BigCommerce sends then."""

from __future__ import annotations

import base64
import hashlib
import hmac
import html
import json
import re
import time
from typing import Any

import httpx

from tests.connectors.bigcommerce.api import CLIENT_ID, CLIENT_SECRET
from tests.connectors.bigcommerce.site import Site
from tests.connectors.bigcommerce.store import Store

SCOPES = (
    "store_v2_orders store_cart store_checkout store_content_checkout "
    "store_v2_products_read_only store_v2_information_read_only"
)


def signed(claims: dict[str, Any], secret: str = CLIENT_SECRET, algorithm: str = "HS256") -> str:
    """A JSON web token, as BigCommerce signs them."""
    parts = [{"alg": algorithm, "typ": "JWT"}, claims]
    text = ".".join(_encoded(json.dumps(part).encode()) for part in parts)
    signature = hmac.new(secret.encode(), text.encode(), hashlib.sha256).digest()
    return f"{text}.{_encoded(signature)}"


def _encoded(content: bytes) -> str:
    return base64.urlsafe_b64encode(content).rstrip(b"=").decode()


class Owner:
    """The owner of one store. Webhooks reach the app when `deliver` is called."""

    def __init__(self, site: Site, store: Store) -> None:
        self._site = site
        self.store = store
        self.page = ""

    def claims(self, **changes: Any) -> dict[str, Any]:
        now = int(time.time())
        user = {"id": 1, "email": "o@shop.example", "locale": "en-US"}
        claims = {"aud": CLIENT_ID, "iss": "bc", "iat": now, "nbf": now - 5, "exp": now + 86_400}
        claims |= {"jti": "1", "sub": f"stores/{self.store.hash}", "user": user, "owner": user}
        return claims | {"url": "/", "channel_id": None} | changes

    def install(self, **changes: str) -> httpx.Response:
        query = {
            "account_uuid": "1",
            "code": self.store.code,
            "context": f"stores/{self.store.hash}",
            "scope": SCOPES,
        }
        return self._shown(self._site.http.get("/auth", params=query | changes))

    def load(self, token: str | None = None) -> httpx.Response:
        return self._shown(self.calls("/load", token or signed(self.claims())))

    def calls(self, path: str, token: str) -> httpx.Response:
        return self._site.http.get(path, params={"signed_payload_jwt": token})

    def uninstall(self) -> None:
        """BigCommerce takes token, webhooks and the scripts that say so away by itself."""
        self.calls("/uninstall", signed(self.claims())).raise_for_status()
        self.store.token = ""
        self.store.hooks = []
        self.store.scripts = [each for each in self.store.scripts if not each["auto_uninstall"]]

    def enters(self, do: str = "save", **values: Any) -> httpx.Response:
        form = {"token": self.token, "do": do, **self.filled_in(), **values}
        return self._shown(self._site.http.post("/settings", data=form))

    def connect(self, entered: dict[str, Any], **changes: Any) -> str:
        """Install, and fill in address and keys."""
        self.install().raise_for_status()
        given = {name: entered[name] for name in ("url", "cart_key", "orders_key")}
        self.enters(**(given | changes)).raise_for_status()
        return self.page

    @property
    def token(self) -> str:
        return re.findall(r'name="token" value="([^"]+)"', self.page)[0]

    def filled_in(self) -> dict[str, str]:
        """What the form shows."""
        (url,) = re.findall(r'name="url"[^>]* value="([^"]*)"', self.page)
        chosen = re.findall(r'<option value="(\d+)" selected>', self.page)
        return {"url": html.unescape(url), "tax_class": chosen[0] if chosen else ""}

    @property
    def steps(self) -> list[tuple[bool, str]]:
        """What the page says of the last click."""
        found = re.findall(r'<li class="(right|wrong)">(.*?)</li>', self.page)
        return [(kind == "right", html.unescape(text)) for kind, text in found]

    @property
    def health(self) -> dict[str, str]:
        self.load().raise_for_status()
        rows = re.findall(r'<th scope="row">(.*?)</th><td>(.*?)</td>', self.page)
        return {name: html.unescape(value) for name, value in rows}

    def deliver(self, *, times: int = 1, backwards: bool = False) -> None:
        """BigCommerce sends what happened, and the app works through its queue."""
        notices = [notice for notice in self.store.notices for _ in range(times)]
        self.store.notices = []
        for notice in reversed(notices) if backwards else notices:
            hook = notice["hook"]
            answer = self._site.http.post(
                hook["destination"], json=notice["payload"], headers=hook["headers"]
            )
            assert 200 == answer.status_code
        self._site.control("run_queue", self.store.hash)

    def _shown(self, answer: httpx.Response) -> httpx.Response:
        self.page = answer.text
        return answer
