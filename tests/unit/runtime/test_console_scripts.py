"""Tools start through core: which program they become, and what they say when they cannot."""

from __future__ import annotations

import os
import pty
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tests.support import small_rocm
from tests.support.devel_tree import COMPLETE, ROOT, listing
from tests.support.small_rocm import FAMILY
from tools.plan.metadata import function_name

OTHER = "gfx120X-all"
HOT = "import sys\nfrom rocm_sdk_core._cli import rocminfo\nprint(*sorted(sys.modules))"


def run_tool(
    site: Path, name: str, *arguments: str, package: str = "rocm_sdk_core", **variables: str
) -> subprocess.CompletedProcess[str]:
    """Start the tool as pip's script does; what it is called on disk does not matter."""
    script = site.parent / "bin" / "anything"
    script.parent.mkdir(exist_ok=True)
    function = function_name(name)
    script.write_text(f"import sys\nfrom {package}._cli import {function}\nsys.exit({function}())\n", "utf-8")
    return small_rocm.run_python(site, str(script), *arguments, **variables)


def test_a_tool_gets_its_arguments_as_they_are(site: Path) -> None:
    done = run_tool(site, "rocminfo", "a b", "", "*")

    assert done.stdout == f"{site}/_rocm_sdk_core/bin/rocminfo a b  *\n"


def test_a_development_tool_runs_from_core_when_devel_is_not_installed(site: Path) -> None:
    shutil.rmtree(site / ROOT)

    assert run_tool(site, "hipcc").stdout == f"{site}/_rocm_sdk_core/bin/hipcc\n"


def test_a_development_tool_makes_the_devel_tree_and_runs_from_it(site: Path) -> None:
    done = run_tool(site, "hipcc", "-v")

    assert done.stdout == f"{site}/{ROOT}/bin/hipcc -v\n"
    assert done.stderr == ""
    assert listing(site) == COMPLETE


def test_another_tool_leaves_devel_alone(site: Path) -> None:
    run_tool(site, "rocminfo")

    assert not (site / ROOT / "bin").exists()


def test_a_tool_keeps_its_name_in_argv0(site: Path) -> None:
    assert run_tool(site, "amdclang++").stdout == f"{site}/{ROOT}/lib/llvm/bin/amdclang++\n"


def test_the_exit_code_is_the_programs(site: Path) -> None:
    (site / "_rocm_sdk_core/bin/rocminfo").write_text("#!/bin/sh\nexit 7\n")

    assert run_tool(site, "rocminfo").returncode == 7


def test_a_signal_reaches_the_program(site: Path) -> None:
    (site / "_rocm_sdk_core/bin/rocminfo").write_text("#!/bin/sh\nkill -TERM $$\n")

    assert run_tool(site, "rocminfo").returncode == -15


def test_a_missing_program_is_a_sentence(site: Path) -> None:
    (site / "_rocm_sdk_core/bin/rocminfo").unlink()

    done = run_tool(site, "rocminfo")

    assert done.stderr == (
        f"rocminfo: {site}/_rocm_sdk_core/bin/rocminfo is missing; reinstall rocm-sdk-core==10.1.0\n"
    )
    assert done.returncode == 1


def test_a_program_that_cannot_run_is_a_sentence(site: Path) -> None:
    program = site / "_rocm_sdk_core/bin/rocminfo"
    program.write_bytes(b"\x7fELF but not really")

    assert run_tool(site, "rocminfo").stderr == f"{program}: cannot be run: Exec format error\n"


def test_an_unknown_tool_cannot_be_imported(site: Path) -> None:
    assert (
        run_tool(site, "nvcc")
        .stderr.splitlines()[-1]
        .startswith("ImportError: cannot import name 'nvcc' from 'rocm_sdk_core._cli'")
    )


def test_a_devel_tree_that_cannot_be_made_is_a_sentence(site: Path) -> None:
    small_rocm.remove(site, "_rocm_sdk_libraries_gfx94X_dcgpu")

    done = run_tool(site, "hipcc")

    assert done.stderr == (
        "hipcc: rocm-sdk-devel-gfx94X-dcgpu needs rocm-sdk-libraries-gfx94X-dcgpu==10.1.0 in "
        f"{site}; install with: {small_rocm.pip(site)} rocm-sdk-libraries-gfx94X-dcgpu==10.1.0"
        f"{small_rocm.SOURCE}\n"
    )


@pytest.fixture
def two_families(site: Path) -> Path:
    for wheel in (small_rocm.libraries(OTHER), small_rocm.devel(OTHER)):
        wheel.unpack(site)
    return site


@pytest.mark.parametrize("family", [FAMILY, OTHER])
def test_with_two_families_the_variable_chooses(two_families: Path, family: str) -> None:
    done = run_tool(two_families, "hipcc", ROCM_SDK_TARGET_FAMILY=family)

    assert done.stdout == f"{two_families}/{small_rocm.devel_root(family)}/bin/hipcc\n"
    assert done.stderr == ""


def noted(site: Path, name: str, **variables: str) -> str:
    """What a person on a terminal is told beside the tool's own words; on a pipe nobody is."""
    assert run_tool(site, name, **variables).stderr == ""
    reader, writer = pty.openpty()
    command = [sys.executable, str(site.parent / "bin" / "anything")]
    subprocess.run(
        command,
        stderr=writer,
        capture_output=False,
        stdout=subprocess.DEVNULL,
        check=True,
        env=small_rocm.environment(site, **variables),
    )
    os.write(writer, b"end")
    os.close(writer)
    shown = os.read(reader, 1 << 16).decode()
    os.close(reader)
    return shown.removesuffix("end").replace("\r\n", "\n")


def test_with_two_families_and_no_variable_the_first_is_taken_and_named(two_families: Path) -> None:
    assert run_tool(two_families, "hipcc").stdout == f"{two_families}/{small_rocm.devel_root(OTHER)}/bin/hipcc\n"
    assert noted(two_families, "hipcc") == (
        "hipcc: note: devel is installed for gfx120X-all and gfx94X-dcgpu; using gfx120X-all; set "
        "ROCM_SDK_TARGET_FAMILY to choose\n"
    )


def test_without_devel_a_person_is_told_that_hip_needs_it(site: Path) -> None:
    shutil.rmtree(site / ROOT)

    assert noted(site, "hipcc") == (
        "hipcc: note: devel is not installed, so HIP programs do not compile; 'rocm-sdk doctor' says what to install\n"
    )


def test_a_variable_that_fits_no_installed_family_is_named(site: Path) -> None:
    assert noted(site, "hipcc", ROCM_SDK_TARGET_FAMILY="gfx90X").endswith(
        "hipcc: note: ROCM_SDK_TARGET_FAMILY is gfx90X, but devel is there for gfx94X-dcgpu; using gfx94X-dcgpu\n"
    )


def test_the_profilers_tools_come_from_its_own_table(site: Path) -> None:
    scripts = {"rocprof-compute": {"path": "bin/rocprof-compute", "devel": False}}
    facts = small_rocm.package_facts("profiler", "generic", "rocm-profiler", scripts=scripts)
    program = "_rocm_profiler/bin/rocprof-compute"
    small_rocm.make_wheel(
        "rocm-profiler",
        {
            **small_rocm.sources("rocm_profiler"),
            program: small_rocm.SCRIPT.encode(),
            **dict([small_rocm.facts_member(facts)]),
        },
        programs=frozenset([program]),
    ).unpack(site)
    code = "import sys; sys.argv = ['-', 'x']\nfrom rocm_profiler._cli import rocprof_compute\nrocprof_compute()"

    assert small_rocm.run_python(site, "-c", code).stdout == f"{site}/{program} x\n"


@pytest.mark.parametrize("folder", sorted(file.parent.name for file in small_rocm.RUNTIME.glob("*/_cli.py")))
@pytest.mark.parametrize("distribution", ["rocm-video", "rocm-sdk-video-gfx94X-dcgpu"])
def test_a_copied_package_starts_its_own_programs(site: Path, folder: str, distribution: str) -> None:
    """docs/packages.md, "Add a package": the folder is copied, and nothing in it is edited."""
    import_name = distribution.replace("-", "_")
    scripts = {"rocvideo": {"path": "bin/rocvideo", "devel": False}}
    facts = small_rocm.package_facts("video", "generic", distribution, scripts=scripts)
    program = f"_{import_name}/bin/rocvideo"
    small_rocm.make_wheel(
        distribution,
        {
            **small_rocm.sources(folder, import_name),
            program: small_rocm.SCRIPT.encode(),
            **dict([small_rocm.facts_member(facts)]),
        },
        programs=frozenset([program]),
    ).unpack(site)

    assert run_tool(site, "rocvideo", "x", package=import_name).stdout == f"{site}/{program} x\n"
    assert "ImportError" in run_tool(site, "nvcc", package=import_name).stderr


def test_a_tool_imports_nothing_heavy(site: Path) -> None:
    loaded = set(small_rocm.run_python(site, "-S", "-c", HOT).stdout.split())

    assert "rocm_sdk_core._cli" in loaded
    assert loaded.isdisjoint({"typing", "pathlib", "subprocess", "argparse", "dataclasses", "importlib.metadata"})


def test_a_package_knows_its_version(site: Path) -> None:
    code = "import rocm_sdk_core, rocm_sdk_libraries_gfx94X_dcgpu as l; print(rocm_sdk_core.__version__, l.__version__)"

    assert small_rocm.run_python(site, "-c", code).stdout == "10.1.0 10.1.0\n"


def test_the_interpreter_is_the_one_under_test(site: Path) -> None:
    assert small_rocm.run_python(site, "-c", "import sys; print(sys.executable)").stdout.strip() == sys.executable
