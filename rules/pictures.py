"""``pictures``: what README and docs show, made anew from real runs and from what the benchmark measured."""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path

from rules.task import Task, in_a_sentence

FOLDER = "docs/pictures"
FIGURES = "docs/performance.json"  # of the benchmark's --json


def pictures_tasks(root: Path) -> Iterator[Task]:
    """Yield the tasks. What they write is committed, so they run only when they are asked for."""
    yield {"basename": "pictures", "name": None, "doc": "the pictures of README and docs: a run, the index page, plots"}
    folder = root / FOLDER
    yield _task("run", "a build of the sample in a terminal", partial(_run, folder / "run.svg"))
    yield _task("index", "the index page in Chromium", partial(_index, folder / "index.png")) | {
        "meta": {"check": _check_browser}
    }
    yield _task("plots", f"plots of {FIGURES}", partial(_plots, root / FIGURES, folder))


def _task(name: str, doc: str, action: Callable[[], None]) -> Task:
    return {
        "basename": "pictures",
        "name": name,
        "doc": doc,
        "actions": [(in_a_sentence(action), [])],
        "uptodate": [False],
        "io": {"capture": False},
    }


def _run(path: Path) -> None:
    from tools.files import write_bytes
    from tools.pictures.sample import build_sample
    from tools.pictures.terminal import terminal_svg

    with tempfile.TemporaryDirectory() as directory:
        commands, _ = build_sample(Path(directory), [("index",), ("index",)])
    write_bytes(path, terminal_svg(commands, "rules_rocm_wheels").encode())


def _check_browser() -> None:
    from tools.pictures.browser import check_browser

    check_browser()


def _index(path: Path) -> None:
    from tools.pictures.browser import photograph
    from tools.pictures.sample import build_sample

    with tempfile.TemporaryDirectory() as directory:
        _, dist = build_sample(Path(directory), [("index",)])
        photograph(dist, path, fragment="gfx942", width=1000, height=905)


def _plots(figures: Path, folder: Path) -> None:
    from tools.bench.plots import write_plots

    write_plots(figures, folder)
