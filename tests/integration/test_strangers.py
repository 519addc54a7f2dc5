"""A tree with strangers in it: a strict build names all of it once; another one builds the rest, and that installs."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from tests.support.artifacts import write_artifact
from tests.support.doit_process import Doit
from tests.support.environments import make_environment
from tools.sample.embedded import make_sample

PROGRAMS = [f"stranger-{number:02}" for number in range(40)]
VIDEO_KIT = "videokit_lib_generic"  # an artifact that nobody claims
HOSTLESS = "fft_lib_gfx950"  # device code; its neutral artifact is taken away
FOREIGN = [f"lib/rocblas/library/Kernels_{number}_gfx950.dat" for number in range(30)]  # in an artifact of gfx942
PROGRAM_REASON = (
    "a program of core that is neither a console script nor listed in not_exposed; add it to [scripts] or not_exposed "
    "of packages/core.toml"
)
CLAIM_REASON = "no package claims it and ignored.toml does not name it; add it to one of them"
FOREIGN_REASON = "named after another GPU than its wheel is for; ship it in an artifact of that GPU, or exclude it"
HOST_REASON = (
    f"artifacts of one target without their neutral ones: {HOSTLESS}; the kpack-split layout takes host code from "
    "NAME_COMPONENT_generic; add these, or use layout=per-family for libraries with their device code inside"
)


@pytest.fixture(scope="module")
def strange(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return the artifacts of the kpack-split sample with strangers among them."""
    directory = tmp_path_factory.mktemp("strange") / "artifacts"
    make_sample(directory, "kpack-split")
    tools = write_artifact(directory, "aqlprofile_run_generic", {f"bin/{name}": b"#!/bin/sh\n" for name in PROGRAMS})
    for program in (tools / "bin").iterdir():
        program.chmod(0o755)
    write_artifact(directory, VIDEO_KIT, {"lib/libvideokit.so": b"x"})
    write_artifact(directory, HOSTLESS, {"lib/fft_gfx950.dat": b"x"})
    shutil.rmtree(directory / "fft_lib_generic", ignore_errors=True)
    base = directory / "blas_lib_gfx942" / (directory / "blas_lib_gfx942/artifact_manifest.txt").read_text().split()[0]
    for path in FOREIGN:
        (base / path).parent.mkdir(parents=True, exist_ok=True)
        (base / path).write_text(path)
    return directory


def doit_of(artifacts: Path, directory: Path, **settings: str) -> Doit:
    return Doit(directory=directory, settings={"artifact_dir": str(artifacts), "version": "1.0", **settings})


@pytest.fixture(scope="module")
def lenient(strange: Path, tmp_path_factory: pytest.TempPathFactory) -> tuple[Doit, list[str]]:
    """Return a finished build with strict=no, and the lines that it said."""
    doit = doit_of(strange, tmp_path_factory.mktemp("lenient"), strict="no")
    finished = doit("index")
    assert (finished.code, finished.err) == (0, "")
    return doit, finished.lines


def test_strict_tells_what_does_not_fit_the_layout_before_anything_is_done(strange, tmp_path):
    finished = doit_of(strange, tmp_path)("index")

    assert (finished.code, finished.err) == (3, f"ERROR: {HOST_REASON}\n")


def test_strict_names_all_of_it_once_and_short(strange, tmp_path):
    artifacts = Path(shutil.copytree(strange, tmp_path / "artifacts", symlinks=True))
    shutil.rmtree(artifacts / HOSTLESS)
    doit = doit_of(artifacts, tmp_path)

    finished = doit("index")

    shown = ", ".join(f"bin/{name}" for name in PROGRAMS[:10])
    listed = doit.build / "plan/generic/problems.txt"
    assert finished.code == 1
    assert finished.err.split("skipped")[0] == (
        "failed  plan:generic: the artifacts of generic cannot be packaged:\n"
        f"  {shown} and 30 more: {PROGRAM_REASON}\n"
        f"  {VIDEO_KIT}: {CLAIM_REASON}\n"
        f"  all of them are listed in {listed}\n"
    )
    assert listed.read_text().splitlines() == [
        *(f"bin/{name}: {PROGRAM_REASON}" for name in PROGRAMS),
        f"{VIDEO_KIT}: {CLAIM_REASON}",
    ]
    assert not doit.dist.exists()


def test_lenient_warns_once_a_reason(lenient):
    doit, lines = lenient
    programs = ", ".join(f"bin/{name}" for name in PROGRAMS[:10])
    foreign = ", ".join(f"blas_lib_gfx942: {path}" for path in sorted(FOREIGN)[:5])

    assert f"note: left out, {HOST_REASON}" in lines
    assert [line for line in lines if line.startswith("warning: ")] == [
        f"warning: {programs} and 30 more: {PROGRAM_REASON}",
        f"warning: {foreign} and 25 more: {FOREIGN_REASON}",
        f"warning: {VIDEO_KIT}: {CLAIM_REASON}",
        f"warning: all of them are listed in {doit.build}/plan/generic/problems.txt, "
        f"{doit.build}/plan/gfx942/problems.txt",
    ]


def test_lenient_reports_each_path_that_it_left_out(lenient):
    doit, _ = lenient
    report = (doit.build / "plan/gfx942/report.json").read_text()

    assert all(f'["blas_lib_gfx942","{path}","{FOREIGN_REASON}"]' in report for path in FOREIGN)


def test_what_lenient_built_verifies(lenient):
    doit, _ = lenient

    finished = doit("verify")

    assert (finished.code, finished.err) == (0, "")


def test_what_lenient_built_installs_and_a_strangers_program_is_in_it(lenient, tmp_path):
    doit, _ = lenient
    environment = make_environment("uv", tmp_path / "environment", doit.dist)

    environment.install("rocm[libraries,devel,device-gfx942]")

    assert environment.installed == [
        "rocm",
        "rocm_sdk_core",
        "rocm_sdk_devel",
        "rocm_sdk_device_gfx942",
        "rocm_sdk_libraries",
    ]
    assert environment.run("rocm-sdk", "check").code == 0
    assert (environment.site / "_rocm_sdk_core/bin" / PROGRAMS[0]).stat().st_mode & 0o111
    assert not (environment.bin / PROGRAMS[0]).exists()
    assert (environment.root() / "bin" / PROGRAMS[0]).exists()
