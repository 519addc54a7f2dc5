"""Many families of many small files: what many cores are for, and what may not grow with the number of families."""

from __future__ import annotations

import os
import random
from collections.abc import Sequence
from pathlib import Path

from tools.bench.growth import TYPICAL
from tools.errors import UserError
from tools.sample.embedded import make_sample

ARTIFACT = "rand_dev_"  # its files go into the devel wheel of a family
BASE = "math-libs/rand/stage"
_OF_SEVERAL = ("94X-dcgpu", "950-dcgpu", "120X-all", "110X-all", "110X-dgpu", "103X-dgpu", "103X-all", "101X-dgpu")
_OF_ONE = ("942", "90a", "908", "906", "900", "1010", "1011", "1012", "1030", "1031", "1032", "1034", "1100", "1101")
_OF_ONE_MORE = ("1102", "1103", "1150", "1151", "1152", "1200", "1201", "1153")
FAMILIES = tuple(f"gfx{name}" for name in (*_OF_SEVERAL, *_OF_ONE, *_OF_ONE_MORE))


def make_families(directory: Path, count: int, files: int, *, equal: bool) -> None:
    """Write artifacts of so many families, each with so many headers of its own, the same ones every time.

    If ``equal``, all families have the contents of the first, as hard links.
    :raises UserError: when there are not so many families.
    """
    if count > len(FAMILIES):
        raise UserError(f"--families: there are {len(FAMILIES)} at most")
    make_sample(directory)
    for artifact in directory.iterdir():
        if not artifact.name.endswith("_generic"):
            for path in sorted(artifact.rglob("*"), reverse=True):
                path.rmdir() if path.is_dir() and not path.is_symlink() else path.unlink()
            artifact.rmdir()
    first = directory / f"{ARTIFACT}{FAMILIES[0]}"
    for number, family in enumerate(FAMILIES[:count]):
        artifact = directory / f"{ARTIFACT}{family}"
        (artifact / BASE).mkdir(parents=True)
        (artifact / "artifact_manifest.txt").write_text(f"{BASE}\n", encoding="utf-8")
        if equal and number:
            _link(first / BASE, artifact / BASE)
        else:
            _write(artifact / BASE, files, random.Random(number))


def _write(base: Path, files: int, words: random.Random) -> None:
    vocabulary = [f"{'abcdefghijklmnopqrstuvwxyz'[number % 26]}_{number}" for number in range(500)]
    text = " ".join(words.choices(vocabulary, k=200_000))
    for number in range(files):
        path = base / "include" / "many" / str(number // 100) / f"header_{number}.h"
        path.parent.mkdir(parents=True, exist_ok=True)
        size = int(words.lognormvariate(0, 1) * TYPICAL / 1.65)  # 1.65: the mean of that distribution
        start = words.randrange(len(text))
        body = (text[start:] + text)[:size]
        path.write_text(f"// {words.random()} {number}\n{body}\n", encoding="utf-8")


def _link(source: Path, target: Path) -> None:
    for directory, _, names in os.walk(source):
        place = target / Path(directory).relative_to(source)
        place.mkdir(parents=True, exist_ok=True)
        for name in names:
            os.link(Path(directory) / name, place / name)


def main(arguments: Sequence[str]) -> None:
    """Write artifacts: ``python -m tools.bench.families DIRECTORY FAMILIES FILES [equal]``."""
    directory, count, files, *rest = arguments
    make_families(Path(directory), int(count), int(files), equal=rest == ["equal"])


if __name__ == "__main__":
    import sys

    main(sys.argv[1:])
