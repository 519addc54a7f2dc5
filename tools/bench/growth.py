"""Whether work grows in proportion: the same scenarios on trees with more and more files."""

from __future__ import annotations

import random
from collections.abc import Iterator, Sequence
from pathlib import Path
from shutil import rmtree

import msgspec

from tools.bench.figures import Figures, figures_of
from tools.bench.scenarios import SCENARIOS
from tools.bench.workspace import Workspace
from tools.sample.embedded import VERSION, make_sample

COUNTS = (2_500, 10_000, 40_000)  # files: 1, 4 and 16 times
NAMES = ("cold", "no-op", "touch", "library", "header", "version")  # scenarios
TYPICAL = 7_000  # bytes; the mean of the headers of Debian's ROCm
PLACE = "core-hip_dev_generic/core/clr/stage/include/hip/many"  # headers here go into a devel wheel


class Growth(msgspec.Struct, frozen=True, kw_only=True):
    """What a scenario costs on a tree of some size."""

    scenario: str
    files: int
    bytes: int
    figures: Figures

    @property
    def cpu_a_file(self) -> float:
        """Return CPU seconds a file."""
        return self.figures.cpu / self.files

    @property
    def cpu_a_byte(self) -> float:
        """Return CPU seconds a byte."""
        return self.figures.cpu / self.bytes


def measure_growth(root: Path, repetitions: int, counts: Sequence[int] = COUNTS) -> Iterator[Growth]:
    """Yield each scenario for the embedded sample with ``counts`` files added, smallest tree first."""
    for count in counts:
        workspace = Workspace(root=root / str(count), settings=(f"version={VERSION}", "layout=per-family"))
        make_sample(workspace.artifacts)
        add_headers(workspace.artifacts / PLACE, count)
        runs = [{name: SCENARIOS[name](workspace, number) for name in NAMES} for number in range(repetitions)]
        files = [path for path in workspace.artifacts.rglob("*") if path.is_file() and not path.is_symlink()]
        size = sum(path.stat().st_size for path in files)
        for name in NAMES:
            figures = figures_of([run[name] for run in runs])
            yield Growth(scenario=name, files=len(files), bytes=size, figures=figures)
        rmtree(workspace.root)


def add_headers(directory: Path, count: int) -> None:
    """Write ``count`` different headers, 100 a directory; the same ones every time."""
    words = random.Random(count)
    vocabulary = [f"{'abcdefghijklmnopqrstuvwxyz'[number % 26]}_{number}" for number in range(500)]
    for number in range(count):
        path = directory / str(number // 100) / f"header_{number}.h"
        path.parent.mkdir(parents=True, exist_ok=True)
        size = int(words.lognormvariate(0, 1) * TYPICAL / 1.65)  # 1.65: the mean of that distribution
        body = " ".join(words.choices(vocabulary, k=size // 6 + 1))
        path.write_text(f"// {number}\n{body}\n", encoding="utf-8")
