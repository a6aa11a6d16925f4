"""A shop with nothing but a recipe: `python_shop.py asgi|wsgi`; says where it listens."""

from __future__ import annotations

import importlib.util
import os
import socket
import sys
import threading
from pathlib import Path
from socketserver import ThreadingMixIn
from typing import Any
from wsgiref.simple_server import WSGIServer, make_server

import uvicorn

RECIPES = Path(__file__).parents[2] / "recipes"
BUDGET_SECONDS = int(os.environ["BUDGET_MS"]) / 1000
BUSINESS = {"isB2B": True}


def recipe(name: str) -> Any:
    """What a shop would import after copying the file."""
    spec = importlib.util.spec_from_file_location(f"recipe_{name}", RECIPES / f"{name}.py")
    assert spec
    assert spec.loader
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module.orderguard_proxy


def run_asgi(url: str, key: str) -> None:
    def customer_of(scope: dict[str, Any]) -> dict[str, bool] | None:
        return BUSINESS if (b"x-logged-in", b"business") in scope["headers"] else None

    listener = socket.create_server(("127.0.0.1", 0))
    print(listener.getsockname()[1], flush=True)
    app = recipe("asgi")(url, key, customer_of, BUDGET_SECONDS)
    uvicorn.Server(uvicorn.Config(app, log_level="critical")).run(sockets=[listener])


class Threaded(ThreadingMixIn, WSGIServer):
    daemon_threads = True


def run_wsgi(url: str, key: str) -> None:
    def customer_of(environ: dict[str, Any]) -> dict[str, bool] | None:
        return BUSINESS if environ.get("HTTP_X_LOGGED_IN") == "business" else None

    app = recipe("wsgi")(url, key, customer_of, BUDGET_SECONDS)
    server = make_server("127.0.0.1", 0, app, server_class=Threaded)
    print(server.server_port, flush=True)
    server.serve_forever()


def end_with_whoever_started_it() -> None:
    sys.stdin.read()
    os._exit(0)


if __name__ == "__main__":
    threading.Thread(target=end_with_whoever_started_it, daemon=True).start()
    run = {"asgi": run_asgi, "wsgi": run_wsgi}[sys.argv[1]]
    run(os.environ["ORDERGUARD_URL"], os.environ["KEY"])
