// Draws charts from tables of days. The tables stay on the page, for readers who cannot see the charts.
"use strict";

const colour = (number) => getComputedStyle(document.documentElement).getPropertyValue(`--chart-${number}`).trim();
// Lines differ in their dashes, too, for readers who cannot distinguish the colours.
const DASHES = [[], [8, 4], [2, 4]];
const BORDERS = ["solid", "dashed", "dotted"];
const dayOf = (seconds) => new Date(seconds * 1000).toISOString().slice(0, 10);
const ink = () => getComputedStyle(document.documentElement).getPropertyValue("--muted").trim();

function columnsOf(place, table) {
  const heads = [...table.tHead.rows[0].cells].map((cell) => cell.textContent.trim());
  return place.dataset.columns.split("|").map((name) => ({ name, index: heads.indexOf(name) }));
}

function draw(place) {
  const table = document.getElementById(place.dataset.chart);
  const rows = [...table.tBodies[0].rows].reverse();
  const columns = columnsOf(place, table);
  const days = rows.map((row) => Date.parse(row.cells[0].textContent.trim()) / 1000);
  const values = columns.map(({ index }) => rows.map((row) => {
    const text = row.cells[index].dataset.number;
    return text === undefined || text === "" ? null : Number(text);
  }));
  const axis = { stroke: ink, grid: { stroke: "#8883", width: 1 }, ticks: { show: false } };
  const options = {
    width: place.clientWidth,
    height: 220,
    tzDate: (seconds) => uPlot.tzDate(new Date(seconds * 1000), "UTC"),
    series: [
      { label: "Day", value: (_, seconds) => (seconds === null ? "" : dayOf(seconds)) },
      ...columns.map(({ name }, number) => ({
        label: name, stroke: () => colour(number + 1), width: 2, dash: DASHES[number], points: { show: days.length < 2 },
      })),
    ],
    axes: [{ ...axis, values: (_, days) => days.map((seconds) => dayOf(seconds).slice(5)) }, { ...axis, size: 60 }],
    legend: { markers: { width: 2, dash: (_, number) => BORDERS[number - 1] } },
    scales: { y: { range: (_, low, high) => [Math.min(0, low ?? 0), (high || 1) * 1.05] } },
  };
  const plot = new uPlot(options, [days, ...values], place);
  addEventListener("resize", () => plot.setSize({ width: place.clientWidth, height: 220 }));
}

document.querySelectorAll("[data-chart]").forEach(draw);
