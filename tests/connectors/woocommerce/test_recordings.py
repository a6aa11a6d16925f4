"""The stub does what the real WooCommerce was seen to do: same hooks, same order, same arguments.

Per request, the hooks that our plugin listens to, in the order in which they first fire, with the
types of what they pass and the state of orders. Nothing else of WooCommerce is kept. To write the
recordings anew, run this file with `WOOCOMMERCE_DIR=FOLDER WOOCOMMERCE_RECORD=1`.
"""

from __future__ import annotations

import datetime
import json
import os
import re
from pathlib import Path
from typing import Any

import pytest
from tools.build_woocommerce import PLUGIN as SOURCE

from tests.connectors.woocommerce import wordpress
from tests.connectors.woocommerce.shoppers import BlockShopper, ClassicShopper, Shopper
from tests.connectors.woocommerce.site import Site

RECORDINGS = Path(__file__).parent / "recordings"
OF_WORDPRESS = {"init", "admin_notices", "admin_enqueue_scripts", "wp_enqueue_scripts",
                "trashed_post", "untrashed_post", "before_delete_post",
                "rest_request_before_callbacks", "wp_ajax_orderguard_test",
                "plugin_action_links_", "http_api_curl"}  # fmt: skip
LOADING = {"woocommerce_loaded", "woocommerce_blocks_loaded", "before_woocommerce_init",
           "woocommerce_integrations", "action_scheduler_init",
           "woocommerce_blocks_checkout_block_registration"}  # fmt: skip
"""The same in every request, so they are kept once."""


def listens() -> list[str]:
    """WooCommerce's hooks that the plugin listens to, from the one file that says so."""
    text = (SOURCE / "src/Plugin.php").read_text()
    names = set(re.findall(r"add_(?:action|filter)\('(\w+)'", text))
    return sorted(names - OF_WORDPRESS)


class Probe:
    """Records one step after the other."""

    def __init__(self, site: Site) -> None:
        self._site = site
        self._log = site.folder / "probe.log"
        self._switch = site.folder / "probe.json"
        self._log.unlink(missing_ok=True)
        self.steps: dict[str, list[list[str]]] = {}

    def during(self, step: str, work: Any) -> Any:
        self._switch.write_text(json.dumps(listens()))
        try:
            done = work()
        finally:
            self._switch.unlink()
        lines = self._log.read_text().splitlines() if self._log.exists() else []
        self._log.unlink(missing_ok=True)
        requests: list[list[str]] = [json.loads(line) for line in lines]
        loading = [hook for hook in requests[0] if hook.partition("(")[0] in LOADING]
        self.steps.setdefault("every request", [loading])
        rest = [[hook for hook in fired if hook not in loading] for fired in requests]
        self.steps[step] = [fired for fired in rest if fired]
        return done


def recorded(site: Site, shopper: Shopper) -> dict[str, list[list[str]]]:
    """The steps of an order, of one that is declined, and of what may follow."""
    site.control("options", shopper.page_option)
    shopper.add("lamp")
    shopper.see()
    probe = Probe(site)
    probe.during("page", shopper.see)
    probe.during("tick", shopper.tick)
    site.control("options", {"test_card_declines": "yes"})
    probe.during("declined", shopper.place)
    site.control("options", {"test_card_declines": "no"})
    shopper.see()
    placed = probe.during("paid", shopper.place)
    order = placed.order
    probe.during("completed", lambda: site.control("set_status", order, "completed"))
    refund = probe.during("refund", lambda: site.control("refund", order, [], True))
    probe.during("refund deleted", lambda: site.control("delete_refund", refund["id"]))
    probe.during("cancelled", lambda: site.control("set_status", order, "cancelled"))
    return probe.steps


@pytest.mark.parametrize("checkout", [ClassicShopper, BlockShopper])
def test_hooks_fire_as_recorded(shop: Site, checkout: type[Shopper]) -> None:
    with checkout(shop) as shopper:
        steps = recorded(shop, shopper)
    file = RECORDINGS / f"{shop.kind.version}.json"
    name = f"{checkout.checkout} {shop.kind.storage}"
    if os.environ.get("WOOCOMMERCE_RECORD") and not shop.kind.is_stub:
        write(file, name, steps)
    kept = json.loads(file.read_text()) if file.exists() else newest()

    known = kept["checkouts"]

    assert (known.get(name) or known[f"{checkout.checkout} hpos"]) == steps


def test_the_recordings_are_of_the_plugin_as_it_is() -> None:
    for file in RECORDINGS.glob("*.json"):
        assert listens() == json.loads(file.read_text())["listens"], f"record {file.name} anew"


def test_the_real_woocommerce_was_tried() -> None:
    if not os.environ.get("WOOCOMMERCE_DIR"):
        seen = {
            file.stem: json.loads(file.read_text())["recorded"] for file in RECORDINGS.glob("*")
        }
        pytest.skip(
            "THE REAL WOOCOMMERCE WAS NOT TRIED: WOOCOMMERCE_DIR names no unpacked plugins. "
            "Last seen: "
            + ", ".join(f"{version} on {day}" for version, day in sorted(seen.items()))
        )


def newest() -> dict[str, Any]:
    def place(file: Path) -> list[int]:
        return [int(part) for part in file.stem.split(".")]

    kept: dict[str, Any] = json.loads(max(RECORDINGS.glob("*.json"), key=place).read_text())
    return kept


def write(file: Path, name: str, steps: dict[str, list[list[str]]]) -> None:
    kept = json.loads(file.read_text()) if file.exists() else {"checkouts": {}}
    kept |= {
        "woocommerce": file.stem,
        "wordpress": wordpress.version(wordpress.prepared()),
        "recorded": datetime.datetime.now(tz=datetime.UTC).date().isoformat(),
        "listens": listens(),
        "checkouts": dict(sorted((kept["checkouts"] | {name: steps}).items())),
    }
    RECORDINGS.mkdir(exist_ok=True)
    file.write_text(json.dumps(kept, indent=1) + "\n")
