"""Write the last run into `docs/performance.md`, between two marks."""

from __future__ import annotations

from pathlib import Path

from bench.machine import NotPrepared
from bench.report import Rows, as_markdown, tables
from bench.results import Results

DOCS = Path(__file__).parent.parent / "docs"
PAGE = DOCS / "performance.md"


def publish(results: Results) -> None:
    """Write the results of a run into the page. Raises `NotPrepared`."""
    write_between("last run", "python -m bench --publish", _summary(results))


def publish_stages(rows: Rows) -> None:
    """Write the cost of each stage into the page. Raises `NotPrepared`."""
    write_between("stages", "python -m bench.stages --publish", as_markdown(rows) + "\n")


def write_between(name: str, command: str, text: str, *, page: Path = PAGE) -> None:
    """Replace the text between two marks of the page. Raises `NotPrepared` without the marks."""
    opening, closing = f"<!-- {name}: written by `{command}` -->\n", f"<!-- end of {name} -->\n"
    before, begin, rest = page.read_text(encoding="utf-8").partition(opening)
    _, end, after = rest.partition(closing)
    if not begin or not end:
        raise NotPrepared(f"{page} has lost its marks: {opening.strip()} … {closing.strip()}")
    page.write_text(f"{before}{begin}\n{text}\n{end}{after}", encoding="utf-8")


def _summary(results: Results) -> str:
    machine = results.machine
    parts = [
        f"{machine.date}, {machine.cores} cores of {machine.processor}, {machine.memory_gb} GB, "
        f"{machine.system}, Python {machine.python}, PostgreSQL {machine.postgresql}. "
        f"Making one page durable takes {machine.sync_ms:.2f} ms here. "
        f"{results.settings['rounds']} rounds of {results.settings['seconds']} s.\n"
    ]
    for rows in tables(results):
        parts += [f"**{rows.title}**\n", as_markdown(rows), ""]
    if results.notes:
        parts += ["Notes of this run:\n", *(f"- {note}" for note in results.notes), ""]
    return "\n".join(parts)
