"""Private memory stays below 1 GiB whatever the size of a file. `pytest --slow -s` shows the figures."""

from __future__ import annotations

import os
import random
import re
import subprocess
import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from itertools import islice
from pathlib import Path

import pytest

from tests.support.doit_process import Doit
from tests.support.places import ROOT

pytestmark = pytest.mark.slow  # writes and compresses up to 4 GB

GIB = 1 << 30
LIMIT = GIB  # bytes of RssAnon
BLOCK = 1 << 20  # bytes
POOL = 200 * BLOCK  # of real libraries that blocks are taken from
LIBRARY = "blas_lib_gfx94X-dcgpu/math-libs/BLAS/rocBLAS/stage/lib/librocblas.so.5.0.0"
WHEEL = "build:gfx94X-dcgpu:libraries"


def realistic(chance: random.Random) -> Iterator[bytes]:
    """Yield blocks of the system's libraries, each with a few bytes of its own in every 4 KiB page."""
    pool = bytearray()
    for path in sorted(Path("/usr/lib").glob("*-linux-gnu/*.so*")):
        if path.is_file() and not path.is_symlink() and len(pool) < POOL:
            pool += path.read_bytes()
    while True:
        start = chance.randrange(len(pool) - BLOCK)
        block = pool[start : start + BLOCK]
        for page in range(0, BLOCK, 4096):
            block[page : page + 8] = chance.randbytes(8)
        yield bytes(block)


def noise(chance: random.Random) -> Iterator[bytes]:
    while True:
        yield chance.randbytes(BLOCK)


def peak_of(process: subprocess.Popen[str]) -> int:
    """Return the largest RssAnon in bytes that the process had until it ended (proc_pid_status(5))."""
    peak = 0
    while process.poll() is None:
        try:
            status = Path(f"/proc/{process.pid}/status").read_text()
        except (FileNotFoundError, ProcessLookupError):
            break
        if found := re.search(r"^RssAnon:\s+(\d+) kB$", status, re.M):
            peak = max(peak, int(found[1]) * 1024)
        time.sleep(0.01)
    return peak


def measured(doit: Doit, what: str) -> None:
    started = time.monotonic()
    with (doit.directory / "output").open("w+") as output:
        process = subprocess.Popen(doit.command(WHEEL), cwd=ROOT, stdout=output, stderr=output, text=True)
        peak = peak_of(process)
        output.seek(0)
        said = output.read()
    print(f"\n{what}: RssAnon {peak / GIB:.2f} GiB at most, {time.monotonic() - started:.0f} s")
    assert process.wait() == 0, said
    assert 0 < peak < LIMIT


@pytest.mark.parametrize(
    ("blocks", "size", "jobs"),
    [
        pytest.param(realistic, 4 * GIB, 2, id="4 GiB realistic, 2 jobs"),
        pytest.param(realistic, 4 * GIB, 8, id="4 GiB realistic, 8 jobs"),
        pytest.param(noise, 2 * GIB, 8, id="2 GiB random, 8 jobs"),
    ],
)
def test_a_large_library_is_packaged_in_bounded_memory(
    doit: Doit, blocks: Callable[[random.Random], Iterator[bytes]], size: int, jobs: int
) -> None:
    """The bytes follow those of an ELF file, whose RPATH is edited; the next version copies what is compressed."""
    library = Path(doit.settings["artifact_dir"], LIBRARY)
    with library.open("ab") as file:
        file.writelines(islice(blocks(random.Random(1)), size // BLOCK))
    first = replace(doit, settings={**doit.settings, "jobs": str(jobs)})
    second = replace(first, settings={**first.settings, "version": "2.0"})

    measured(first, f"{blocks.__name__}, {size // GIB} GiB, {jobs} jobs")
    measured(second, "the next version of it")

    for path in (library, *doit.build.rglob("*.whl")):
        os.truncate(path, 0)  # pytest keeps directories
