"""docs/configuration.md has every setting, as the code declares it."""

from __future__ import annotations

import importlib.util
from importlib.resources import files
from types import ModuleType

from tests.docs.snippets import ROOT


def generator() -> ModuleType:
    path = ROOT / "tools/generate_configuration_reference.py"
    spec = importlib.util.spec_from_file_location("generate_configuration_reference", path)
    assert spec
    assert spec.loader
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def test_the_reference_of_settings_is_what_the_code_declares() -> None:
    page = (ROOT / "docs/configuration.md").read_text(encoding="utf-8")

    assert generator().reference() == page, (
        "run .venv/bin/python tools/generate_configuration_reference.py"
    )


def test_the_demos_configuration_names_its_schema_for_editors() -> None:
    demo = files("orderguard.demo").joinpath("merchant.toml").read_text(encoding="utf-8")

    first = demo.splitlines()[0]
    assert first == "#:schema http://127.0.0.1:8080/schemas/configuration.json"
