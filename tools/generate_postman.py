"""Writes docs/orderguard.postman_collection.json from the OpenAPI document.

    .venv/bin/python tools/generate_postman.py

The collection has the requests of integrators, with the first example body of each. Analysing a
cart keeps the session, which the later requests name.
"""

import json
from pathlib import Path
from typing import Any

from orderguard.http.openapi.examples import SESSION_ID
from orderguard.running.wiring_backstage import API

COLLECTION = Path(__file__).parents[1] / "docs/orderguard.postman_collection.json"
TAGS = ("Offers", "Orders", "Coverages")
SCHEMA = "https://schema.getpostman.com/json/collection/v2.1.0/collection.json"
KEEP_SESSION = "pm.collectionVariables.set('sessionId', pm.response.json().sessionId);"


def collection(document: dict[str, Any]) -> dict[str, Any]:
    """The collection, in Postman's format 2.1, which Bruno and Insomnia import too."""
    folders: dict[str, list[dict[str, Any]]] = {tag: [] for tag in TAGS}
    for path, methods in document["paths"].items():
        for method, operation in methods.items():
            (tag,) = operation["tags"]
            if tag in folders and "x-same-as" not in operation and method != "options":
                folders[tag].append(_item(method.upper(), path, operation))
    return {
        "info": {"name": "Orderguard", "schema": SCHEMA},
        "variable": [
            {"key": "baseUrl", "value": "http://127.0.0.1:8080"},
            {"key": "key", "value": ""},
            {"key": "sessionId", "value": SESSION_ID},
        ],
        "item": [{"name": tag, "item": items} for tag, items in folders.items()],
    }


def _item(method: str, path: str, operation: dict[str, Any]) -> dict[str, Any]:
    for parameter in operation["parameters"]:
        if parameter["in"] == "path":
            path = path.replace(f"{{{parameter['name']}}}", str(parameter["example"]))
    headers = [{"key": "X-Authorization", "value": "{{key}}"}]
    request: dict[str, Any] = {"method": method, "header": headers}
    request["url"] = "{{baseUrl}}" + path.replace(SESSION_ID, "{{sessionId}}")
    if "requestBody" in operation:
        headers.append({"key": "Content-Type", "value": "application/json"})
        examples = operation["requestBody"]["content"]["application/json"]["examples"].values()
        text = json.dumps(next(iter(examples))["value"], indent=2, ensure_ascii=False)
        request["body"] = {"mode": "raw", "raw": text.replace(SESSION_ID, "{{sessionId}}")}
    item = {"name": operation["summary"], "request": request}
    if operation["operationId"] == "analyzeCart":
        script = {"type": "text/javascript", "exec": [KEEP_SESSION]}
        item["event"] = [{"listen": "test", "script": script}]
    return item


def written() -> str:
    """The text of the file."""
    return json.dumps(collection(API.document), indent=1, ensure_ascii=False) + "\n"


if __name__ == "__main__":
    COLLECTION.write_text(written(), encoding="utf-8")
