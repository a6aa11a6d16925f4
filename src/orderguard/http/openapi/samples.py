"""Write a described route as code samples for the documentation: curl, Python, JavaScript, PHP."""

from __future__ import annotations

import json
import shlex
from collections.abc import Callable
from pprint import pformat
from typing import Any

from orderguard.http.openapi.vocabulary import Route

EXAMPLE_SERVER = "http://127.0.0.1:8080"
"""The default address of `orderguard serve`. `/docs` shows the address it was asked at instead."""

EXAMPLE_KEY = "YOUR_API_KEY"


def code_samples(route: Route, base: str) -> list[dict[str, str]]:
    """OpenAPI's `x-codeSamples` of a route, for the shortest of its example requests."""
    path = base + route.path
    for parameter in route.parameters:
        path = path.replace(f"{{{parameter.name}}}", str(parameter.example))
    bodies = [each.value for each in route.body_examples.values()]
    body = min(bodies, key=lambda each: len(json.dumps(each)), default=None)
    languages: tuple[tuple[str, str, Callable[..., str]], ...] = (
        ("Shell", "curl", _curl),
        ("Python", "Python", _python),
        ("JavaScript", "JavaScript", _javascript),
        ("PHP", "PHP", _php),
    )
    return [
        {
            "lang": language,
            "label": label,
            "source": write(route.method, EXAMPLE_SERVER + path, bool(route.scope), body),
        }
        for language, label, write in languages
    ]


def _curl(method: str, url: str, needs_key: bool, body: Any) -> str:
    arguments = [f"curl{'' if method == 'GET' else f' -X {method}'} {url}"]
    if needs_key:
        arguments.append(f"-H {shlex.quote(f'X-Authorization: {EXAMPLE_KEY}')}")
    if body is not None:
        arguments.append("-H 'Content-Type: application/json'")
        arguments.append(f"-d {shlex.quote(json.dumps(body, indent=2))}")
    return " \\\n  ".join(arguments)


def _python(method: str, url: str, needs_key: bool, body: Any) -> str:
    lines = ["import httpx", "", "answer = httpx.request(", f'    "{method}",', f'    "{url}",']
    if needs_key:
        lines.append(f'    headers={{"X-Authorization": "{EXAMPLE_KEY}"}},')
    if body is not None:
        literal = pformat(body, sort_dicts=False, width=72).replace("\n", "\n    ")
        lines.append(f"    json={literal},")
    return "\n".join([*lines, "    timeout=10,", ")", "print(answer.status_code, answer.text)"])


def _javascript(method: str, url: str, needs_key: bool, body: Any) -> str:
    headers = [f"'X-Authorization': '{EXAMPLE_KEY}'"] if needs_key else []
    if body is not None:
        headers.append("'Content-Type': 'application/json'")
    lines = [f"const answer = await fetch('{url}', {{", f"  method: '{method}',"]
    if headers:
        lines.append(f"  headers: {{ {', '.join(headers)} }},")
    if body is not None:
        literal = json.dumps(body, indent=2, ensure_ascii=False).replace("\n", "\n  ")
        lines.append(f"  body: JSON.stringify({literal}),")
    lines += ["  signal: AbortSignal.timeout(10_000),", "});"]
    return "\n".join([*lines, "console.log(answer.status, await answer.text());"])


def _php(method: str, url: str, needs_key: bool, body: Any) -> str:
    headers = [f"'X-Authorization: {EXAMPLE_KEY}'"] if needs_key else []
    if body is not None:
        headers.append("'Content-Type: application/json'")
    lines = [
        "<?php",
        "$context = stream_context_create(['http' => [",
        f"    'method' => '{method}',",
    ]
    if headers:
        lines.append(f"    'header' => [{', '.join(headers)}],")
    if body is not None:
        lines.append(f"    'content' => json_encode({_php_literal(body, '    ')}),")
    lines += ["    'ignore_errors' => true,", "    'timeout' => 10,", "]]);"]
    return "\n".join([*lines, f"echo file_get_contents('{url}', false, $context);"])


def _php_literal(value: Any, indent: str) -> str:
    """A JSON value in PHP, with one member a line."""
    if isinstance(value, dict | list) and value:
        inner = indent + "    "
        names = (
            [f"{_php_literal(name, '')} => " for name in value] if isinstance(value, dict) else []
        )
        values = list(value.values()) if isinstance(value, dict) else value
        items = [
            f"{inner}{name}{_php_literal(each, inner)},\n"
            for name, each in zip(names or [""] * len(values), values, strict=True)
        ]
        return f"[\n{''.join(items)}{indent}]"
    if isinstance(value, dict):
        return "new stdClass()"
    if isinstance(value, list):
        return "[]"
    if isinstance(value, str):
        escaped = value.replace("\\", "\\\\").replace("'", "\\'")
        return f"'{escaped}'"
    return json.dumps(value)
