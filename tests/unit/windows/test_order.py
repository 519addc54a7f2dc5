"""The order DLLs are loaded in."""

from __future__ import annotations

import json
import random

from tests.support.pe_facts import CORE, LIBRARIES, lists, package, pe, two
from tools.pe.model import PeFacts
from tools.windows.lists import Lists, Load
from tools.windows.order import load_order, load_problems, loads_table

BUILTINS, COMGR, HIP, HIPRTC, KPACK = (
    f"{CORE}/bin/{name}.dll" for name in ("hiprtc-builtins0714", "amd_comgr", "amdhip64_7", "hiprtc0714", "rocm_kpack")
)


def libraries() -> dict[str, PeFacts]:
    return {
        "bin/rocblas.dll": pe("f", amdhip64_7=["hipInit"]),
        "bin/hipblas.dll": pe("g", rocblas=["f"]),
        "bin/MIOpen.dll": pe("h", rocblas=["f"], delayed={"hipblas": ["g"]}),
        "bin/hipdnn_plugins/engines/miopen_plugin.dll": pe(MIOpen=["h"]),
    }


def test_imports_delayed_imports_and_loads_at_run_time_come_first() -> None:
    blas = [f"{LIBRARIES}/bin/{name}.dll" for name in ("rocblas", "hipblas", "MIOpen")]

    assert load_order(two(libraries()), lists()) == {
        HIP: (COMGR, KPACK),
        HIPRTC: (COMGR, BUILTINS),
        blas[0]: (COMGR, KPACK, HIP),
        blas[1]: (COMGR, KPACK, HIP, blas[0]),
        blas[2]: (COMGR, BUILTINS, HIPRTC, KPACK, HIP, blas[0], blas[1]),
        f"{LIBRARIES}/bin/hipdnn_plugins/engines/miopen_plugin.dll": (
            *(COMGR, BUILTINS, HIPRTC, KPACK, HIP),
            *blas,
        ),
    }


def test_each_wheel_gets_the_rows_of_its_own_dlls_and_microsofts_runtime() -> None:
    core, others = two({"bin/rocblas.dll": pe("f", amdhip64_7=["hipInit"], VCRUNTIME140=["memcpy"])})

    path, text = loads_table(others, [core, others], lists())

    assert path == f"{LIBRARIES}/rocm_sdk_libraries.loads.json"
    assert json.loads(text) == {
        "before": {f"{LIBRARIES}/bin/rocblas.dll": [COMGR, KPACK, HIP]},
        "runtime": ["vcruntime140.dll"],
    }


def test_a_program_is_nobodys_to_load() -> None:
    files = {f"{CORE}/bin/hipInfo.exe": pe(library=False, amdhip64_7=["hipInit"]), HIP: pe("hipInit")}

    assert load_order([package("core", files)], Lists()) == {}


def test_dlls_that_need_each_other_end() -> None:
    one, two_ = f"{CORE}/bin/one.dll", f"{CORE}/bin/two.dll"
    files = {one: pe("f", two=["g"]), two_: pe("g", one=["f"])}

    assert load_order([package("core", files)], Lists()) == {one: (two_,), two_: (one,)}


def test_a_forwarder_needs_what_it_leads_to() -> None:
    new, old = f"{CORE}/bin/new.dll", f"{CORE}/bin/old.dll"

    assert load_order([package("core", {old: pe(forwards={"f": "new.f"}), new: pe("f")})], Lists()) == {old: (new,)}


def test_any_order_of_files_and_packages_gives_the_same() -> None:
    packages, expected = two(libraries()), load_order(two(libraries()), lists())
    generator = random.Random(18)
    for _ in range(20):
        generator.shuffle(packages)
        shuffled = []
        for one in packages:
            files = list(one.files.items())
            generator.shuffle(files)
            shuffled.append(package(one.role, dict(files), *one.requires))
        assert load_order(shuffled, lists()) == expected


def test_a_right_table_has_no_problems() -> None:
    assert load_problems(two(libraries()), lists()) == []


def test_a_row_whose_dll_does_not_exist_is_told() -> None:
    table = Lists(loads=(Load("core:bin/hiprtc*.dll", "core:bin/amd_comgr0*.dll", "compiles"),))

    assert [(problem.path, problem.severity, problem.sentence) for problem in load_problems(two({}), table)] == [
        (
            path,
            "error",
            "loads core:bin/amd_comgr0*.dll at run time, as runtime_loads.toml says (compiles), and no DLL is that",
        )
        for path in (BUILTINS, HIPRTC)
    ]


def test_a_row_that_fits_several_dlls_is_told() -> None:
    table = Lists(loads=(Load("core:bin/amdhip64*.dll", "core:bin/hiprtc*.dll", "compiles"),))

    assert [problem.sentence for problem in load_problems(two({}), table)] == [
        "loads core:bin/hiprtc*.dll at run time, as runtime_loads.toml says (compiles), and 2 DLLs are that"
    ]


def test_a_row_of_nobody_is_told() -> None:
    table = Lists(loads=(Load("core:bin/libhiprtc*.dll", "core:bin/amd_comgr*.dll", "compiles"),))

    assert [(problem.severity, problem.sentence) for problem in load_problems(two({}), table)] == [
        (
            "warning",
            "runtime_loads.toml tells what core:bin/libhiprtc*.dll loads, and there is no such DLL; build its "
            "artifact, too, or correct the row",
        )
    ]


def test_a_dll_of_a_package_that_is_not_required_is_not_taken() -> None:
    packages = [
        package("core", {HIPRTC: pe()}),
        package("libraries", {f"{LIBRARIES}/bin/amd_comgr.dll": pe()}, "rocm-sdk-core"),
    ]
    table = Lists(loads=(Load("core:bin/hiprtc*.dll", "libraries:bin/amd_comgr*.dll", "compiles"),))

    assert [problem.sentence for problem in load_problems(packages, table)] == [
        "loads libraries:bin/amd_comgr*.dll at run time, as runtime_loads.toml says (compiles), and no DLL is that"
    ]
