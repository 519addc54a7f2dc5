"""``rocm-sdk test`` on an installation that was made broken: it names what was done, and nothing in a healthy one."""

from __future__ import annotations

import json
import os
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.support import small_rocm
from tests.support.devel_tree import ROOT
from tests.support.small_rocm import FAMILY

HIP = "_rocm_sdk_core/lib/libamdhip64.so.7"
OTHER = "gfx120X-all"


def found(site: Path, **variables: str) -> str:
    """What is told as failed, in one text."""
    done = small_rocm.run_python(site, "-m", "rocm_sdk", "test", "--json", **variables)
    assert "Traceback" not in done.stderr, done.stderr
    return "\n".join(result["detail"] for result in json.loads(done.stdout) if result["state"] == "failed")


def another_version(site: Path) -> None:
    shutil.rmtree(site / "rocm_sdk_libraries_gfx94x_dcgpu-10.1.0.dist-info")
    small_rocm.libraries(FAMILY, version="10.2.0", library=(site / HIP).read_bytes()).unpack(site)


def two_families(site: Path) -> None:
    for wheel in (small_rocm.libraries(OTHER), small_rocm.devel(OTHER)):
        wheel.unpack(site)


def copy_of_a_link(site: Path) -> None:
    link = site / ROOT / "lib/libamdhip64.so.7"
    link.unlink()
    shutil.copy(site / HIP, link)


BREAK: dict[str, tuple[Callable[[Path], object], str]] = {
    "a library gone": (lambda site: (site / HIP).unlink(), f"{HIP}: no such file or directory"),
    "a library truncated": (
        lambda site: os.truncate(site / HIP, 100),
        f"{HIP}: has another size than when it was installed",
    ),
    "a library of another version": (another_version, "mixes versions of ROCm: rocm-sdk-core 10.1.0, "),
    "a tool not executable": (
        lambda site: (site / "_rocm_sdk_core/bin/rocminfo").chmod(0o644),
        "_rocm_sdk_core/bin/rocminfo is not there or not executable",
    ),
    "a header gone": (
        lambda site: (site / "_rocm_sdk_core/include/hip/hip_runtime.h").unlink(),
        "_rocm_sdk_core/include/hip/hip_runtime.h: no such file or directory",
    ),
    "two families": (
        two_families,
        "rocm-sdk-libraries is installed for 2 families (gfx120X-all, gfx94X-dcgpu), and no AMD GPU was found; set "
        "ROCM_SDK_TARGET_FAMILY to one of them",
    ),
    "a link replaced by a copy": (
        copy_of_a_link,
        f"{ROOT}/lib/libamdhip64.so.7: a copy in the place of a link; run 'rocm-sdk init'",
    ),
}


def test_a_healthy_installation_has_nothing_wrong(real_site: Path) -> None:
    assert found(real_site) == ""


@pytest.mark.parametrize("name", BREAK)
def test_what_was_broken_is_named(real_site: Path, name: str) -> None:
    assert small_rocm.run_python(real_site, "-m", "rocm_sdk", "init").returncode == 0
    spoil, sentence = BREAK[name]

    spoil(real_site)

    assert sentence in found(real_site)


def test_a_copy_is_put_right_by_what_the_sentence_says(real_site: Path) -> None:
    small_rocm.run_python(real_site, "-m", "rocm_sdk", "init")
    copy_of_a_link(real_site)

    assert small_rocm.run_python(real_site, "-m", "rocm_sdk", "init").returncode == 0
    assert found(real_site) == ""


def test_a_program_that_lacks_a_library_is_named_with_it(real_site: Path, tmp_path: Path) -> None:
    source = tmp_path / "needs.c"
    source.write_text("int hip(void); int main(void) { return hip() - 7; }")
    program = real_site / "_rocm_sdk_core/bin/rocminfo"
    small_rocm.compile_program(program, source, real_site / HIP, "-Wl,-rpath,$ORIGIN/../lib")
    assert "rocminfo" not in found(real_site).replace(f"{program}: has another size", "")

    small_rocm.compile_program(program, source, real_site / HIP, "-Wl,-rpath,$ORIGIN/nowhere")

    assert f"rocminfo: {program} does not find libamdhip64.so.7" in found(real_site)


def test_a_script_without_its_interpreter_is_named(real_site: Path) -> None:
    program = real_site / "_rocm_sdk_core/bin/rocminfo"
    program.write_text("#!/usr/bin/env no-such-perl\n")

    assert f"rocminfo: {program} needs no-such-perl, which is not on PATH" in found(real_site)
