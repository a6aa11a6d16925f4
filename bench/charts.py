"""Draw charts as SVG, readable on light and dark pages."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from html import escape
from math import floor, log10
from pathlib import Path

from bench.contenders import TITLES
from bench.open_loop import RATE
from bench.results import Results

_STYLE = """<style>
  text { font: 13px system-ui, sans-serif; fill: #24292f; }
  .title { font-weight: 600; font-size: 15px; }
  .quiet { fill: #57606a; font-size: 12px; }
  .grid { stroke: #d0d7de; }
  .ours { fill: #0969da; } .other { fill: #8c959f; }
  .line-0 { stroke: #0969da; } .line-1 { stroke: #bf5700; } .line-2 { stroke: #1a7f37; }
  .dot-0 { fill: #0969da; } .dot-1 { fill: #bf5700; } .dot-2 { fill: #1a7f37; }
  polyline { fill: none; stroke-width: 2.5; }
  @media (prefers-color-scheme: dark) {
    text { fill: #e6edf3; } .quiet { fill: #9198a1; } .grid { stroke: #3d444d; }
    .ours { fill: #4493f8; } .other { fill: #6e7681; }
    .line-0 { stroke: #4493f8; } .line-1 { stroke: #f0883e; } .line-2 { stroke: #3fb950; }
    .dot-0 { fill: #4493f8; } .dot-1 { fill: #f0883e; } .dot-2 { fill: #3fb950; }
  }
</style>"""

_WIDTH = 720


@dataclass(frozen=True, slots=True)
class Bar:
    label: str
    value: float
    shown: str
    is_ours: bool


@dataclass(frozen=True, slots=True)
class Series:
    label: str
    points: Sequence[tuple[float, float]]


def write_charts(results: Results, directory: Path) -> list[Path]:
    """Write the charts for which there are figures; returns their files."""
    charts = {
        "performance-throughput.svg": _throughput(results),
        "performance-waits.svg": _waits(results),
        "performance-lines.svg": _lines(results),
        "performance-sessions.svg": _sessions(results),
    }
    written = []
    for name, svg in charts.items():
        if svg:
            (directory / name).write_text(svg, encoding="utf-8")
            written.append(directory / name)
    return written


def _throughput(results: Results) -> str | None:
    # nginx would make all other bars short; it is in the table.
    bars = [
        Bar(s.title, s.requests_per_second, f"{s.requests_per_second:,.0f}", _is_ours(s.name))
        for s in results.standings
        if s.requests_per_second and s.name != "nginx"
    ]
    return bar_chart("Requests per second, 32 connections", "more is better", bars)


def _waits(results: Results) -> str | None:
    bars = [
        Bar(s.title, s.steady_p99_ms, f"{s.steady_p99_ms:,.1f} ms", _is_ours(s.name))
        for s in results.standings
        if s.steady_p99_ms
    ]
    title = f"99th percentile of the wait at {RATE} requests per second"
    return bar_chart(title, "logarithmic; less is better", bars, logarithmic=True)


def _lines(results: Results) -> str | None:
    points = [(p.size, p.cpu_us / 1000) for p in results.series("lines", "sqlite") if p.cpu_us]
    series = [Series(TITLES["sqlite"], points)]
    return line_chart("CPU per analysis by lines in the cart", "lines", "ms", series)


def _sessions(results: Results) -> str | None:
    series = []
    for name in ("sqlite", "postgresql"):
        found = results.series("sessions", name)
        points = [(p.size, p.requests_per_second) for p in found if p.requests_per_second]
        if points:
            series.append(Series(TITLES[name], points))
    title = "Requests per second by stored sessions"
    return line_chart(title, "sessions", "requests/s", series, y_from_zero=True)


def _is_ours(name: str) -> bool:
    return name in ("sqlite", "postgresql")


def bar_chart(
    title: str, subtitle: str, bars: Sequence[Bar], *, logarithmic: bool = False
) -> str | None:
    """Horizontal bars with their values beside them, as SVG; None when there are no bars."""
    if not bars:
        return None
    left, right, top, step = 270, 90, 56, 34
    least = 10 ** floor(log10(min(bar.value for bar in bars)))
    most = max(bar.value for bar in bars)

    def length(value: float) -> float:
        share = log10(value / least) / log10(most / least) if logarithmic else value / most
        return max(2.0, share * (_WIDTH - left - right))

    parts = []
    for number, bar in enumerate(bars):
        y = top + number * step
        kind = "ours" if bar.is_ours else "other"
        parts += [
            f'<text x="{left - 12}" y="{y + 16}" text-anchor="end">{escape(bar.label)}</text>',
            f'<rect class="{kind}" x="{left}" y="{y}" width="{length(bar.value):.1f}" '
            'height="22" rx="3"/>',
            f'<text x="{left + length(bar.value) + 8:.1f}" y="{y + 16}">{escape(bar.shown)}</text>',
        ]
    return _svg(title, subtitle, parts, height=top + len(bars) * step + 8)


def line_chart(
    title: str,
    x_name: str,
    y_name: str,
    series: Sequence[Series],
    *,
    y_from_zero: bool = False,
) -> str | None:
    """Lines over a logarithmic x axis, as SVG; None when there are fewer than two points.

    The y axis is logarithmic, too, unless it starts from zero.
    """
    every = [point for each in series for point in each.points]
    if len(every) < 2:
        return None
    axes = _Axes([x for x, _ in every], [y for _, y in every], y_from_zero=y_from_zero)
    parts = axes.grid()
    for number, each in enumerate(series):
        places = [(axes.x(x), axes.y(y)) for x, y in each.points]
        path = " ".join(f"{x:.1f},{y:.1f}" for x, y in places)
        parts.append(f'<polyline class="line-{number}" points="{path}"/>')
        for (x, y), (_, value) in zip(places, each.points, strict=True):
            shown = f"{value:,.0f}" if value >= 100 else f"{value:,.2f}"
            parts += [
                f'<circle class="dot-{number}" cx="{x:.1f}" cy="{y:.1f}" r="4"/>',
                f'<text class="quiet" x="{x:.1f}" y="{y - 10:.1f}" text-anchor="middle">'
                f"{shown}</text>",
            ]
        legend = _Axes.LEFT + number * 200
        parts += [
            f'<circle class="dot-{number}" cx="{legend + 5}" cy="62" r="5"/>',
            f'<text x="{legend + 16}" y="66">{escape(each.label)}</text>',
        ]
    return _svg(title, f"{y_name}, by {x_name}", parts, height=_Axes.BOTTOM + 40)


class _Axes:
    """From values to places, and the lines behind them."""

    LEFT, RIGHT, TOP, BOTTOM = 70, _WIDTH - 40, 100, 320

    def __init__(self, xs: Sequence[float], ys: Sequence[float], *, y_from_zero: bool) -> None:
        self._xs = sorted(set(xs))
        self._y_from_zero = y_from_zero
        self._low = 0.0 if y_from_zero else log10(min(ys)) - 0.1
        self._high = max(ys) * 1.15 if y_from_zero else log10(max(ys)) + 0.1

    def x(self, value: float) -> float:
        low, high = log10(self._xs[0]), log10(self._xs[-1])
        share = (log10(value) - low) / (high - low) if high > low else 0.5
        return self.LEFT + 20 + share * (self.RIGHT - self.LEFT - 40)

    def y(self, value: float) -> float:
        placed = value if self._y_from_zero else log10(value)
        share = (placed - self._low) / (self._high - self._low)
        return self.BOTTOM - share * (self.BOTTOM - self.TOP)

    def grid(self) -> list[str]:
        labels = [
            f'<text class="quiet" x="{self.x(value):.1f}" y="{self.BOTTOM + 20}" '
            f'text-anchor="middle">{value:,.0f}</text>'
            for value in self._xs
        ]
        floor_line = (
            f'<line class="grid" x1="{self.LEFT}" y1="{self.BOTTOM}" x2="{self.RIGHT}" '
            f'y2="{self.BOTTOM}"/>'
        )
        return [floor_line, *labels]


def _svg(title: str, subtitle: str, parts: Sequence[str], *, height: int) -> str:
    lines = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {_WIDTH} {height}" '
        f'width="{_WIDTH}" height="{height}" role="img" aria-label="{escape(title)}">',
        _STYLE,
        f'<text class="title" x="16" y="24">{escape(title)}</text>',
        f'<text class="quiet" x="16" y="42">{escape(subtitle)}</text>',
        *parts,
        "</svg>",
    ]
    return "\n".join(lines) + "\n"
