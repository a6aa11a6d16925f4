"""A route as a command that can be pasted into a shell."""

from __future__ import annotations

import json
import shlex

from orderguard.http.openapi.vocabulary import Route

EXAMPLE_SERVER = "http://127.0.0.1:8080"
"""The default address of `orderguard serve`."""

_KEY = "YOUR_API_KEY"


def curl(route: Route, base: str) -> str:
    """The route with the shortest of its examples, one argument per line."""
    path = base + route.path
    for parameter in route.parameters:
        path = path.replace(f"{{{parameter.name}}}", str(parameter.example))
    method = "" if route.method == "GET" else f" -X {route.method}"
    arguments = [f"curl{method} {EXAMPLE_SERVER}{path}"]
    if route.scope:
        arguments.append(f"-H {shlex.quote(f'X-Authorization: {_KEY}')}")
    if route.body_examples:
        bodies = (json.dumps(each.value, indent=2) for each in route.body_examples.values())
        arguments.append("-H 'Content-Type: application/json'")
        arguments.append(f"-d {shlex.quote(min(bodies, key=len))}")
    return " \\\n  ".join(arguments)
