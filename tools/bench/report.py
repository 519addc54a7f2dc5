"""The figures as tables for people, and as JSON that plots are drawn from."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TextIO

import msgspec
from rich.console import Console
from rich.table import Table

from tools.bench.figures import Check, Figures
from tools.bench.growth import Growth
from tools.bench.machine import Machine

NUMBERS = ("wall s", "CPU s", "/ floor", "private MB", "read MB", "written MB", "compressed", "reused", "wheels MB")
WIDTH = 150  # columns where there is no terminal


class Verdict(msgspec.Struct, frozen=True, kw_only=True):
    """A target, and whether it is reached."""

    target: Check
    holds: bool


class Measured(msgspec.Struct, frozen=True, kw_only=True):
    """All that one run of the benchmark found out."""

    machine: Machine
    repetitions: int
    scenarios: Mapping[str, Figures] = {}
    targets: tuple[Verdict, ...] = ()
    growth: tuple[Growth, ...] = ()


def print_figures(figures: Mapping[str, Figures], checks: Sequence[Check], repetitions: int, out: TextIO) -> None:
    """Print a row a scenario, then a row a target."""
    console = _console(out)
    scenarios = Table("scenario", title=f"medians of {repetitions}; CPU against the floor's")
    for number in NUMBERS:
        scenarios.add_column(number, justify="right")
    floor = figures.get("floor")
    for name, one in figures.items():
        share = f"{one.cpu / floor.cpu:.2f}" if floor else ""
        numbers = (one.peak_private, one.read, one.written)
        members = (str(one.compressed), str(one.reused), _megabytes(one.size))
        scenarios.add_row(name, f"{one.wall:.2f}", f"{one.cpu:.2f}", share, *map(_megabytes, numbers), *members)
    console.print(scenarios)
    targets = Table("target", "measured", "wanted", "")
    for check in checks:
        wanted = f"{check.relation} {check.target:.4g} {check.unit}"
        verdict = "" if check.holds else "[bold]MISSED[/bold]"
        targets.add_row(check.what, f"{check.value:.4g} {check.unit}", wanted, verdict)
    console.print(targets)


def print_growth(growth: Sequence[Growth], out: TextIO) -> None:
    """Print a row a number of files and scenario."""
    table = Table("scenario", title="work against size")
    for number in ("files", "MB", "wall s", "CPU s", "CPU us/file", "CPU ns/byte", "private MB"):
        table.add_column(number, justify="right")
    for row in growth:
        sizes = (str(row.files), _megabytes(row.bytes))
        costs = (f"{row.figures.wall:.2f}", f"{row.figures.cpu:.2f}", f"{row.cpu_a_file * 1e6:.1f}")
        table.add_row(row.scenario, *sizes, *costs, f"{row.cpu_a_byte * 1e9:.2f}", _megabytes(row.figures.peak_private))
    _console(out).print(table)


def _console(out: TextIO) -> Console:
    return Console(file=out, width=None if out.isatty() else WIDTH)


def _megabytes(count: int) -> str:
    return f"{count / 1e6:.1f}" if count else ""
