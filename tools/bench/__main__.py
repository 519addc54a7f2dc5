"""Measure builds: ``python -m tools.bench ARTIFACT_DIR``, or ``--growth`` for trees of three sizes."""

from __future__ import annotations

import argparse
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path

from tools.bench.figures import Figures, checks, figures_of
from tools.bench.growth import measure_growth
from tools.bench.machine import this_machine
from tools.bench.report import Measured, Verdict, print_figures, print_growth
from tools.bench.scenarios import SCENARIOS, Result, cold
from tools.bench.workspace import Workspace, copy_artifacts
from tools.errors import UserError
from tools.values import write_json


def main() -> int:
    """Measure, print and write; return the exit code."""
    options = _parser().parse_args()
    if options.artifact_dir is None and not options.growth:
        sys.stderr.write("what shall be measured? Give an ARTIFACT_DIR, --growth, or both\n")
        return 2
    if options.work_dir is not None:
        options.work_dir.mkdir(parents=True, exist_ok=True)
    try:
        with tempfile.TemporaryDirectory(prefix="bench-", dir=options.work_dir) as root:
            _measure(options, Path(root))
    except UserError as error:
        sys.stderr.write(f"{error}\n")
        return 1
    return 0


def _measure(options: argparse.Namespace, root: Path) -> None:
    machine, figures = this_machine(), dict[str, Figures]()
    if options.artifact_dir is not None:
        workspace = Workspace(root=root / "given", settings=tuple(options.setting))
        copy_artifacts(options.artifact_dir, workspace)
        figures = _run(workspace, options.only, options.repeat)
        print_figures(figures, checks(figures), options.repeat, sys.stdout)
    growth = tuple(measure_growth(root / "growth", options.repeat)) if options.growth else ()
    if growth:
        print_growth(growth, sys.stdout)
    if options.json:
        verdicts = tuple(Verdict(target=check, holds=check.holds) for check in checks(figures))
        measured = Measured(
            machine=machine, repetitions=options.repeat, scenarios=figures, targets=verdicts, growth=growth
        )
        write_json(options.json, measured)


def _run(workspace: Workspace, names: Sequence[str], repetitions: int) -> dict[str, Figures]:
    results: dict[str, list[Result]] = {name: [] for name in SCENARIOS if name in names}
    if "cold" not in results:
        cold(workspace, 0)
    for number in range(repetitions):
        for name, runs in results.items():
            runs.append(SCENARIOS[name](workspace, number))
            usage = runs[-1].usage
            sys.stderr.write(f"{name:12} {usage.wall:8.2f} s wall {usage.cpu:8.2f} s CPU\n")
    return {name: figures_of(runs) for name, runs in results.items()}


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m tools.bench", description="Measure builds of ROCm wheels.")
    parser.add_argument("artifact_dir", type=Path, nargs="?", help="artifacts to build; a copy of them is worked on")
    parser.add_argument("--only", type=_names, default=tuple(SCENARIOS), help=f"some of {','.join(SCENARIOS)}")
    parser.add_argument("--repeat", type=int, default=3, help="runs of each; the medians are printed (default 3)")
    parser.add_argument("--growth", action="store_true", help="also on made-up trees of 2,500 to 40,000 files")
    parser.add_argument("--json", type=Path, help="write the figures here, too")
    parser.add_argument("--work-dir", type=Path, help="where copies, builds and staging trees go, about 8 x the tree")
    parser.add_argument("--setting", action="append", default=[], metavar="NAME=VALUE", help="a setting for doit")
    return parser


def _names(text: str) -> tuple[str, ...]:
    names = tuple(text.split(","))
    if unknown := [name for name in names if name not in SCENARIOS]:
        raise argparse.ArgumentTypeError(f"unknown scenario {unknown[0]!r}; there are {', '.join(SCENARIOS)}")
    return names


if __name__ == "__main__":
    sys.exit(main())
