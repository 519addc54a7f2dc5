"""Plots of what was measured."""

from __future__ import annotations

import xml.etree.ElementTree as ET
from pathlib import Path

import msgspec
import pytest

from tools.bench.figures import Figures
from tools.bench.growth import Growth
from tools.bench.machine import Machine
from tools.bench.plots import draw_plots, write_plots
from tools.bench.report import Measured
from tools.errors import UserError
from tools.values import read_json, write_json

DOCS = Path(__file__).parents[3] / "docs"
MACHINE = Machine(processor="Z80", cores=2, memory=8 << 30, python="3.11.2", commit="abc1234", load=0.25)


def figures(wall: float, cpu: float = 1.0, peak_private: int = 0) -> Figures:
    zeros = dict.fromkeys(
        ("read", "written", "disk_read", "disk_written", "compressed", "payload", "reused", "size", "subject_size"), 0
    )
    return Figures(wall=wall, cpu=cpu, peak_private=peak_private, subject="", **zeros)


GROWTH = tuple(
    Growth(scenario=name, files=files, bytes=files, figures=figures(files / 1000, peak_private=files * 1000))
    for files in (2500, 10000)
    for name in ("cold", "version")
)
MEASURED = Measured(
    machine=MACHINE, repetitions=1, scenarios={"floor": figures(5.25, 10.1), "cold": figures(7.9, 14)}, growth=GROWTH
)


def text_of(svg: bytes) -> str:
    return "\n".join(filter(None, (text.strip() for text in ET.fromstring(svg).itertext())))


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("time", ["seconds of CPU time", "files", "10,000", "cold build", "new version"]),
        ("memory", ["MB of private memory", "files", "cold build", "new version"]),
        ("floor", ["seconds", "the floor", "cold build", "wall", "CPU", "7.9", "14.0"]),
    ],
)
def test_a_plot_says_what_it_shows_and_on_which_machine_that_was(name, words):
    lines = text_of(dict(draw_plots(MEASURED))[name]).split("\n")

    assert {*words, "Z80, 2 cores, 8 GiB, load 0.2, Python 3.11.2, commit abc1234"} <= set(lines)


def test_equal_figures_give_equal_bytes():
    assert dict(draw_plots(MEASURED)) == dict(draw_plots(MEASURED))


def test_the_plots_of_the_docs_are_of_the_figures_there():
    drawn = dict(draw_plots(read_json(DOCS / "performance.json", Measured)))

    assert {name: text_of((DOCS / "pictures" / f"{name}.svg").read_bytes()) for name in drawn} == {
        name: text_of(svg) for name, svg in drawn.items()
    }


@pytest.mark.parametrize("missing", ["growth", "scenarios"])
def test_figures_that_lack_something_are_told_with_what_measures_it(tmp_path, missing):
    file = tmp_path / "figures.json"
    write_json(file, msgspec.structs.replace(MEASURED, **{missing: {} if missing == "scenarios" else ()}))

    with pytest.raises(UserError) as caught:
        write_plots(file, tmp_path)

    assert str(caught.value) == (
        f"{file}: lacks what plots need; run: python -m tools.bench ARTIFACT_DIR --growth --json {file}"
    )
