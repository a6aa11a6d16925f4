"""Runs the language-neutral cases of `contract/`, as its README describes them."""

from __future__ import annotations

import copy
import json
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, NoReturn

import httpx

CASES = Path(__file__).parents[2] / "contract"

_IN_PATH = re.compile(r"\{(\w+)\}")


class CaseFailed(AssertionError):
    """The answer is not what the case promises; the message begins with where."""


class CaseMalformed(Exception):
    """The case uses something that the format does not have."""


@dataclass(frozen=True, slots=True)
class Case:
    """One case, with what it uses of its file."""

    file: str
    name: str
    configuration: dict[str, Any] | None
    requests: Mapping[str, Any]
    steps: list[dict[str, Any]]
    scopes: tuple[str, ...] = ("cart",)

    def __str__(self) -> str:
        return f"{self.file}: {self.name}"


def all_cases(root: Path = CASES) -> list[Case]:
    """Every case of every file, in the order of the files' names."""
    return [
        case
        for path in sorted(root.rglob("*.json"))
        if path.parent.name != "offer_state"  # stories, not cases; see its README
        for case in _cases_of(path, root)
    ]


def _cases_of(path: Path, root: Path) -> list[Case]:
    document = json.loads(path.read_text(encoding="utf-8"))
    _only(document, {"about", "configurations", "requests", "cases"}, str(path))
    return [
        Case(
            str(path.relative_to(root)),
            case["name"],
            document["configurations"][case["configuration"]],
            document.get("requests", {}),
            case["steps"],
            tuple(case.get("scopes", ["cart"])),
        )
        for case in document["cases"]
    ]


@dataclass(slots=True)
class Run:
    """One case on its way: the client that sends, and what has been captured."""

    case: Case
    http: httpx.Client
    key: str
    stored: dict[str, Any] = field(default_factory=dict)

    def all_steps(self) -> None:
        """Send every step and compare every answer. Raises `CaseFailed`."""
        for number, step in enumerate(self.case.steps, start=1):
            _only(step, {"send", "expect"}, f"step {number}")
            response = self.http.send(self._request(step["send"]))
            try:
                self._compare_answer(step["expect"], response)
            except CaseFailed as failure:
                raise CaseFailed(
                    f"{self.case}, step {number}: {failure}\n{response.status_code} {response.text}"
                ) from None

    def _request(self, send: dict[str, Any]) -> httpx.Request:
        _only(
            send,
            {"method", "path", "headers", "body", "bodyText", "request", "set", "unset"},
            "send",
        )
        content = self._content(send)
        headers = {"x-authorization": self.key}
        if content is not None:
            headers["content-type"] = "application/json"
        for name, value in send.get("headers", {}).items():
            headers[name.lower()] = value
        path = _IN_PATH.sub(lambda found: str(self.stored[found[1]]), send["path"])
        return self.http.build_request(
            send["method"],
            path,
            headers={name: value for name, value in headers.items() if value is not None},
            content=content,
        )

    def _content(self, send: dict[str, Any]) -> bytes | None:
        given = {"body", "bodyText", "request"} & send.keys()
        if len(given) > 1:
            raise CaseMalformed(f"{self.case}: more than one of {sorted(given)}")
        if "bodyText" in send:
            text: str = send["bodyText"]
            return text.encode()
        if "body" in send:
            return json.dumps(self._filled(send["body"])).encode()
        if "request" in send:
            return json.dumps(self._varied(send)).encode()
        return None

    def _varied(self, send: dict[str, Any]) -> Any:
        """The named request with this step's changes."""
        body = copy.deepcopy(self.case.requests[send["request"]])
        for path, value in send.get("set", {}).items():
            parent, last = _parent(body, path)
            parent[last] = self._filled(value)
        for path in send.get("unset", []):
            parent, last = _parent(body, path)
            del parent[last]
        return body

    def _filled(self, value: Any) -> Any:
        """The value with stored ones in place of their names."""
        if isinstance(value, dict):
            if "$use" in value:
                _only(value, {"$use"}, "body")
                return self.stored[value["$use"]]
            if any(name.startswith("$") for name in value):
                raise CaseMalformed(f"{self.case}: {sorted(value)} in a body")
            return {name: self._filled(member) for name, member in value.items()}
        if isinstance(value, list):
            return [self._filled(item) for item in value]
        return value

    def _compare_answer(self, expect: dict[str, Any], response: httpx.Response) -> None:
        _only(expect, {"status", "headers", "body"}, "expect")
        self._compare(expect["status"], response.status_code, "status")
        for name, expected in expect.get("headers", {}).items():
            if name not in response.headers:
                _fail(f"headers.{name}", "is missing")
            self._compare(expected, response.headers[name], f"headers.{name}")
        if "body" in expect:
            self._compare(expect["body"], response.json(), "body")

    def _compare(self, expected: Any, found: Any, path: str) -> None:
        if isinstance(expected, dict):
            instructions = {name for name in expected if name.startswith("$")}
            if instructions & {"$any", "$matches", "$capture", "$use"}:
                self._compare_instruction(expected, found, path)
            else:
                self._compare_object(expected, found, path)
        elif isinstance(expected, list):
            self._compare_list(expected, found, path)
        elif type(expected) is not type(found) or expected != found:
            _fail(path, f"expected {expected!r}, found {found!r}")

    def _compare_instruction(self, expected: dict[str, Any], found: Any, path: str) -> None:
        if len(expected) != 1:
            raise CaseMalformed(f"{self.case}: {sorted(expected)} at {path}")
        ((instruction, argument),) = expected.items()
        if instruction == "$matches":
            if not isinstance(found, str) or not re.search(argument, found):
                _fail(path, f"expected something like {argument!r}, found {found!r}")
        elif instruction == "$capture":
            self.stored[argument] = found
        elif instruction == "$use":
            self._compare(self.stored[argument], found, path)

    def _compare_object(self, expected: dict[str, Any], found: Any, path: str) -> None:
        keys = {name for name in expected if not name.startswith("$")}
        _only(expected, keys | {"$subset", "$absent"}, path)
        if not isinstance(found, dict):
            _fail(path, f"expected an object, found {found!r}")
        for name in expected.get("$absent", []):
            if name in found:
                _fail(f"{path}.{name}", f"must be absent, found {found[name]!r}")
        if keys - found.keys():
            _fail(path, f"is without {sorted(keys - found.keys())}")
        if not expected.get("$subset") and found.keys() - keys:
            _fail(path, f"has also {sorted(found.keys() - keys)}")
        for name in expected:
            if name in keys:
                self._compare(expected[name], found[name], f"{path}.{name}")

    def _compare_list(self, expected: list[Any], found: Any, path: str) -> None:
        if not isinstance(found, list) or len(expected) != len(found):
            _fail(path, f"expected a list of {len(expected)}, found {found!r}")
        for index, each in enumerate(expected):
            self._compare(each, found[index], f"{path}[{index}]")


def _fail(path: str, message: str) -> NoReturn:
    raise CaseFailed(f"{path} {message}")


def _only(members: Mapping[str, Any], known: set[str], where: str) -> None:
    if unknown := members.keys() - known:
        raise CaseMalformed(f"{where}: {sorted(unknown)} is not part of the format")


def _parent(document: Any, path: str) -> tuple[Any, Any]:
    """What holds the last part of a dotted path, and that part; numbers index lists."""
    *parts, last = path.split(".")
    for part in parts:
        document = document[int(part) if isinstance(document, list) else part]
    return document, int(last) if isinstance(document, list) else last
