"""Measure a shopper's waits: the new price after a change of the cart, and a whole checkout.

`python -m bench.storefront` opens the demo and a Chromium, and measures in it: from a change of the
cart to the frame that shows the new price, with the part of that time in the shop and in
Orderguard; tasks that block the page for over 50 ms; and a whole checkout of the demo shop while
Orderguard does not answer, in turns with the same shop without protection. Processor time of the
page and the fastest quarter of the checkouts are shown as well, because others share this machine's
processors. `--publish` writes docs/performance.md.
"""

from __future__ import annotations

import argparse
import gzip
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from statistics import median
from time import perf_counter, sleep

import httpx
from rich.console import Console
from tests.browser.chromium import Browser, Page, running_chromium
from tests.browser.running_demo import running_demo
from tests.browser.shop_page import BOX, MUG, VIEW, accepts, at_the_checkout, buys, changes_quantity

from bench.environment import HERE
from bench.figures import percentile
from bench.machine import busy_share, describe_machine
from bench.page import write_between
from bench.places import work_directory
from bench.processes import free_port, running
from bench.report import Rows, as_markdown, print_rows

DIST = HERE.parent / "src/orderguard/http/static/widget/v1"
BUDGET_MS = 50
PAUSE_MS = 150
"""Between changes, so that each is a change by itself and none is debounced."""
NEXT_SHOPPER_MS = 400
"""Between checkouts: by then the push of the order before is over, or waiting."""

_ONE_CHANGE = """
  globalThis.changes ??= [];
  (async () => {
    const element = document.querySelector('order-protection');
    const cart = { ...element.cart, totalTaxAmount: changes.length + 1 };
    performance.clearResourceTimings();
    const began = performance.now();
    await element.analyze(cart);
    // The frame is on its way to the screen when a message sent from within it arrives.
    await new Promise((shown) => requestAnimationFrame(() => {
      const channel = new MessageChannel();
      channel.port1.onmessage = shown;
      channel.port2.postMessage(null);
    }));
    const visible = performance.now() - began;
    const asked = performance.getEntriesByType('resource')
      .find(({ name }) => name.endsWith('/analyze'));
    setTimeout(() => changes.push([visible, asked.responseStart - asked.requestStart]), PAUSE);
  })();
  undefined
""".replace("PAUSE", str(PAUSE_MS))
_WATCH_TASKS = """
  globalThis.longTasks = [];
  new PerformanceObserver((list) => {
    longTasks.push(...list.getEntries().map(({ duration }) => duration));
  }).observe({ type: 'longtask', buffered: true });
  undefined
"""
_LOADED = "performance.getEntriesByType('navigation')[0]"


@dataclass(frozen=True, slots=True)
class Change:
    """The times of one change of the cart, in milliseconds: until visible, and on the servers."""

    visible: float
    server: float
    """From the request's first byte to the answer's: the shop's proxy and Orderguard."""

    @property
    def ours(self) -> float:
        return self.visible - self.server


@dataclass(frozen=True, slots=True)
class Changes:
    """The times of all changes, and the page's CPU time in milliseconds for each."""

    each: list[Change]
    busy: float


def price_changes(shop_url: str, page: Page, *, number: int) -> Changes:
    """Measure this number of changes of the cart on one checkout page."""
    at_the_checkout(shop_url, page)
    page.waits_for(f"{VIEW} === 'shown'")
    page.counts_work()
    began = page.worked_ms()
    for count in range(1, number + 1):
        page.evaluate(_ONE_CHANGE)
        page.waits_for(f"globalThis.changes.length === {count}")
    busy = (page.worked_ms() - began) / number
    return Changes([Change(*each) for each in page.evaluate("changes")], busy)


def long_tasks(shop_url: str, browser: Browser, *, visits: int) -> list[float]:
    """All tasks over 50 ms, in ms, while `visits` shoppers see every page and accept twice."""
    found = []
    for _ in range(visits):
        page = browser.page()
        for path in ("/", "/cart"):
            page.goes_to(shop_url + path)
            found += _tasks_of(page)
        at_the_checkout(shop_url, page)
        accepts(page)
        found += _tasks_of(page)
        changes_quantity(page, 90)
        page.waits_for(f"{VIEW} === 'reconfirm'")
        page.clicks(BOX)
        found += _tasks_of(page)
        buys(page)
        found += _tasks_of(page)
    return found


def _tasks_of(page: Page) -> list[float]:
    page.evaluate(_WATCH_TASKS)
    page.evaluate(_ONE_FRAME)
    page.waits_for("globalThis.hasRested")
    found: list[float] = page.evaluate("longTasks")
    return found


_ONE_FRAME = "setTimeout(() => { globalThis.hasRested = true }, 100); undefined"


def checkout_ms(shop_url: str, *, has_script: bool) -> float:
    """Milliseconds from requesting the checkout to the end of the confirmation, over plain HTTP."""
    with httpx.Client(base_url=shop_url, follow_redirects=True, trust_env=False) as client:
        if has_script:
            client.cookies.set("fjord_script", "1")
        cart = client.post("/cart/add", data={"sku": MUG})
        assert cart.is_success
        began = perf_counter()
        form = client.get("/checkout").text
        revision = form.partition('name="revision" value="')[2].partition('"')[0]
        confirmation = client.post("/order", data={"revision": revision})
        took = (perf_counter() - began) * 1000
        assert "Your order is placed" in confirmation.text
        return took


def browser_checkout_ms(shop_url: str, page: Page, *, until: str) -> float:
    """Milliseconds to load the checkout and then the confirmation, as the browser counts."""
    at_the_checkout(shop_url, page)
    took = page.waits_for(f"{_LOADED}.{until}")
    buys(page)
    return float(took + page.waits_for(f"{_LOADED}.{until}"))


@contextmanager
def two_shops(directory: Path) -> Iterator[dict[str, str]]:
    """Start both shops of `bench.baselines.shops`; yields their URLs by name."""
    with (
        _shop("without_protection", directory) as without,
        _shop("before_dead_orderguard", directory) as dead,
    ):
        yield {"without": without, "dead": dead}


@contextmanager
def _shop(factory: str, directory: Path) -> Iterator[str]:
    port = free_port()
    command = [sys.executable, "-m", "uvicorn", f"bench.baselines.shops:{factory}", "--factory"]
    options = ["--host", "127.0.0.1", "--port", str(port), "--lifespan", "off", "--no-access-log"]
    place = {"PYTHONPATH": str(HERE.parent)}
    with running(factory, [*command, *options], port=port, directory=directory, environment=place):
        yield f"http://127.0.0.1:{port}"


def compare_checkouts(shops: dict[str, str], browser: Browser, *, rounds: int) -> list[list[str]]:
    """Rows of text: way of loading, without protection, with a dead Orderguard, and their ratio."""
    page = browser.page()
    ways = {
        "over HTTP, scripts on": partial(checkout_ms, has_script=True),
        "over HTTP, scripts off": partial(checkout_ms, has_script=False),
        "in Chromium, both pages usable": partial(
            browser_checkout_ms, page=page, until="domContentLoadedEventEnd"
        ),
        "in Chromium, both pages complete": partial(
            browser_checkout_ms, page=page, until="loadEventEnd"
        ),
    }
    rows = []
    for way, measure in ways.items():
        times: dict[str, list[float]] = {name: [] for name in shops}
        for turn in range(rounds + 3):
            # In turns, and each first as often, so that what else runs here strikes both alike.
            for name in sorted(shops, reverse=bool(turn % 2)):
                sleep(NEXT_SHOPPER_MS / 1000)
                took = measure(shops[name])
                if turn >= 3:
                    times[name].append(took)
        rows.append([way, *_compared(times["without"], times["dead"])])
    return rows


def _compared(without: Sequence[float], dead: Sequence[float]) -> list[str]:
    """Medians, and in brackets the end of the fastest quarter, which others disturbed least."""
    halves = median(without), median(dead)
    quarters = percentile(without, 0.25), percentile(dead, 0.25)
    pairs = [f"{half:.1f} ({quarter:.1f})" for half, quarter in zip(halves, quarters, strict=True)]
    return [*pairs, f"{halves[1] / halves[0]:.2f} ({quarters[1] / quarters[0]:.2f})"]


def size_row() -> Rows:
    """A table of the bytes that are downloaded before an offer can be shown."""
    bytes_ = len(gzip.compress((DIST / "order_protection.js").read_bytes(), 9))
    row = ("element with English, gzipped", f"{bytes_} B")
    return Rows("Size", ("what", "bytes"), [row])


def change_rows(measured: Changes, tasks: Sequence[float]) -> Rows:
    rows = []
    changes = measured.each
    for what, values in (
        ("cart change to visible price", [each.visible for each in changes]),
        ("of which the shop's proxy and Orderguard", [each.server for each in changes]),
        (f"the rest: ours, and the next frame (at most {BUDGET_MS})", [e.ours for e in changes]),
    ):
        rows.append((what, f"{median(values):.1f}", f"{percentile(values, 0.95):.1f}"))
    rows.append(("CPU of the page's main thread for one change", f"{measured.busy:.1f}", ""))
    longest = f"longest {max(tasks):.0f}" if tasks else ""
    rows.append(("tasks over 50 ms: how many", str(len(tasks)), longest))
    return Rows("In the page", ("milliseconds", "median", "p95"), rows)


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m bench.storefront", description=__doc__)
    parser.add_argument("--changes", type=int, default=100, help="of the cart (default 100)")
    parser.add_argument("--rounds", type=int, default=40, help="checkouts of each (default 40)")
    parser.add_argument("--publish", action="store_true", help="write docs/performance.md")
    options = parser.parse_args()
    console = Console(width=None if sys.stdout.isatty() else 120)
    busy = busy_share()  # before Chromium begins to work
    with work_directory() as directory, running_chromium(directory / "profile") as browser:
        machine = describe_machine(directory, postgresql="-")
        (directory / "demo").mkdir()
        with running_demo(directory / "demo") as demo:
            changes = price_changes(demo.shop_url, browser.page(), number=options.changes)
            tasks = long_tasks(demo.shop_url, browser, visits=5)
        with two_shops(directory) as shops:
            checkouts = compare_checkouts(shops, browser, rounds=options.rounds)
    columns = (
        "one checkout, ms: median (fastest quarter)",
        "without protection",
        "Orderguard dead",
        "ratio",
    )
    tables = [
        change_rows(changes, tasks),
        Rows("Checkout", columns, [tuple(row) for row in checkouts]),
        size_row(),
    ]
    for rows in tables:
        print_rows(rows, console)
    if busy > 0.1:
        console.print(f"Others used {busy:.0%} of the processors.", highlight=False)
    if options.publish:
        head = (
            f"{machine.date}, {machine.cores} cores of {machine.processor}; others used {busy:.0%} "
            f"of them. {options.changes} changes of the cart, {options.rounds} checkouts of each."
        )
        text = "\n\n".join([head, *(as_markdown(rows) for rows in tables)]) + "\n"
        write_between("storefront", "python -m bench.storefront --publish", text)
    return 0


if __name__ == "__main__":
    sys.exit(main())
