"""A small ROCm for Windows as wheels: DLLs and programs that are compiled, and facts that the build would write."""

from __future__ import annotations

import io
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from tests.support import small_rocm
from tests.support.places import SPECS
from tests.support.wheels import Wheel
from tests.support.windows import mingw
from tools.pe.facts import read_pe_facts
from tools.plan.metadata import function_name
from tools.windows.lists import read_lists
from tools.windows.order import loads_table
from tools.windows.search import Package

FAMILY = "gfx110X-all"
LIBRARIES = f"rocm-sdk-libraries-{FAMILY}"
DEVEL = f"rocm-sdk-devel-{FAMILY}"
ROOT = "_" + DEVEL.replace("-", "_")
CORE, OURS = "_rocm_sdk_core", "_" + LIBRARIES.replace("-", "_")
Files = dict[str, bytes]  # path below the platform package -> content
_VERSION = "1 VERSIONINFO FILEVERSION {}\nBEGIN\nEND\n"

HIPCC = """
#include <stdio.h>
#include <stdlib.h>
#include <windows.h>
int main(int argc, char **argv)
{
    char path[4096];
    GetModuleFileNameA(NULL, path, sizeof path);
    printf("%s", path);
    for (int n = 1; n < argc; n++)
        printf(" [%s]", argv[n]);
    printf("\\n");
    return argc > 1 && argv[1][0] == '0' ? (int)strtoul(argv[1], NULL, 16) : 0;
}
"""
RUN_TIME_LOAD = """
#include <windows.h>
__declspec(dllexport) int {name}_total(void)
{{
    HMODULE other = LoadLibraryA("{other}.dll");
    return other ? 1 + ((int (*)(void))(void *)GetProcAddress(other, "{other}_total"))() : -1000;
}}
"""


@dataclass(frozen=True)
class Rocm:
    """Paths of what was compiled."""

    core: Mapping[str, Path]  # path below the platform package -> file
    libraries: Mapping[str, Path]

    def wheels(self, **changes: Mapping[str, bytes]) -> list[Wheel]:
        """Return all wheels; ``core`` and ``libraries`` change files of theirs."""
        core = self._files("core", self.core, changes)
        libraries = self._files("libraries", self.libraries, changes)
        return [_core(core, libraries), _libraries(core, libraries), _devel(), small_rocm.meta_wheel(_facts())]

    def write(self, directory: Path, **changes: Mapping[str, bytes]) -> Path:
        """Write all wheels into a directory for installers."""
        for wheel in self.wheels(**changes):
            wheel.write(directory)
        return directory

    def _files(
        self, name: str, files: Mapping[str, Path], changes: Mapping[str, Mapping[str, bytes]]
    ) -> dict[str, bytes]:
        return {path: file.read_bytes() for path, file in files.items()} | dict(changes.get(name, {}))


def compiled(directory: Path) -> Rocm:
    """Compile everything into ``directory``."""
    comgr = _dll(directory, "amd_comgr", 1)
    kpack = _dll(directory, "rocm_kpack", 10)
    hip = _dll(directory, "amdhip64_7", 100, kpack, version="10,0,3581,0")
    hiprtc = _dll(directory, "hiprtc0714", code=RUN_TIME_LOAD.format(name="hiprtc0714", other="amd_comgr"))
    builtins = _dll(directory, "hiprtc-builtins0714", 5)
    rocblas = _dll(directory, "rocblas", 1000, hip)
    hipblas = _dll(directory, "hipblas", 10000, rocblas, hip)
    plugin = _dll(directory, "trace_plugin", 100000, hipblas)
    hipcc = mingw.program(directory / "hipcc.exe", HIPCC)
    return Rocm(
        core={
            **{f"bin/{file.name}": file for file in (comgr, kpack, hip, hiprtc, builtins)},
            "bin/hipcc.exe": hipcc,
            "lib/llvm/bin/amdclang++.exe": hipcc,
        },
        libraries={
            **{f"bin/{file.name}": file for file in (rocblas, hipblas)},
            "bin/hipdnn_plugins/engines/trace_plugin.dll": plugin,
        },
    )


def _dll(
    directory: Path, name: str, number: int = 0, *needs: Path, code: str | None = None, version: str | None = None
) -> Path:
    """Make a DLL whose ``NAME_total`` is its number and the totals of what it needs."""
    symbol = name.replace("-", "_")
    totals = [f"{need.stem.replace('-', '_')}_total" for need in needs]
    declared = "".join(f"__declspec(dllimport) int {total}(void);\n" for total in totals)
    made = f"{declared}__declspec(dllexport) int {symbol}_total(void) {{ return {number}"
    made += "".join(f" + {total}()" for total in totals) + "; }\n"
    inputs: list[Path] = [*needs]
    if version is not None:
        script, resource = directory / f"{name}.rc", directory / f"{name}.o"
        script.write_text(_VERSION.format(version), "utf-8")
        mingw.run("windres", script, resource)
        inputs.append(resource)
    return mingw.dll(directory / f"{name}.dll", code or made, *inputs, libc=code is not None)


def _core(core: Mapping[str, bytes], libraries: Mapping[str, bytes]) -> Wheel:
    scripts = {
        "hipcc": {"path": "bin/hipcc.exe", "devel": True},
        "amdclang++": {"path": "lib/llvm/bin/amdclang++.exe", "devel": True},
    }
    data = {"include/hip/hip_runtime.h": b"#define HIP 1\n", "share/hip/a.txt": b"a\n", **core}
    facts = small_rocm.package_facts("core", "generic", "rocm-sdk-core", scripts=scripts)
    return small_rocm.make_wheel(
        "rocm-sdk-core",
        dict(
            [
                *small_rocm.sources("rocm_sdk_core").items(),
                *((f"{CORE}/{path}", content) for path, content in data.items()),
                small_rocm.facts_member(facts),
                _loads("core", core, libraries),
            ]
        ),
        entry_points=tuple(f"{name} = rocm_sdk_core._cli:{function_name(name)}" for name in scripts),
    )


def _libraries(core: Mapping[str, bytes], libraries: Mapping[str, bytes]) -> Wheel:
    facts = small_rocm.package_facts("libraries", FAMILY, LIBRARIES)
    return small_rocm.make_wheel(
        LIBRARIES,
        dict(
            [
                *small_rocm.sources("rocm_sdk_libraries", LIBRARIES.replace("-", "_")).items(),
                *((f"{OURS}/{path}", content) for path, content in libraries.items()),
                small_rocm.facts_member(facts),
                _loads("libraries", core, libraries),
            ]
        ),
        requires=(f"rocm-sdk-core=={small_rocm.VERSION}",),
    )


def _devel() -> Wheel:
    rows = [
        ("bin/amdhip64_7.dll", "symlink", CORE, "bin/amdhip64_7.dll"),
        ("bin/hipblas.dll", "symlink", OURS, "bin/hipblas.dll"),
        ("bin/hipcc.exe", "real", CORE, "bin/hipcc.exe"),
        ("include/hip/hip_runtime.h", "symlink", CORE, "include/hip/hip_runtime.h"),
        ("lib/llvm/bin/amdclang++.exe", "real", CORE, "lib/llvm/bin/amdclang++.exe"),
        ("share/hip/a.txt", "symlink", CORE, "share/hip/a.txt"),
    ]
    return small_rocm.devel(FAMILY, rows=rows)


def _facts() -> dict[str, object]:
    families = {"gfx1100": {"product": "RX 7900", "families": [FAMILY], "platforms": ["win32"]}}
    requirements = {
        "libraries": {FAMILY: [f"{LIBRARIES}=={small_rocm.VERSION}"]},
        "devel": {FAMILY: [f"{DEVEL}=={small_rocm.VERSION}"]},
    }
    extras = {f"{name}-{FAMILY}".lower(): one[FAMILY] for name, one in requirements.items()}
    rows = [
        small_rocm.library(name, package, f"lib/lib{name}.so*", windows=f"bin/{name}*.dll")
        for name, package in (
            *((name, "core") for name in ("amd_comgr", "amdhip64", "rocm_kpack")),
            *((name, "libraries") for name in ("rocblas", "hipblas", "rocfft", "hipfft")),
        )
    ]
    rows.append(small_rocm.library("hiprtc", "core", "lib/libhiprtc.so*", windows="bin/hiprtc[0-9]*.dll"))
    rows.append(small_rocm.library("amd_smi", "core", "lib/libamd_smi.so*"))
    return small_rocm.build_facts(
        families=[FAMILY], targets=families, extras=extras, chosen_extras=requirements, libraries=rows
    )


def _loads(role: str, core: Mapping[str, bytes], libraries: Mapping[str, bytes]) -> tuple[str, bytes]:
    """Return the table that the build writes for the runtime."""
    packages = {
        "core": _package("core", "rocm-sdk-core", CORE, core),
        "libraries": _package("libraries", LIBRARIES, OURS, libraries, "rocm-sdk-core"),
    }
    name, content = loads_table(packages[role], packages.values(), read_lists(SPECS / "windows"))
    return name, content.encode()


def _package(role: str, name: str, directory: str, files: Mapping[str, bytes], *requires: str) -> Package:
    facts = {
        f"{directory}/{path}": found
        for path, content in files.items()
        if (found := read_pe_facts(io.BytesIO(content), len(content)))
    }
    return Package(name=name, role=role, directory=directory, requires=requires, files=facts)
