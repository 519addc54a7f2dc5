"""What the DLLs and programs of a set need is found, or a sentence tells what is not."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import pytest

from tests.support.pe_facts import CORE, LIBRARIES, lists, package, pe, two
from tests.support.pe_files import facts_of
from tests.support.windows import downloads
from tools.pe.model import PeFacts
from tools.windows.closure import Problem, problems, runtime_needed
from tools.windows.search import Package

HIPBLAS = f"{LIBRARIES}/bin/hipblas.dll"
NOWHERE = f"which is not in {LIBRARIES}/bin or {CORE}/bin and is no known part of Windows"


def found(libraries: Mapping[str, PeFacts], **core: PeFacts) -> list[Problem]:
    return problems(two(libraries, **core), lists())


def wrong(facts: PeFacts, **core: PeFacts) -> list[str]:
    """Return the sentences about bin/hipblas.dll, of which there must be no others."""
    told = found({"bin/hipblas.dll": facts}, **core)
    assert {(problem.package, problem.path) for problem in told} <= {("rocm-sdk-libraries", HIPBLAS)}
    return [f"{problem.severity}: {problem.sentence}" for problem in told]


def test_a_set_that_is_right_has_no_problems() -> None:
    assert wrong(pe("hipblasCreate", amdhip64_7=["hipInit"], VCRUNTIME140=["memcpy"], AMDHIP64_7=["hipFree"])) == []


def test_a_dll_that_nobody_has() -> None:
    assert wrong(pe(rocblas=["rocblas_create"])) == [f"error: needs rocblas.dll, {NOWHERE}"]


def test_a_dll_where_windows_does_not_look() -> None:
    assert wrong(pe(inner=["f"]), deep__inner=pe("f")) == [
        f"error: needs inner.dll, {NOWHERE}; Windows does not look at {CORE}/bin/deep/inner.dll from there"
    ]


def test_a_package_that_is_not_required_is_not_looked_at() -> None:
    packages = [
        package("core", {f"{CORE}/bin/amdhip64_7.dll": pe("hipInit")}),
        package("libraries", {HIPBLAS: pe(amdhip64_7=["hipInit"])}),
    ]

    assert [problem.sentence for problem in problems(packages, lists())] == [
        f"needs amdhip64_7.dll, which is not in {LIBRARIES}/bin and is no known part of Windows; Windows does not look "
        f"at {CORE}/bin/amdhip64_7.dll from there"
    ]


def test_a_plugin_finds_the_directories_that_the_runtime_adds() -> None:
    plugin = pe(hipdnn_backend=["f"], amdhip64_7=["hipInit"])

    assert found({"bin/hipdnn_plugins/engines/miopen_plugin.dll": plugin, "bin/hipdnn_backend.dll": pe("f")}) == []


def test_a_symbol_that_is_not_exported() -> None:
    assert wrong(pe(amdhip64_7=["hipNew", "hipInit", "hipAlso"])) == [
        f"error: imports hipAlso, hipNew from amdhip64_7.dll, and {CORE}/bin/amdhip64_7.dll exports no such symbol"
    ]


def test_ordinals_are_symbols_too() -> None:
    assert wrong(pe(numbers=["#3", "#4"]), numbers=pe(ordinals=[(1, 3)])) == [
        f"error: imports #4 from numbers.dll, and {CORE}/bin/numbers.dll exports no such symbol"
    ]


def test_a_machine_of_another_kind() -> None:
    packages = two({"bin/hipblas.dll": pe(old=["f"])}, old=pe("f", machine=0x14C))

    assert [problem[:1] + problem[2:] for problem in problems(packages, lists())] == [
        ("rocm-sdk-core", "error", "is for x86, in a wheel for x86-64"),
        (
            "rocm-sdk-libraries",
            "error",
            f"is for x86-64 and needs old.dll, but {CORE}/bin/old.dll is for x86",
        ),
    ]


def test_a_delayed_import_that_is_missing_is_a_warning() -> None:
    assert wrong(pe(delayed={"SHELL32": ["f"], "nvcuda": ["cuInit"]})) == [f"warning: needs nvcuda.dll, {NOWHERE}"]


@pytest.mark.parametrize(
    ("library", "reason"),
    [
        ("VCRUNTIME140D", "it is Microsoft's debug runtime, which nobody may hand on; build in release mode"),
        ("MSVCP140D", "it is Microsoft's debug runtime, which nobody may hand on; build in release mode"),
        (
            "libomp140.x86_64",
            "it comes with Visual Studio, not with the redistributable; link OpenMP statically, or ship it",
        ),
        ("libgcc_s_seh-1", "it is MinGW's runtime; link with -static"),
    ],
)
def test_runtimes_that_a_release_must_not_need(library: str, reason: str) -> None:
    assert wrong(pe(**{library: ["f"]})) == [f"error: needs {library}.dll, {reason}"]


def test_a_runtime_that_a_wheel_ships_is_fine() -> None:
    assert wrong(pe(**{"libomp140.x86_64": ["f"]}), **{"libomp140.x86_64": pe("f")}) == []


@pytest.mark.parametrize(
    ("target", "reason"),
    [
        ("gone.f", f"and gone.dll is nowhere: {NOWHERE}"),
        ("amdhip64_7.hipGone", f"and {CORE}/bin/amdhip64_7.dll exports no such symbol"),
        ("hipblas.old", "which leads in a circle"),
    ],
    ids=["no DLL", "no symbol", "circle"],
)
def test_a_forwarder_that_leads_nowhere(target: str, reason: str) -> None:
    assert wrong(pe(forwards={"old": target})) == [f"error: forwards old to {target}, {reason}"]


@pytest.mark.parametrize("target", ["amdhip64_7.hipInit", "numbers.#2", "KERNEL32.Sleep", "api-ms-win-x.y"])
def test_a_forwarder_that_leads_somewhere(target: str) -> None:
    assert wrong(pe(forwards={"old": target}), numbers=pe(ordinals=[(2, 2)])) == []


def test_a_program_sees_its_own_directory_alone() -> None:
    files = {"bin/tool.exe": pe(library=False, rocblas=["f"]), "bin/rocblas.dll": pe("f", amdhip64_7=["hipInit"])}

    assert [(problem.path, problem.sentence) for problem in found(files)] == [
        (
            f"{LIBRARIES}/bin/tool.exe",
            "needs rocblas.dll, which needs amdhip64_7.dll, which is not beside it and is no known part of Windows; "
            f"Windows does not look at {CORE}/bin/amdhip64_7.dll from there",
        )
    ]


def test_microsofts_runtime_is_listed_for_the_doctor() -> None:
    core, libraries = two({"bin/hipblas.dll": pe(VCRUNTIME140=["f"], MSVCP140_ATOMIC_WAIT=["f"], KERNEL32=["f"])})

    assert runtime_needed(core, lists()) == ("msvcp140.dll",)
    assert runtime_needed(libraries, lists()) == ("msvcp140_atomic_wait.dll", "vcruntime140.dll")


@pytest.mark.slow
def test_amds_own_dlls_find_each_other_symbol_by_symbol(tmp_path: Path) -> None:
    paths = downloads.binaries(downloads.AMD, tmp_path)
    files = {f"{CORE}/bin/{path.name}": facts for path in paths if (facts := facts_of(path))}

    assert len(files) == 8
    assert problems([package("core", files)], lists()) == []


@pytest.mark.slow
def test_foreign_wheels_are_told_what_they_lack(tmp_path: Path) -> None:
    amd = {
        f"{CORE}/bin/{path.name}": facts
        for path in downloads.binaries(downloads.AMD, tmp_path / "amd")
        if (facts := facts_of(path))
    }
    consumers = {
        f"bitsandbytes/{path.name}": facts
        for path in downloads.binaries("bitsandbytes", tmp_path / "consumer")
        if "rocm714" in path.name and (facts := facts_of(path))
    }
    consumer = Package(
        name="bitsandbytes", role="", directory="bitsandbytes", requires=("rocm-sdk-core",), files=consumers
    )
    where = f"which is not in bitsandbytes or bitsandbytes/bin or {CORE}/bin and is no known part of Windows"

    told = problems([package("core", amd), consumer], lists())

    assert [problem.sentence for problem in told] == [
        f"needs {name}, {where}" for name in ("hipblas.dll", "libhipblaslt.dll", "rocblas.dll")
    ]


@pytest.mark.slow
@pytest.mark.parametrize("name", ["cmake", "clang-format", "libclang", "uv", "vapoursynth-nlm-hip"])
def test_what_foreign_programs_import_of_windows_is_known(name: str, tmp_path: Path) -> None:
    files = {str(path): facts for path in downloads.binaries(name, tmp_path) if (facts := facts_of(path))}

    told = problems([Package(name=name, role="", directory="", requires=(), files=files)], lists())

    assert [problem.sentence for problem in told] == []
