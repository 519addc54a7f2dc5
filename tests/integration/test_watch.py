"""`doit watch`: artifacts are written as linkers and installers do it, and the environment is right each time."""

from __future__ import annotations

import signal
import subprocess
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.support.doit_process import Doit
from tests.support.environments import Environment, make_environment
from tests.support.places import ROOT

DATA = "blas_lib_gfx94X-dcgpu/math-libs/BLAS/rocBLAS/stage/lib/rocblas/library"
IN_SITE = "_rocm_sdk_libraries_gfx94X_dcgpu/lib/rocblas/library"


class Watching:
    """A `doit watch` at work, and what it has said."""

    def __init__(self, process: subprocess.Popen[str]) -> None:
        self.process, self.lines = process, []
        self._reader = threading.Thread(target=self._read, daemon=True)
        self._reader.start()

    def _read(self) -> None:
        for line in self.process.stdout:
            self.lines.append(line.rstrip())

    def wait_for(self, sure, seconds: float = 60) -> None:
        until = time.monotonic() + seconds
        while not sure():
            assert time.monotonic() < until, "\n".join(self.lines)
            assert self.process.poll() is None, "\n".join(self.lines)
            time.sleep(0.05)

    def end(self, number: int = signal.SIGINT) -> int:
        self.process.send_signal(number)
        code = self.process.wait(20)
        self._reader.join(20)
        return code


@pytest.fixture
def environment(tmp_path) -> Environment:
    return make_environment("uv", tmp_path / "environment", tmp_path / "dist")


@pytest.fixture
def watching(doit: Doit, environment: Environment) -> Iterator[Watching]:
    command = doit.command("watch", "develop:gfx94X-dcgpu", f"venv={environment.directory / 'venv'}")
    process = subprocess.Popen(
        command, cwd=ROOT, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True
    )
    found = Watching(process)
    found.wait_for(lambda: any("waiting for changes" in line for line in found.lines))
    yield found
    if process.poll() is None:
        found.end()
    process.stdout.close()


def rename_into_place(directory: Path) -> dict[str, bytes]:
    (directory / ".new").write_bytes(b"renamed")
    (directory / ".new").rename(directory / "TensileLibrary_gfx942.dat")
    return {"TensileLibrary_gfx942.dat": b"renamed"}


def truncate_and_write_in_pieces(directory: Path) -> dict[str, bytes]:
    with (directory / "TensileLibrary_gfx942.dat").open("wb", buffering=0) as file:
        for _ in range(20):
            file.write(b"piece" * 1000)
            time.sleep(0.08)
    return {"TensileLibrary_gfx942.dat": b"piece" * 20_000}


def a_hundred_files_at_once(directory: Path) -> dict[str, bytes]:
    files = {f"kernel-{number}.dat": b"%d" % number for number in range(100)}
    for name, content in files.items():
        (directory / name).write_bytes(content)
    return files


@pytest.mark.parametrize(
    "write",
    [
        rename_into_place,
        pytest.param(truncate_and_write_in_pieces, marks=pytest.mark.slow),
        pytest.param(a_hundred_files_at_once, marks=pytest.mark.slow),
    ],
)
def test_the_environment_follows(write, watching, environment, artifacts):
    wanted = write(artifacts / DATA)

    site = environment.site / IN_SITE
    watching.wait_for(
        lambda: all((site / name).exists() and (site / name).read_bytes() == wanted[name] for name in wanted)
    )
    count = len(watching.lines)
    watching.wait_for(lambda: "waiting for changes" in watching.lines[-1] and len(watching.lines) >= count)
    assert watching.end() == 0
    assert [line for line in watching.lines if line.startswith("watch   ") and f" changed: {DATA}/" in line]
    assert environment.run("rocm-sdk", "check").code == 0


@pytest.mark.slow
def test_artifacts_that_are_removed_and_made_again_are_watched_again(watching, environment, artifacts, tmp_path):
    import shutil

    shutil.copytree(artifacts, tmp_path / "copy", symlinks=True)
    (tmp_path / "copy" / DATA / "TensileLibrary_gfx942.dat").write_bytes(b"made again")
    shutil.rmtree(artifacts)
    (tmp_path / "copy").rename(artifacts)

    place = environment.site / IN_SITE / "TensileLibrary_gfx942.dat"
    watching.wait_for(lambda: place.read_bytes() == b"made again")
    assert watching.end(signal.SIGTERM) == 143


def test_the_sample_cannot_be_watched(tmp_path):
    done = Doit(directory=tmp_path)("watch", "develop:gfx94X-dcgpu")

    assert (done.code, done.err) == (
        3,
        "ERROR: artifact_dir: is not set; `watch` needs artifacts that can change\n",
    )
