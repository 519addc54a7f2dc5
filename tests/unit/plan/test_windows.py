"""Wheels for Windows: what is copied, what is named, and sets that would not work there."""

from __future__ import annotations

import json

import pytest

from tests.support.elf_facts import elf
from tests.support.pe_facts import pe
from tests.support.planner import Make, Planner, Tree, file, link
from tools.pe.model import PeFacts

FAMILY = "gfx110X-all"
BASE: Tree = {"base_lib_generic": {".info/version": file("10.1.0\n")}}
KERNEL = "bin/rocblas/library/kernels.dat"


def dll(facts: PeFacts) -> Make:
    return file(mode=0o644, pe=facts)


def program(**imports: list[str]) -> Make:
    return file(mode=0o644, pe=pe(library=False, **imports))


def planner(core: dict[str, Make], blas: dict[str, Make] | None = None, layout: str = "per-family") -> Planner:
    """Plan HIP's artifact, with a DLL that every set has, and one of libraries."""
    hip = {
        "bin/amdhip64_7.dll": dll(pe("hipInit", rocm_kpack=["kpack_open"])),
        "bin/rocm_kpack.dll": dll(pe("kpack_open")),
    }
    hip["bin/amd_comgr.dll"] = dll(pe("comgr"))
    libraries = {KERNEL: file(mode=0o755), **(blas or {})}
    of = "generic" if layout == "kpack-split" else FAMILY
    artifacts = {**BASE, "core-hip_lib_generic": {**hip, **core}, f"blas_lib_{of}": libraries}
    return Planner(layout, artifacts, tag="win_amd64")


def test_files_are_copied_with_the_mode_of_their_kind():
    planned = planner({"bin/hipcc.exe": program()})

    assert {planned.member("core", path).kind for path in ("bin/amdhip64_7.dll", "bin/hipcc.exe")} == {"copy"}
    assert planned.member("core", "bin/amdhip64_7.dll").mode == 0o644
    assert planned.member("core", "bin/hipcc.exe").mode == 0o755
    assert planned.member("libraries", KERNEL, FAMILY).mode == 0o644


def test_console_scripts_are_those_of_windows():
    planned = planner({"bin/hipcc.exe": program(), "bin/hipInfo.exe": program(), "bin/rocm-smi.exe": program()})

    assert planned.error()[1:] == [
        "bin/rocm-smi.exe: a program of core that is neither a console script nor listed in not_exposed; add it to "
        "[scripts] or not_exposed of packages/core.toml"
    ]


def test_a_link_to_a_file_is_a_copy():
    planned = planner({"bin/hipcc.exe": program(), "bin/hipconfig.exe": link("hipcc.exe")})

    assert planned.files("core")["bin/hipconfig.exe"] == "copy"


def test_a_link_to_a_directory_is_left_out():
    planned = planner({"bin/hipcc.exe": program(), "lib64": link("bin")})

    assert "lib64" not in planned.links(FAMILY)


def test_links_of_the_devel_tree_lead_to_files():
    planned = planner({}, {f"bin/rocblas/library/{name}": file(name) for name in "abc"})

    assert {path for path in planned.links(FAMILY) if path.startswith("bin/rocblas")} == {
        KERNEL,
        *(f"bin/rocblas/library/{name}" for name in "abc"),
    }
    assert {kind for kind, _, _ in planned.links(FAMILY).values()} == {"real"}


def test_debug_data_and_leaked_tests_are_left_out():
    planned = planner({"bin/amdhip64_7.pdb": file(), "bin/tests/a.dll": dll(pe())})

    left_out = planned.left_out()

    assert (left_out["bin/amdhip64_7.pdb"], left_out["bin/tests/a.dll"]) == ("debug data", "tests")


def test_a_family_that_windows_does_not_have_is_left_out_with_the_reason():
    planned = Planner("per-family", {**BASE, "blas_lib_gfx94X-dcgpu": {"bin/a": file()}}, tag="win_amd64")

    assert planned.products.families == ()
    assert dict(planned.products.ignored) == {
        "blas_lib_gfx94X-dcgpu": "artifacts of gfx94X-dcgpu: targets.toml does not name Windows for them"
    }


def test_the_profiler_is_not_for_windows():
    planned = Planner("per-family", {**BASE, "rocprofiler-systems_lib_generic": {"bin/a": file()}}, tag="win_amd64")

    assert dict(planned.products.ignored) == {"rocprofiler-systems_lib_generic": "profiler has no wheel for Windows"}


def test_each_wheel_tells_the_order_to_load_its_dlls_in():
    planned = planner({}, {"bin/rocblas.dll": dll(pe("create", amdhip64_7=["hipInit"]))})

    wheel = next(one for one in planned.plan(FAMILY).wheels if one.package == "libraries")
    table = next(one for one in wheel.members if one.path.endswith(".loads.json"))
    core = "_rocm_sdk_core/bin"
    assert table.path == "_rocm_sdk_libraries_gfx110X_all/rocm_sdk_libraries_gfx110X_all.loads.json"
    assert json.loads(table.argument)["before"] == {
        "_rocm_sdk_libraries_gfx110X_all/bin/rocblas.dll": [
            f"{core}/amd_comgr.dll",
            f"{core}/rocm_kpack.dll",
            f"{core}/amdhip64_7.dll",
        ]
    }


LIBRARIES = "_rocm_sdk_libraries_gfx110X_all/bin"
LONG = "x" * 150


@pytest.mark.parametrize(
    ("files", "sentence"),
    [
        pytest.param(
            {"bin/a.dll": dll(pe(other=["f"]))},
            f"{LIBRARIES}/a.dll: needs other.dll, which is not in {LIBRARIES} or _rocm_sdk_core/bin and is no known "
            "part of Windows",
            id="a DLL missing",
        ),
        pytest.param(
            {"bin/a.dll": dll(pe(amdhip64_7=["hipInit", "hipLost"]))},
            f"{LIBRARIES}/a.dll: imports hipLost from amdhip64_7.dll, and _rocm_sdk_core/bin/amdhip64_7.dll exports no "
            "such symbol",
            id="a symbol missing",
        ),
        pytest.param(
            {"bin/a.dll": dll(pe(machine=0xAA64))},
            f"{LIBRARIES}/a.dll: is for ARM64, in a wheel for x86-64",
            id="another machine",
        ),
        pytest.param(
            {"bin/a.dat": file("1"), "bin/A.dat": file("2")},
            f"{LIBRARIES}/A.dat: (rocm-sdk-libraries-gfx110X-all) and {LIBRARIES}/a.dat "
            "(rocm-sdk-libraries-gfx110X-all) are one file for Windows; rename or leave out all but one",
            id="one name in two cases",
        ),
        pytest.param(
            {"bin/aux.dat": file()},
            f"_rocm_sdk_devel_gfx110X_all/bin/aux.dat, {LIBRARIES}/aux.dat: 'aux.dat' is a device for Windows, "
            "whatever its ending",
            id="a reserved name",
        ),
        pytest.param(
            {f"bin/{LONG}": file()},
            f"{LIBRARIES}/{LONG}: needs {len(LIBRARIES) + 151} characters below site-packages, more than the budget "
            "of 180; Windows takes 259 in all: shorten the name, or raise the budget and with it the demands on users",
            id="a path too long",
        ),
        pytest.param(
            {"bin/a.dll": dll(pe(MSVCP140D=["f"]))},
            f"{LIBRARIES}/a.dll: needs MSVCP140D.dll, it is Microsoft's debug runtime, which nobody may hand on; "
            "build in release mode",
            id="a C++ runtime that no machine has",
        ),
        pytest.param(
            {"bin/liba.so": file(mode=0o755, elf=elf(soname="liba.so"))},
            f"blas_lib_{FAMILY}: bin/liba.so: is a Linux library for x86-64, in an artifact for Windows; fetch the "
            "artifact of a Windows run, or set platform_tag to Linux's",
            id="a Linux file among them",
        ),
        pytest.param(
            {"bin/a.dll": dll(pe(forwards={"f": "amdhip64_7.lost"}))},
            f"{LIBRARIES}/a.dll: forwards f to amdhip64_7.lost, and _rocm_sdk_core/bin/amdhip64_7.dll exports no "
            "such symbol",
            id="a forwarder that leads nowhere",
        ),
        pytest.param(
            {"bin/MIOpen.dll": dll(pe("create"))},
            f"{LIBRARIES}/MIOpen.dll: loads core:bin/hiprtc[0-9]*.dll at run time, as runtime_loads.toml says "
            "(compiles kernels at run time), and no DLL is that",
            id="a load at run time that leads nowhere",
        ),
        pytest.param(
            {"bin/a.dll": file()},
            f"blas_lib_{FAMILY}: bin/a.dll: is named like a file for Windows and is none: it has no sound PE header; "
            "fetch the artifact again",
            id="no DLL at all",
        ),
    ],
)
def test_a_set_that_would_not_work_is_named(files, sentence):
    assert sentence in planner({}, files).error(FAMILY)


def test_a_device_file_that_differs_in_case_from_a_neutral_one_is_named(tmp_path):
    from tools.plan.dlls import set_clashes

    planned = planner({}, {"bin/rocblas/library/A.dat": file()}, "kpack-split")
    other = Planner(
        "kpack-split",
        {**BASE, "blas_lib_generic": {"bin/b": file()}, "blas_lib_gfx1100": {"bin/rocblas/library/a.dat": file()}},
        tag="win_amd64",
    )
    wheels = [
        next(one for one in planned.plan().wheels if one.package == "libraries"),
        next(one for one in other.plan("gfx1100").wheels if one.package == "device"),
    ]

    (problem,) = set_clashes(wheels)

    assert str(problem) == (
        "_rocm_sdk_libraries/bin/rocblas/library/A.dat: (rocm-sdk-libraries) and "
        "_rocm_sdk_libraries/bin/rocblas/library/a.dat (rocm-sdk-device-gfx1100) are one file for Windows; rename or "
        "leave out all but one"
    )
