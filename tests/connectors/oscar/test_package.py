"""The wheel, and shops that put it in: one that forked nothing, one that forked its checkout."""

from __future__ import annotations

import ast
import gettext
import io
import json
import re
import shutil
import zipfile
from pathlib import Path

import pytest
from tools import build_oscar
from tools.build_oscar import CONNECTOR, build

from tests.connectors.oscar.driver import OscarDriver
from tests.connectors.oscar.environment import Environment
from tests.connectors.rows.selling import raised

CONNECTED = {
    "ORDERGUARD_URL": "https://orderguard.example",
    "ORDERGUARD_KEY": "og_cart",
    "ORDERGUARD_ORDER_STATES": {"Pending": "paid"},
}


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> zipfile.ZipFile:
    return zipfile.ZipFile(build(tmp_path_factory.mktemp("wheel")))


def test_two_builds_are_the_same_bytes(tmp_path: Path, wheel: zipfile.ZipFile) -> None:
    again = zipfile.ZipFile(build(tmp_path))

    assert [(each.filename, each.CRC) for each in again.infolist()] == [
        (each.filename, each.CRC) for each in wheel.infolist()
    ]


def test_the_wheel_has_the_app_its_core_and_nothing_of_the_server(wheel: zipfile.ZipFile) -> None:
    names = wheel.namelist()
    sources = [wheel.read(name).decode() for name in names if name.endswith(".py")]

    assert "orderguard_oscar/core/client/synchronous.py" in names
    for needed in ("box.html", "preview.html", "box.js", "0001_initial.py", "py.typed", "LICENSE"):
        assert [name for name in names if name.endswith(needed)], needed
    assert [] == [name for name in names if re.search(r"/(tests?|http|storage|actions)/", name)]
    assert [] == [
        text for text in sources if re.search(r"^\s*(from|import) orderguard\b", text, re.M)
    ]


def test_shoppers_read_the_words_of_the_storefront_element(wheel: zipfile.ZipFile) -> None:
    said = {
        text
        for node in ast.walk(ast.parse(wheel.read("orderguard_oscar/words.py")))
        if isinstance(node, ast.Call) and ast.unparse(node.func) in ("gettext", "gettext_lazy")
        for text in [ast.literal_eval(node.args[0])]
    }
    german = wheel.read("orderguard_oscar/locale/de/LC_MESSAGES/django.mo")
    catalogue = gettext.GNUTranslations(io.BytesIO(german))

    assert set() == {text for text in said if catalogue.gettext(text) == text}


def test_versions_and_names_agree(wheel: zipfile.ZipFile) -> None:
    project = (CONNECTOR / "pyproject.toml").read_text()
    version = re.search(r'^version = "(.+)"', project, re.MULTILINE)
    assert version
    assert (
        f'__version__ = "{version[1]}"' in (CONNECTOR / "orderguard_oscar/__init__.py").read_text()
    )
    (metadata,) = [name for name in wheel.namelist() if name.endswith("/METADATA")]
    text = wheel.read(metadata).decode()
    assert "Name: django-oscar-orderguard\n" in text
    assert re.search(r"Requires-Dist: django-oscar<4.3,>=4.0", text)


def test_the_core_is_what_the_connector_needs() -> None:
    modules = build_oscar.core_modules()

    assert {"orderguard.client.offer_state", "orderguard.domain.iso4217"} <= set(modules)
    assert [] == [
        name for name in modules if not re.match(r"orderguard(\.client|\.domain|$)", name)
    ]


@pytest.mark.parametrize("kind", ["forked", "plain"])
def test_a_shop_that_did_all_five_steps_has_nothing_to_say(
    oscar: Environment, tmp_path: Path, kind: str
) -> None:
    shutil.copyfile(oscar.database, tmp_path / "shop.sqlite")
    more = {"TESTSHOP_KIND": kind, "TESTSHOP_SETTINGS": json.dumps(CONNECTED)}

    assert "no issues" in oscar.run(tmp_path, "check", "--fail-level", "WARNING", **more)
    said = oscar.run(tmp_path, "makemigrations", "--check", "--dry-run", **more)
    assert "No changes" in said


def test_a_shop_that_forgot_steps_is_told_each(oscar: Environment, tmp_path: Path) -> None:
    urls = {"ROOT_URLCONF": "tests.connectors.oscar.testshop.urls_without_ours"}
    said = oscar.run(
        tmp_path, "shell", "--verbosity", "0", "-c", CHECKED,
        TESTSHOP_FORGOT="yes", TESTSHOP_SETTINGS=json.dumps(urls),
    )  # fmt: skip

    told = json.loads(said.strip().splitlines()[-1])
    assert {f"orderguard.W00{number}" for number in range(1, 6)} == set(told)
    assert "orderguard_oscar.checkout.apps.CheckoutConfig" in told["orderguard.W002"]
    assert "must stand before oscar.config.Shop" in told["orderguard.W005"]


CHECKED = (
    "import json; from tests.connectors.oscar.testshop.control import warnings;"
    "print(json.dumps(warnings()))"
)


@pytest.mark.parametrize("site", ["plain"], indirect=True)
def test_a_shop_that_forked_nothing_sells_protection(driver: OscarDriver) -> None:
    driver.cart()
    raised(driver, 40)

    order = driver.reported()

    assert 1 == driver.stops_for_a_new_total
    driver.assert_covered(order, total=60_38, goods=50_00, fee=5_38)
