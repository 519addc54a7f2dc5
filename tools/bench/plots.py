"""Plots of what the benchmark measured, as SVG: equal figures give equal bytes."""

from __future__ import annotations

import io
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from tools.bench.figures import Figures
from tools.bench.growth import Growth
from tools.bench.machine import Machine
from tools.bench.report import Measured
from tools.errors import UserError
from tools.extra import command_for
from tools.files import write_bytes
from tools.values import read_json

if TYPE_CHECKING:
    from matplotlib.axes import Axes

_LINES = {  # scenario: as docs call it, and its colour
    "cold": ("cold build", "#e45756"),
    "version": ("new version", "#54a24b"),
    "touch": ("every file touched", "#b279a2"),
    "library": ("one library changed", "#d67a1e"),
    "header": ("one header changed", "#4c78a8"),
    "no-op": ("nothing changed", "#72706f"),
}
_BARS = {"wall": "#4c78a8", "CPU": "#e45756"}  # kind of time
_INK = "#7a828c"  # is read on white and on black
_STYLE: dict[Any, Any] = {
    "svg.fonttype": "none",  # text stays text
    "svg.hashsalt": "rules_rocm_wheels",
    "font.family": "sans-serif",
    "font.size": 11,
    "text.color": _INK,
    "axes.labelcolor": _INK,
    "axes.edgecolor": _INK,
    "axes.spines.top": False,
    "axes.spines.right": False,
    "axes.grid": True,
    "axes.axisbelow": True,
    "grid.color": _INK,
    "grid.alpha": 0.25,
    "xtick.color": _INK,
    "ytick.color": _INK,
    "legend.frameon": False,
    "savefig.transparent": True,
}


def write_plots(figures: Path, folder: Path) -> None:
    """Draw time and memory against the number of files, and a cold build against the floor, as files of ``folder``.

    :raises UserError: when the figures cannot be read or lack what is drawn, or matplotlib is not installed.
    """
    measured = read_json(figures, Measured)
    if not measured.growth or not {"cold", "floor"} <= measured.scenarios.keys():
        raise UserError(
            f"{figures}: lacks what plots need; run: python -m tools.bench ARTIFACT_DIR --growth --json {figures}"
        )
    for name, svg in draw_plots(measured):
        write_bytes(folder / f"{name}.svg", svg)


def draw_plots(measured: Measured) -> Iterator[tuple[str, bytes]]:
    """Yield the name and the SVG of each plot.

    :raises UserError: when matplotlib is not installed.
    """
    by_files = measured.growth
    yield "time", _drawn(measured.machine, "seconds of CPU time", lambda axes: _lines(axes, by_files, _cpu))
    yield "memory", _drawn(measured.machine, "MB of private memory", lambda axes: _lines(axes, by_files, _memory))
    pair = {"the floor": measured.scenarios["floor"], "cold build": measured.scenarios["cold"]}
    yield "floor", _drawn(measured.machine, "seconds", lambda axes: _bars(axes, pair))


def _cpu(figures: Figures) -> float:
    return figures.cpu


def _memory(figures: Figures) -> float:
    return figures.peak_private / 1e6


def _drawn(machine: Machine, unit: str, draw: Callable[[Axes], None]) -> bytes:
    """Return one plot; below it stands on which machine it was measured."""
    try:
        from matplotlib import rc_context
        from matplotlib.figure import Figure
    except ImportError:
        command = command_for("pictures")
        raise UserError(f"plots need matplotlib, which is not installed; run: {command}") from None
    with rc_context(_STYLE):
        figure = Figure(figsize=(7.5, 4), layout="constrained")
        axes = figure.add_subplot()
        axes.set_ylabel(unit)
        draw(axes)
        figure.supxlabel(str(machine), fontsize=8)
        out = io.BytesIO()
        figure.savefig(out, format="svg", metadata={"Date": None, "Creator": None})
    return out.getvalue()


def _lines(axes: Axes, growth: Sequence[Growth], value: Callable[[Figures], float]) -> None:
    """Draw a line a scenario over the number of files."""
    for name, (label, colour) in _LINES.items():
        rows = [one for one in growth if one.scenario == name]
        files = [one.files for one in rows]
        axes.plot(files, [value(one.figures) for one in rows], marker="o", color=colour, label=label)
    axes.set_xlim(left=0)
    axes.set_ylim(bottom=0)
    axes.set_xlabel("files")
    axes.xaxis.set_major_formatter("{x:,.0f}")
    axes.legend()


def _bars(axes: Axes, scenarios: Mapping[str, Figures]) -> None:
    """Draw wall and CPU time of each scenario beside each other."""
    times = {"wall": [one.wall for one in scenarios.values()], "CPU": [one.cpu for one in scenarios.values()]}
    for shift, (what, colour) in zip((-0.19, 0.19), _BARS.items(), strict=True):
        places = [place + shift for place in range(len(scenarios))]
        bars = axes.bar(places, times[what], width=0.36, color=colour, label=what)
        axes.bar_label(bars, fmt="%.1f", padding=2)
    axes.set_xticks(range(len(scenarios)), list(scenarios))
    axes.grid(visible=False, axis="x")
    axes.legend()
