"""Artifacts and settings that make no sense: a sentence, nothing half-written, and the next run succeeds."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path

import pytest

from tests.support.doit_process import Doit, tree_of
from tests.support.places import ROOT

MANIFEST = "artifact_manifest.txt"
PROFILERS = ("rocprofiler-compute_run_generic", "rocprofiler-systems_lib_generic", "rocprofiler-systems_run_generic")
MI300 = "gfx94X-dcgpu"
BLAS = f"blas_lib_{MI300}"
ROCBLAS = f"{BLAS}/math-libs/BLAS/rocBLAS/stage"
SIZES = [f"{size}k" for size in range(600, 1800, 200)]  # of disks that fill up at one step or another
LIBRARY = f"{ROCBLAS}/lib/librocblas.so.5.0.0"


@dataclass(frozen=True, kw_only=True)
class Case:
    """What is done to the artifacts, and what doit says of it."""

    spoil: Callable[[Path], object] = lambda artifacts: None
    settings: dict[str, str] = field(default_factory=dict)
    code: int = 1
    says: str  # {artifacts} is their directory; {half}, {whole}: bytes of the truncated library


def truncate(artifacts: Path) -> None:
    os.truncate(artifacts / LIBRARY, (artifacts / LIBRARY).stat().st_size // 2)


def write(path: str, content: str) -> Callable[[Path], object]:
    def written(artifacts: Path) -> None:
        (artifacts / path).parent.mkdir(parents=True, exist_ok=True)
        (artifacts / path).write_text(content)

    return written


def link(path: str, target: str) -> Callable[[Path], object]:
    return lambda artifacts: (artifacts / path).symlink_to(target)


def take_every_file(artifacts: Path) -> None:
    for name in (
        "rocprofiler-compute_run_generic",
        "rocprofiler-systems_lib_generic",
        "rocprofiler-systems_run_generic",
    ):
        for base in (artifacts / name / "artifact_manifest.txt").read_text().splitlines():
            shutil.rmtree(artifacts / name / base, ignore_errors=True)


def remove_family(artifacts: Path) -> None:
    for path in artifacts.glob("*_gfx120X-all"):
        shutil.rmtree(path)


CATALOG = f"failed  catalog:{BLAS}: {{artifacts}}/{BLAS}"
PLAN = f"failed  plan:{MI300}: the artifacts of {MI300} cannot be packaged:\n  "
GENERIC = "failed  plan:generic: the artifacts of generic cannot be packaged:\n  "
CASES = {
    "no manifest": Case(
        spoil=lambda artifacts: (artifacts / BLAS / MANIFEST).unlink(),
        says=f"{CATALOG}/{MANIFEST}: cannot be read (No such file or directory); every artifact has this file, with "
        "one relative base dir a line",
    ),
    "a base dir that escapes": Case(
        spoil=write(f"{BLAS}/{MANIFEST}", "../../etc\n"),
        says=f"{CATALOG}/{MANIFEST}: base dirs must be plain relative paths inside the artifact, not '../../etc'",
    ),
    "a link out of the merged tree": Case(
        spoil=link(f"{ROCBLAS}/lib/out", "../../../etc/passwd"),
        says=f"{PLAN}{BLAS}: lib/out: the link to '../../../etc/passwd' leads out of the merged tree; links must be "
        "relative and stay inside",
    ),
    "an absolute link": Case(
        spoil=link(f"{ROCBLAS}/lib/absolute", "/etc/passwd"),
        says=f"{PLAN}{BLAS}: lib/absolute: the link to '/etc/passwd' is absolute; links must be relative and stay "
        "inside",
    ),
    "a name outside the grammar": Case(
        spoil=lambda artifacts: (artifacts / "blas-lib").mkdir(),
        code=3,
        says="ERROR: {artifacts}: not named like an artifact, NAME_COMPONENT_FAMILY (such as blas_lib_gfx94X-dcgpu; "
        "components: lib, run, dev, doc, dbg, test): 'blas-lib'",
    ),
    "an artifact that nobody claims": Case(
        spoil=lambda artifacts: shutil.copytree(artifacts / BLAS, artifacts / "bals_lib_gfx94X-dcgpu", symlinks=True),
        says=f"{GENERIC}bals_lib_{MI300}: no package claims it and ignored.toml does not name it; add it to one "
        "of them",
    ),
    "two artifacts that disagree on a path": Case(
        spoil=write("core-hip_lib_generic/core/clr/stage/.info/version", "11.0.0\n"),
        says=f"{GENERIC}.info/version: base_lib_generic and core-hip_lib_generic ship different files under this path; "
        "leave one out, or say in overlaps.toml which one wins",
    ),
    "an artifact that disagrees with itself": Case(
        spoil=write("base_lib_generic/base/rocm_smi_lib/stage/.info/version", "11.0.0\n"),
        says=f"{GENERIC}.info/version: base_lib_generic ships different files under this path, in "
        "base/aux-overlay/stage and base/rocm_smi_lib/stage; leave one out",
    ),
    "no base_lib_generic": Case(
        spoil=lambda artifacts: shutil.rmtree(artifacts / "base_lib_generic"),
        code=3,
        says="ERROR: {artifacts}: has no base_lib_generic; it says which version and layout the artifacts are of",
    ),
    "a truncated ELF file": Case(
        spoil=truncate,
        says=f"{CATALOG}: ELF files must be built again: math-libs/BLAS/rocBLAS/stage/lib/librocblas.so.5.0.0 is a "
        "truncated ELF file: {half} bytes, its headers tell of {whole}",
    ),
    "a FIFO": Case(
        spoil=lambda artifacts: os.mkfifo(artifacts / ROCBLAS / "lib/pipe"),
        says=f"{CATALOG}: FIFOs, sockets and devices cannot be packaged: math-libs/BLAS/rocBLAS/stage/lib/pipe; "
        "remove them",
    ),
    "a version that is not PEP 440": Case(
        settings={"version": "10.1-banana"},
        code=3,
        says="ERROR: command line: version: '10.1-banana' must be a version as PEP 440 defines it, such as '10.1.0' or "
        "'10.1.0rc1'",
    ),
    "a package without a file": Case(
        spoil=take_every_file,
        says=f"{GENERIC}rocm-profiler: none of its artifacts gives it a file ({', '.join(PROFILERS)}); "
        "check the claims, or leave the artifacts out"
        f"\n  {', '.join(PROFILERS)}: no file in it, though it is claimed; build it again, or leave it out",
    ),
    "a family without artifacts": Case(
        settings={"families": "gfx1151"},
        code=3,
        says="ERROR: families: 'gfx1151' has no artifacts; there are artifacts of gfx120X-all, gfx94X-dcgpu",
    ),
    "a family that is misspelt": Case(
        settings={"families": "gfx94X-dgpu"},
        code=3,
        says="ERROR: families: 'gfx94X-dgpu' has no artifacts; did you mean 'gfx94X-dcgpu'?",
    ),
    "a default family without artifacts": Case(
        settings={"default_family": "gfx1151"},
        code=3,
        says="ERROR: default_family: 'gfx1151' has no artifacts; there are artifacts of gfx120X-all, gfx94X-dcgpu",
    ),
    "a dist among the artifacts": Case(
        settings={"dist_dir": "{artifacts}/dist"},
        code=3,
        says="ERROR: dist_dir: {artifacts}/dist lies in artifact_dir, which is never written to; name a place "
        "elsewhere",
    ),
    "a build directory that is the artifacts": Case(
        settings={"build_dir": "{artifacts}"},
        code=3,
        says="ERROR: build_dir: {artifacts} lies in artifact_dir, which is never written to; name a place elsewhere",
    ),
    "an artifact that is a link to nothing": Case(
        spoil=link("rccl_lib_gfx94X-dcgpu", "gone"),
        code=3,
        says="ERROR: {artifacts}: named like an artifact and no directory: rccl_lib_gfx94X-dcgpu",
    ),
    "no artifact directory": Case(
        settings={"artifact_dir": "/nonexistent"},
        code=3,
        says="ERROR: /nonexistent: cannot be read: No such file or directory",
    ),
}


BEFORE = {name: case for name, case in CASES.items() if case.code == 3}  # told before anything is done
DURING = {name: case for name, case in CASES.items() if case.code == 1}


def told(doit: Doit, artifacts: Path, case: Case) -> None:
    size = (artifacts / LIBRARY).stat().st_size
    case.spoil(artifacts)

    settings = {name: value.format(artifacts=artifacts) for name, value in case.settings.items()}
    finished = replace(doit, settings={**doit.settings, **settings})("index")

    sentence = case.says.format(artifacts=artifacts, half=size // 2, whole=size)
    assert (finished.code, finished.err) == (case.code, f"{sentence}\n")


@pytest.mark.parametrize("case", BEFORE.values(), ids=BEFORE)
def test_nonsense_gets_a_sentence_before_anything_is_written(doit, artifacts, case):
    told(doit, artifacts, case)

    assert not doit.dist.exists()
    assert not doit.build.exists()


@pytest.mark.parametrize("case", DURING.values(), ids=DURING)
def test_nonsense_gets_a_sentence_and_the_next_run_succeeds(doit, artifacts, pristine, expected, case):
    told(doit, artifacts, case)

    assert_nothing_half_written(doit, expected)
    shutil.rmtree(artifacts)
    shutil.copytree(pristine, artifacts, symlinks=True)
    assert doit("index").code == 0
    assert tree_of(doit.dist) == expected


def assert_nothing_half_written(doit: Doit, expected: dict[str, bytes]) -> None:
    """Whatever has the name of a wheel is that wheel, and no temporary file is left."""
    wheels = {path.name: path.read_bytes() for path in doit.build.rglob("*.whl")}
    assert wheels == {name: content for name, content in expected.items() if name in wheels}
    assert not [path for path in doit.directory.rglob("*") if path.name.endswith(".part")]
    assert not list(doit.dist.glob("*"))


@contextmanager
def changing(file: Path) -> Iterator[None]:
    """Write the file again and again, as a build that is still at work does."""
    stop = threading.Event()

    def write_on() -> None:
        with file.open("r+b") as stream:
            while not stop.wait(0.001):
                stream.seek(0)
                stream.write(os.urandom(64))
                stream.flush()

    writer = threading.Thread(target=write_on)
    writer.start()
    try:
        yield
    finally:
        stop.set()
        writer.join()


def test_a_file_that_changes_while_it_is_read_is_told_and_the_next_run_succeeds(doit, artifacts):
    name = "math-libs/BLAS/rocBLAS/stage/lib/rocblas/library/big.dat"
    (artifacts / BLAS / name).write_bytes(bytes(64_000_000))

    with changing(artifacts / BLAS / name):
        finished = doit("index")

    assert finished.code == 1
    assert finished.err == (
        f"failed  catalog:{BLAS}: {artifacts}/{BLAS}/{name}: changed while it was read; run again when nothing writes "
        "to it\n"
    )
    assert not list(doit.dist.glob("*"))
    assert doit("index").code == 0


DISK = """
mount -t tmpfs -o size={small} none {disk} && cd {root} || exit 99
{command} >/dev/null; echo "code $?"
ls {disk}/dist 2>/dev/null
mount -o remount,size=64m {disk}
{command} >/dev/null; echo "code $?"
cp -r {disk}/dist {copy}
"""


@pytest.mark.skipif(os.geteuid() != 0 or not shutil.which("unshare"), reason="mounts a small disk: needs root")
@pytest.mark.parametrize("small", ["150k", "400k", *(pytest.param(n, marks=pytest.mark.slow) for n in SIZES)])
def test_a_full_disk_is_told_and_with_more_room_the_next_run_succeeds(doit, expected, tmp_path, small):
    disk = tmp_path / "disk"
    disk.mkdir()
    command = " ".join(replace(doit, directory=disk).command("index"))
    script = DISK.format(small=small, disk=disk, root=ROOT, command=command, copy=tmp_path / "copy")

    done = subprocess.run(["unshare", "--mount", "sh", "-c", script], capture_output=True, text=True, check=False)

    first, *listed, second = done.stdout.splitlines()
    assert (first, second) in {("code 1", "code 0"), ("code 3", "code 0")}, done.stderr
    assert set(listed) <= expected.keys() | {"simple"}
    sentence = r"(ERROR|failed  \S+): .*: (No space left on device|database or disk is full|the disk is full; .* more)"
    assert [line for line in done.stderr.splitlines() if not re.fullmatch(sentence, line)] == []
    assert tree_of(tmp_path / "copy") == expected
