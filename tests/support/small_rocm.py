"""A small ROCm as wheels: real files, compiled libraries, and the facts that the build would write."""

from __future__ import annotations

import hashlib
import json
import os
import shlex
import shutil
import subprocess
import sys
import tarfile
import tempfile
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from tests.support import compiler
from tests.support.places import SPECS
from tests.support.wheels import Wheel
from tools.plan.meta import facts_text
from tools.plan.metadata import function_name
from tools.plan.wheel import PLATFORM_MODULE

RUNTIME = SPECS / "runtime"
VERSION = "10.1.0"
FAMILIES = ("gfx120X-all", "gfx94X-dcgpu")
FAMILY = "gfx94X-dcgpu"
SCRIPT = '#!/bin/sh\necho "$0" "$@"\n'
SHOW_REALPATH = '#!/bin/sh\necho "$(realpath "$0")" "$@"\n'

Row = tuple[str, str, str, str]


def make_wheel(distribution: str, files: Mapping[str, bytes], *, version: str = VERSION, **more: Any) -> Wheel:
    """Return a wheel whose package facts have the digest of everything in it, as the build writes them."""
    digest = hashlib.sha256(repr(sorted(files.items())).encode()).hexdigest()
    facts = {
        path: json.dumps(json.loads(content) | {"content": digest}).encode()
        for path, content in files.items()
        if path.endswith(".package.json")
    }
    return Wheel(distribution=distribution, version=version, files={**files, **facts}, **more)


def package_facts(package: str, family: str, distribution: str, *, version: str = VERSION, **more: object) -> dict:
    """What the build writes as ``package.json``."""
    platform_package = "_" + distribution.replace("-", "_")
    return {
        "package": package,
        "family": family,
        "distribution": distribution,
        "version": version,
        "platform_package": platform_package,
        "scripts": {},
    } | more


def facts_member(facts: Mapping[str, object]) -> tuple[str, bytes]:
    """The wheel member for package facts."""
    import_name = str(facts["distribution"]).replace("-", "_")
    return f"{facts['platform_package']}/{import_name}.package.json", json.dumps(facts).encode()


def sources(name: str, import_name: str | None = None) -> dict[str, bytes]:
    """The pure-Python members of a package, from the sources that are installed."""
    modules = {
        f"{import_name or name}/{file.relative_to(RUNTIME / name).as_posix()}": file.read_bytes()
        for file in sorted((RUNTIME / name).rglob("*.py"))
    }
    return modules | {f"_{import_name or name}/__init__.py": PLATFORM_MODULE.encode()}


def core(*, version: str = VERSION, extra: Mapping[str, bytes] | None = None, library: bytes = b"") -> Wheel:
    """rocm-sdk-core: a few tools, a library, some data."""
    scripts = {
        "hipcc": {"path": "bin/hipcc", "devel": True},
        "amdclang++": {"path": "lib/llvm/bin/amdclang++", "devel": True},
        "rocminfo": {"path": "bin/rocminfo", "devel": False},
    }
    root = "_rocm_sdk_core"
    programs = {
        f"{root}/bin/hipcc": SHOW_REALPATH.encode(),
        f"{root}/bin/rocminfo": SCRIPT.encode(),
        f"{root}/lib/llvm/bin/amdclang++": SCRIPT.encode(),
    }
    data = {
        f"{root}/include/hip/hip_runtime.h": b"#define HIP 1\n",
        f"{root}/lib/libamdhip64.so.7": library or b"not ELF, but enough for links",
        f"{root}/share/hip/a.txt": b"a\n",
        f"{root}/share/hip/b.txt": b"b\n",
    }
    facts = package_facts("core", "generic", "rocm-sdk-core", version=version, scripts=scripts)
    return make_wheel(
        "rocm-sdk-core",
        version=version,
        files=dict([*sources("rocm_sdk_core").items(), *programs.items(), *data.items(), facts_member(facts)])
        | dict(extra or {}),
        programs=frozenset(programs),
        entry_points=tuple(f"{name} = rocm_sdk_core._cli:{function_name(name)}" for name in scripts),
    )


def libraries(family: str, *, version: str = VERSION, library: bytes = b"") -> Wheel:
    """rocm-sdk-libraries-FAMILY."""
    distribution = f"rocm-sdk-libraries-{family}"
    import_name = distribution.replace("-", "_")
    facts = package_facts("libraries", family, distribution, version=version)
    return make_wheel(
        distribution,
        version=version,
        files=dict(
            [
                *sources("rocm_sdk_libraries", import_name).items(),
                (f"_{import_name}/lib/libhipblas.so.3", library or b"hipblas " + family.encode()),
                facts_member(facts),
            ]
        ),
        requires=(f"rocm-sdk-core=={version}",),
    )


def devel(family: str, *, version: str = VERSION, rows: Sequence[Row] | None = None) -> Wheel:
    """rocm-sdk-devel-FAMILY with its link table."""
    distribution = f"rocm-sdk-devel-{family}"
    import_name = distribution.replace("-", "_")
    facts = package_facts("devel", family, distribution, version=version)
    links = {"root": f"_{import_name}", "links": sorted(rows if rows is not None else devel_rows(family))}
    return make_wheel(
        distribution,
        version=version,
        files=dict(
            [
                *sources("rocm_sdk_devel", import_name).items(),
                (f"_{import_name}/include/hipblas/hipblas.h", b"#define HIPBLAS 1\n"),
                (f"_{import_name}/{import_name}.links.json", json.dumps(links).encode()),
                facts_member(facts),
            ]
        ),
        requires=(f"rocm-sdk-core=={version}", f"rocm-sdk-libraries-{family}=={version}"),
    )


def devel_root(family: str) -> str:
    return "_rocm_sdk_devel_" + family.replace("-", "_")


def devel_rows(family: str) -> list[Row]:
    """A link of each kind: a program, a header, libraries, an alias beside one, a folded directory, lib64."""
    root, own = devel_root(family), "_rocm_sdk_libraries_" + family.replace("-", "_")
    return [
        ("bin/hipcc", "real", "_rocm_sdk_core", "bin/hipcc"),
        ("bin/rocminfo", "real", "_rocm_sdk_core", "bin/rocminfo"),
        ("include/hip/hip_runtime.h", "symlink", "_rocm_sdk_core", "include/hip/hip_runtime.h"),
        ("lib/libamdhip64.so", "symlink", root, "lib/libamdhip64.so.7"),
        ("lib/libamdhip64.so.7", "symlink", "_rocm_sdk_core", "lib/libamdhip64.so.7"),
        ("lib/libhipblas.so", "symlink", root, "lib/libhipblas.so.3"),
        ("lib/libhipblas.so.3", "symlink", own, "lib/libhipblas.so.3"),
        ("lib/llvm/bin/amdclang++", "real", "_rocm_sdk_core", "lib/llvm/bin/amdclang++"),
        ("lib64", "symlink", root, "lib"),
        ("share/hip", "symlink", "_rocm_sdk_core", "share/hip"),
    ]


def build_facts(**changes: object) -> dict:
    """What the build writes as facts of the rocm sdist."""
    pins = dict.fromkeys(FAMILIES, f"=={VERSION}")
    per_family = {
        package: {family: [f"rocm-sdk-{package}-{family}{pin}"] for family, pin in pins.items()}
        for package in ("libraries", "devel")
    }
    return {
        "version": VERSION,
        "layout": "per-family",
        "requires_python": ">=3.10",
        "default_family": None,
        "families": list(FAMILIES),
        "targets": {
            "gfx1100": {
                "product": "RX 7900",
                "families": ["dgpu-all", "gfx110X-all"],
                "platforms": ["linux"],
            },
            "gfx1200": {
                "product": "RX 9060",
                "families": ["dgpu-all", "gfx120X-all"],
                "platforms": ["linux"],
            },
            "gfx1201": {
                "product": "RX 9070",
                "families": ["dgpu-all", "gfx120X-all"],
                "platforms": ["linux"],
            },
            "gfx942": {
                "product": "MI300X",
                "families": ["dcgpu-all", "gfx94X-dcgpu"],
                "platforms": ["linux"],
            },
        },
        "packages": {
            "core": {"distribution": "rocm-sdk-core", "platform_package": "_rocm_sdk_core", "per": "generic"},
            "libraries": {
                "distribution": "rocm-sdk-libraries-{family}",
                "platform_package": "_rocm_sdk_libraries_{family}",
                "per": "family",
            },
            "devel": {
                "distribution": "rocm-sdk-devel-{family}",
                "platform_package": "_rocm_sdk_devel_{family}",
                "per": "family",
            },
        },
        "libraries": [
            library("amdhip64", "core", "lib/libamdhip64.so*", windows="bin/amdhip64*.dll"),
            library("amd_smi", "core", "lib/libamd_smi.so*"),
            library("hipblas", "libraries", "lib/libhipblas.so*", windows="bin/*hipblas*.dll"),
            library("rocdxg", "core", "lib/librocdxg*.so*", optional=True),
        ],
        "requires": [f"rocm-sdk-core=={VERSION}"],
        "extras": {
            f"{package}-{family.lower()}": requirements
            for package, by_family in per_family.items()
            for family, requirements in by_family.items()
        },
        "chosen_extras": per_family,
    } | changes


def library(name: str, package: str, linux: str, *, windows: str | None = None, optional: bool = False) -> dict:
    return {"name": name, "package": package, "linux": linux, "windows": windows, "optional": optional}


PACKAGE_INFO = f"""Metadata-Version: 2.2
Name: rocm
Version: {VERSION}
Summary: ROCm for Python
License-Expression: MIT
License-File: LICENSE
Requires-Python: >=3.10
Dynamic: Requires-Dist
Dynamic: Provides-Extra
Description-Content-Type: text/markdown

# rocm

Requires-Dist: this is text, not a header
"""


def sdist_tree(directory: Path, facts: Mapping[str, object] | None = None) -> Path:
    """Write what the sdist holds, unpacked."""
    shutil.copytree(RUNTIME / "rocm", directory, ignore=shutil.ignore_patterns("__pycache__"))
    (directory / "rocm_sdk" / "_build_facts.py").write_text(facts_text(facts or build_facts()), "utf-8")
    (directory / "PKG-INFO").write_text(PACKAGE_INFO, "utf-8")
    (directory / "LICENSE").write_text("MIT\n", "utf-8")
    return directory


def meta_wheel(facts: Mapping[str, object] | None = None) -> Wheel:
    """The rocm package as it is after the backend built it, without building."""
    files = {
        file.relative_to(RUNTIME / "rocm").as_posix(): file.read_bytes()
        for file in sorted((RUNTIME / "rocm" / "rocm_sdk").rglob("*.py"))
    }
    build = facts or build_facts()
    files["rocm_sdk/_build_facts.py"] = facts_text(build).encode()
    script = "rocm-sdk = rocm_sdk.__main__:main"
    return make_wheel("rocm", files, version=str(build["version"]), entry_points=(script,))


def write_dist(dist: Path, *wheels: Wheel) -> Path:
    """Write these wheels and the sdist into a flat directory, as the build makes it, and return the directory."""
    for wheel in wheels:
        wheel.write(dist)
    with tempfile.TemporaryDirectory() as scratch, tarfile.open(dist / f"rocm-{VERSION}.tar.gz", "w:gz") as archive:
        archive.add(sdist_tree(Path(scratch, "rocm")), f"rocm-{VERSION}")
    return dist


def real_libraries(directory: Path) -> dict[str, bytes]:
    """Compile two libraries in ``directory``; the second needs the first, as libraries need core."""
    hip = "int constructed; __attribute__((constructor)) void c(void) { constructed++; } int hip(void) { return 7; }"
    first = compile_library(directory / "libamdhip64.so.7", "libamdhip64.so.7", hip)
    rpath = "-Wl,--disable-new-dtags,-rpath,$ORIGIN/../../_rocm_sdk_core/lib"
    second = compile_library(
        directory / "libhipblas.so.3",
        "libhipblas.so.3",
        "int hip(void); int blas(void) { return hip(); }",
        str(directory / "libamdhip64.so.7"),
        rpath,
    )
    return {"amdhip64": first, "hipblas": second}


def compile_library(target: Path, soname: str, code: str, *arguments: str) -> bytes:
    """Compile a real shared library and return its bytes."""
    return compiler.compile_library(target, code, f"-Wl,-soname,{soname}", *arguments).read_bytes()


def environment(path: Path, **variables: str) -> dict[str, str]:
    """Variables for a process that imports from ``path``, sees nothing of ours, and no GPU that is not given."""
    if "ROCM_BOOTSTRAP_FORCE_GFX_ARCH" not in variables:
        variables = {"ROCM_BOOTSTRAP_DISABLE_DETECTION": "1", **variables}
    return {
        "PATH": os.environ["PATH"],
        "PYTHONPATH": str(path),
        "PYTHONDONTWRITEBYTECODE": "1",
    } | variables


def compile_program(target: Path, source: Path, *arguments: object) -> None:
    """Compile a real program in the place of ``target``."""
    compiler.compile_code(target, source.read_text("utf-8"), *map(str, arguments))


def remove(site: Path, platform_package: str) -> None:
    """Remove a package as an uninstaller does: its directory, and what lists it as installed."""
    shutil.rmtree(site / platform_package)
    for directory in site.glob(f"{platform_package[1:].lower()}-*.dist-info"):
        shutil.rmtree(directory)


SOURCE = ", with the --index-url or --find-links that you installed from"  # how ours end what pip is to do


def pip(site: Path) -> str:
    """The beginning of a command that installs into ``site``, where no installer looks by itself."""
    return f"pip install --target {shlex.quote(str(site))} --upgrade"


def run_python(
    site: Path, *arguments: str, python: str = sys.executable, **variables: str
) -> subprocess.CompletedProcess[str]:
    """Run Python with ``site`` first on its path."""
    return subprocess.run(
        [python, *arguments],
        capture_output=True,
        text=True,
        check=False,
        env=environment(site, **variables),
        timeout=120,
    )


def run_shell(site: Path, command: str, **variables: str) -> subprocess.CompletedProcess[str]:
    """Run a command as it was printed, by a shell that imports from ``site``."""
    run = {"env": environment(site, **variables), "capture_output": True, "text": True, "timeout": 300}
    return subprocess.run(["bash", "-c", command], check=False, **run)  # type: ignore[call-overload]
