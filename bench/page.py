"""The last run, written into `docs/performance.md` between two marks."""

from __future__ import annotations

from pathlib import Path

from bench.machine import NotPrepared
from bench.report import as_markdown, tables
from bench.results import Results

DOCS = Path(__file__).parent.parent / "docs"
PAGE = DOCS / "performance.md"
_BEGIN = "<!-- last run: written by `python -m bench --publish` -->\n"
_END = "<!-- end of the last run -->\n"


def publish(results: Results, page: Path = PAGE) -> None:
    """Replace what stands between the marks. Raises `NotPrepared` when they are gone."""
    before, begin, rest = page.read_text(encoding="utf-8").partition(_BEGIN)
    _, end, after = rest.partition(_END)
    if not begin or not end:
        raise NotPrepared(f"{page} has lost its marks: {_BEGIN.strip()} … {_END.strip()}")
    page.write_text(f"{before}{begin}\n{_summary(results)}\n{end}{after}", encoding="utf-8")


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
