"""The editor on files of this machine: they load, or fail to load, exactly as before."""

from __future__ import annotations

import subprocess
from pathlib import Path

import msgspec
import pytest

from tests.support.elf_files import LIBRARIES, facts, image, plan, rewrite
from tools.elf.facts import read_elf_facts

LONG = "$ORIGIN:" + "/not/here" * 20


def chosen(step: int) -> list[Path]:
    """Return every ``step``-th real shared library of the system."""
    paths = [path for path in sorted(LIBRARIES.glob("*.so*")) if path.is_file() and not path.is_symlink()]
    return [path for path in paths if is_elf(path)][::step]


def is_elf(path: Path) -> bool:
    with path.open("rb") as file:
        return read_elf_facts(file, path.stat().st_size) is not None


def outcome(loader: Path, path: Path) -> tuple[int, str]:
    done = subprocess.run([loader, path], capture_output=True, text=True, check=False, timeout=60)
    return done.returncode, done.stderr.replace(str(path), "PATH")


def compare(path: Path, loader: Path, directory: Path) -> None:
    before, after = directory / "before" / path.name, directory / "after" / path.name
    before.parent.mkdir(exist_ok=True)
    before.write_bytes(path.read_bytes())
    rewrite(path, LONG, after)

    assert facts(after) == msgspec.structs.replace(facts(before), rpath=LONG, runpath=None)
    assert outcome(loader, after) == outcome(loader, before)
    before.unlink()
    after.unlink()


def test_a_sample_of_libraries(loader, tmp_path):
    for path in chosen(40):
        compare(path, loader, tmp_path)


def test_patchelf_agrees(patchelf, tmp_path):
    for path in chosen(90):
        ours, theirs = rewrite(path, LONG, tmp_path / path.name), patchelf(path, LONG)

        assert facts(ours) == facts(theirs), path


@pytest.mark.slow
def test_many_libraries(loader, tmp_path):
    for path in chosen(4):
        compare(path, loader, tmp_path)


@pytest.mark.parametrize(
    ("name", "arguments"),
    [
        ("/usr/bin/env", ["true"]),
        ("/usr/bin/ls", ["-d", "/"]),
        ("/usr/bin/sort", ["/dev/null"]),
        ("/usr/bin/perl", ["-e", "print 6 * 7"]),
    ],
)
def test_programs_run_as_before(tmp_path, name, arguments):
    path = Path(name).resolve()

    result = rewrite(path, LONG, tmp_path / path.name)

    done = [subprocess.run([p, *arguments], capture_output=True, check=False) for p in (path, result)]
    assert [d.returncode for d in done] == [0, 0]
    assert done[1].stdout.replace(bytes(result), b"") == done[0].stdout.replace(bytes(path), b"")


def test_the_largest_library_costs_little_more_than_its_writable_part():
    path = max(chosen(1), key=lambda path: path.stat().st_size)
    load = image(path).loads[-1]

    patch = plan(path, LONG)

    strings = next(stretch.size for stretch in patch.tail[2:] if stretch.source is not None)
    assert patch.size - path.stat().st_size < load.memsz + strings + load.align + 4096
    assert sum(len(content) for _, content in patch.edits) < 20_000
