"""The stages of one analysis are measured on the server as it is wired."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest

from bench import stages
from orderguard.http.analyze import AnalyzeResource


def test_the_server_is_taken_apart_and_answers(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def one_request(parts: stages.Parts) -> list[stages.Stage]:
        call = stages.Call(parts.key, parts.body)
        await parts.application(call.scope(), call.receive, call.send)
        assert 200 == call.status
        assert isinstance(parts.resource, AnalyzeResource)
        assert parts.analysis(parts.body).offer.eligible
        return []

    monkeypatch.setattr(stages, "stages", one_request)

    assert [] == asyncio.run(stages._take_apart(tmp_path))
