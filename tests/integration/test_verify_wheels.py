"""What wheels say of themselves and are to each other, broken in one place each."""

from __future__ import annotations

import io
import json
import shutil
import tarfile
from pathlib import Path

import pytest

from tests.support.broken_dist import (
    CORE,
    DEVEL,
    LIBRARIES,
    PROFILER,
    SDIST,
    VERSION,
    Wheel,
    with_rpath,
)
from tests.support.places import ROOT
from tests.support.wheels import Member
from tools.elf.image import DT_RPATH, DT_RUNPATH, ENTRY, read_image

SPECS = ROOT / "packaging_specs"
HIP = "_rocm_sdk_core/lib/libamdhip64.so.7"
HSA = "_rocm_sdk_core/lib/libhsa-runtime64.so.1"
BLAS = "_rocm_sdk_libraries_gfx94X_dcgpu/lib/librocblas.so.5"
STRAY = "names: lies outside the wheel's own directories"
CLOSED = "needs a library that no wheel has for its machine and that is no known system library"
ASIDE = "needs a library that no RPATH of its leads to: it lies in"
LIBRARIES_FACTS = "_rocm_sdk_libraries_gfx94X_dcgpu/rocm_sdk_libraries_gfx94X_dcgpu.package.json"


def metadata(old: bytes, new: bytes):
    return lambda wheel: wheel.replace(wheel.path("METADATA"), old, new)


def remove(path: str):
    return lambda wheel: wheel.members.pop(path)


def add(path: str, content: bytes = b"", mode: int = 0o100644):
    return lambda wheel: wheel.members.update({path: Member(content, mode)})


# Names, tags, metadata


@pytest.mark.parametrize(
    ("wheel", "change", "problem"),
    [
        pytest.param(
            CORE,
            metadata(b"Name: rocm-sdk-core", b"Name: rocm-sdk-other"),
            "metadata: METADATA: is of rocm-sdk-other 1.0, the file name is not",
            id="another name",
        ),
        pytest.param(
            CORE,
            metadata(b"Version: 1.0", b"Version: 1.1"),
            "metadata: METADATA: is of rocm-sdk-core 1.1, the file name is not",
            id="another version",
        ),
        pytest.param(
            CORE,
            metadata(b"License-Expression: MIT", b"License-Expression: NOT-A-LICENSE"),
            "metadata: METADATA: 'NOT-A-LICENSE AND NCSA AND Apache-2.0 WITH LLVM-exception' is invalid for "
            "'license-expression'",
            id="unknown licence",
        ),
        pytest.param(
            CORE,
            lambda wheel: wheel.members.pop(wheel.path("licenses/base/share/doc/half/LICENSE.txt")),
            "metadata: METADATA: names a licence file that is not there: base/share/doc/half/LICENSE.txt",
            id="licence file gone",
        ),
        pytest.param(
            CORE,
            lambda wheel: wheel.replace(wheel.path("WHEEL"), b"linux_x86_64", b"linux_aarch64"),
            "metadata: WHEEL: has other tags than the file name: py3-none-linux_aarch64",
            id="another tag",
        ),
        pytest.param(
            CORE,
            lambda wheel: wheel.replace(wheel.path("WHEEL"), b"Purelib: false", b"Purelib: true"),
            "metadata: WHEEL: Root-Is-Purelib must be false; it is true",
            id="pure",
        ),
        pytest.param(
            CORE,
            lambda wheel: wheel.replace(wheel.path("WHEEL"), b"Wheel-Version: 1.0", b"Wheel-Version: 2.0"),
            "metadata: WHEEL: Wheel-Version must be 1.0",
            id="format",
        ),
        pytest.param(
            CORE,
            lambda wheel: wheel.members.pop(wheel.path("WHEEL")),
            "metadata: has no rocm_sdk_core-1.0.dist-info/WHEEL",
            id="no WHEEL",
        ),
        pytest.param(
            CORE,
            add("other-1.0.dist-info/METADATA"),
            "names: must have the metadata directory rocm_sdk_core-1.0.dist-info and no other; it has "
            "other-1.0.dist-info, rocm_sdk_core-1.0.dist-info",
            id="two metadata directories",
        ),
        pytest.param(
            LIBRARIES,
            metadata(b"rocm-sdk-core==1.0", b"rocm-sdk-core==1.1"),
            "requirements: must be pinned to 1.0 exactly: rocm-sdk-core==1.1",
            id="wrong pin",
        ),
        pytest.param(
            LIBRARIES,
            metadata(b"rocm-sdk-core==1.0", b"rocm-sdk-core>=1.0"),
            "requirements: must be pinned to 1.0 exactly: rocm-sdk-core>=1.0",
            id="loose pin",
        ),
        pytest.param(
            LIBRARIES,
            metadata(b"Requires-Dist:", b"Requires-Dist: numpy>=2\nRequires-Dist:"),
            "requirements: is not met: the dist has no such distribution: numpy>=2",
            id="foreign requirement",
        ),
        pytest.param(
            CORE,
            lambda wheel: wheel.replace("_rocm_sdk_core/rocm_sdk_core.package.json", b'"1.0"', b'"1.1"'),
            "facts: is of rocm-sdk-core 1.1: _rocm_sdk_core/rocm_sdk_core.package.json",
            id="facts of another version",
        ),
        pytest.param(
            LIBRARIES,
            lambda wheel: wheel.replace(LIBRARIES_FACTS, b'"family"', b'"famly"'),
            f"facts: cannot be read (Object missing required field `family`): {LIBRARIES_FACTS}",
            id="facts without a family",
        ),
    ],
)
def test_what_a_wheel_says_of_itself(dist, wheel, change, problem):
    dist.change(wheel, change)

    assert f"{wheel}: error: {problem}" in dist.problems()


def test_a_file_name_in_another_form(dist):
    dist.file(PROFILER).rename(dist.file("ROCm_Profiler-1.0-py3-none-linux_x86_64.whl"))
    dist.publish()

    assert dist.problems() == [
        "ROCm_Profiler-1.0-py3-none-linux_x86_64.whl: error: names: must have the metadata directory "
        "ROCm_Profiler-1.0.dist-info and no other; it has rocm_profiler-1.0.dist-info",
    ]


def test_no_facts(dist):
    dist.change(PROFILER, remove("_rocm_profiler/rocm_profiler.package.json"))

    assert dist.problems() == [f"{PROFILER}: error: facts: has no package.json that can be read"]


SBOM = "rocm_profiler-1.0.dist-info/sboms/rocm-profiler.cdx.json"


@pytest.mark.parametrize(
    ("change", "problem"),
    [
        (remove(SBOM), "has no document in rocm_profiler-1.0.dist-info/sboms/"),
        (
            lambda wheel: wheel.replace(SBOM, b'"CycloneDX"', b'"SPDX"'),
            f"is a SPDX document of rocm-profiler 1.0: {SBOM}",
        ),
        (
            lambda wheel: wheel.replace(SBOM, b'"name":"rocm-profiler"', b'"name":"rocm-sdk-core"'),
            f"is a CycloneDX document of rocm-sdk-core 1.0: {SBOM}",
        ),
        (
            lambda wheel: wheel.replace(SBOM, b'"bomFormat"', b'"bonFormat"'),
            f"cannot be read (Object missing required field `bomFormat`): {SBOM}",
        ),
    ],
)
def test_an_sbom_of_something_else(dist, change, problem):
    dist.change(PROFILER, change)

    assert dist.problems() == [f"{PROFILER}: error: sbom: {problem}"]


# Requirements and extras


def test_an_extra_without_a_wheel(dist):
    dist.file(PROFILER).unlink()
    dist.publish()

    assert dist.problems() == [
        f"{SDIST}: error: requirements: is not met: the dist has no such distribution: "
        "rocm-profiler==1.0 (extra profiler)",
    ]


def test_a_wheel_of_another_version(dist):
    other = PROFILER.replace(VERSION, "1.1")

    def as_other(wheel: Wheel) -> None:
        before = wheel.dist_info
        wheel.dist_info = "rocm_profiler-1.1.dist-info"
        wheel.members = {path.replace(before, wheel.dist_info): member for path, member in wheel.members.items()}
        wheel.members.pop(wheel.path("RECORD"))
        wheel.replace(wheel.path("METADATA"), b"Version: 1.0", b"Version: 1.1")
        wheel.replace(wheel.path("METADATA"), b"core==1.0", b"core==1.1")
        wheel.replace("_rocm_profiler/rocm_profiler.package.json", b'"1.0"', b'"1.1"')
        wheel.replace(wheel.path("sboms/rocm-profiler.cdx.json"), b'"1.0"', b'"1.1"')

    dist.file(PROFILER).rename(dist.file(other))
    dist.change(other, as_other)

    problems = dist.problems()
    assert f"{other}: error: requirements: is not met: the dist has 1.0: rocm-sdk-core==1.1" in problems
    assert (
        f"{SDIST}: error: requirements: is not met: the dist has 1.1: rocm-profiler==1.0 (extra profiler)" in problems
    )


def test_a_wheel_that_no_extra_brings(dist):
    spare = "rocm_sdk_libraries_gfx950_dcgpu-1.0-py3-none-linux_x86_64.whl"

    def as_spare(wheel: Wheel) -> None:
        info = "rocm_sdk_libraries_gfx950_dcgpu-1.0.dist-info"
        texts = {wheel.path(name): wheel.members[wheel.path(name)] for name in ("METADATA", "WHEEL")}
        [sbom] = [member for path, member in wheel.members.items() if "/sboms/" in path]
        sbom.content = sbom.content.replace(b"libraries-gfx94X", b"libraries-gfx950")
        facts = Member(wheel.members[LIBRARIES_FACTS].content.replace(b"gfx94X", b"gfx950"))
        wheel.members = {path.replace(wheel.dist_info, info): member for path, member in texts.items()}
        wheel.members[LIBRARIES_FACTS.replace("gfx94X", "gfx950")] = facts
        wheel.members[f"{info}/sboms/spare.cdx.json"] = sbom
        wheel.dist_info = info
        text = wheel.members[wheel.path("METADATA")].content.decode().replace("gfx94X", "gfx950")
        lines = [line for line in text.splitlines() if not line.startswith("License-File")]
        wheel.members[wheel.path("METADATA")].content = "\n".join(lines).encode()

    shutil.copy(dist.file(LIBRARIES), dist.file(spare))
    dist.change(spare, as_spare)

    assert dist.problems() == [f"{spare}: warning: requirements: no extra of rocm installs it"]


def test_an_sdist_without_a_backend(dist):
    def without(content: bytes) -> bytes:
        result = io.BytesIO()
        with (
            tarfile.open(fileobj=io.BytesIO(content)) as before,
            tarfile.open(fileobj=result, mode="w:gz") as after,
        ):
            for member in before:
                if not member.name.endswith("/pyproject.toml"):
                    after.addfile(member, before.extractfile(member))
        return result.getvalue()

    dist.edit(SDIST, without)
    dist.publish()

    assert dist.problems() == [f"{SDIST}: error: metadata: has no pyproject.toml"]


def test_no_sdist(dist):
    dist.file(SDIST).unlink()
    dist.publish()

    assert dist.problems() == ["*.tar.gz: error: facts: there is no sdist with the extras that people install"]


@pytest.mark.parametrize(
    ("change", "problem"),
    [
        (lambda content: content[:-9], "archive: cannot be unpacked: it ends too early"),
        (lambda content: content + b"\0", "archive: cannot be unpacked: it has bytes behind its end"),
    ],
)
def test_a_damaged_sdist(dist, change, problem):
    dist.edit(SDIST, change)
    dist.publish()

    assert f"{SDIST}: error: {problem}" in dist.problems()


# Installed together


def test_a_path_in_two_wheels(dist):
    path = "_rocm_sdk_core/include/hip/hip_runtime.h"
    dist.change(LIBRARIES, add(path, b"other"))

    assert dist.problems() == [
        f"{LIBRARIES}: error: {STRAY}: {path}",
        f"{LIBRARIES}: error: together: {CORE} has it, too, and both can be installed together: {path}",
    ]


def test_a_file_that_is_a_directory_elsewhere(dist):
    dist.change(LIBRARIES, add("_rocm_sdk_core/include/hip", b"other"))

    assert dist.problems() == [
        f"{LIBRARIES}: error: {STRAY}: _rocm_sdk_core/include/hip",
        f"{LIBRARIES}: error: together: is a directory in {CORE}: _rocm_sdk_core/include/hip",
    ]


def test_a_file_that_is_a_directory_in_the_same_wheel(dist):
    path = "_rocm_sdk_core/include/hip/hip_runtime.h"
    dist.change(CORE, add(f"{path}/more.h", b"other"))

    assert dist.problems() == [f"{CORE}: error: archive: is a file and a directory: {path}"]


@pytest.mark.parametrize(
    "path",
    [
        "start.pth",
        "sitecustomize.py",
        "README",
        "pip/__init__.py",
        "rocm_sdk_core-1.0.data/scripts/hipcc",
        "_rocm_sdk_libraries_gfx94X_dcgpu/lib/more.txt",
    ],
)
def test_a_file_outside_the_wheel_s_own_directories(dist, path):
    dist.change(CORE, add(path, b"other"))

    assert dist.problems() == [f"{CORE}: error: {STRAY}: {path}"]


def with_links(change):
    """Return a change of devel's link table."""

    def edit(wheel: Wheel) -> None:
        [path] = [path for path in wheel.members if path.endswith(".links.json")]
        table = json.loads(wheel.members[path].content)
        change(table["links"])
        wheel.members[path].content = json.dumps(table).encode()

    return edit


@pytest.mark.parametrize(
    ("row", "problem"),
    [
        pytest.param(
            ["lib/x", "symlink", "_rocm_sdk_core", "lib/libnone.so"],
            "leads to nothing in the wheels that it requires: "
            "_rocm_sdk_devel_gfx94X_dcgpu/lib/x -> _rocm_sdk_core/lib/libnone.so",
            id="nothing there",
        ),
        pytest.param(
            ["lib/x", "symlink", "_rocm_profiler", "bin/rocprof-compute"],
            "leads to nothing in the wheels that it requires: "
            "_rocm_sdk_devel_gfx94X_dcgpu/lib/x -> _rocm_profiler/bin/rocprof-compute",
            id="not required",
        ),
        pytest.param(
            ["include/rocblas/rocblas.h", "symlink", "_rocm_sdk_core", "bin/hipcc"],
            "a row of its link table would replace a file: _rocm_sdk_devel_gfx94X_dcgpu/include/rocblas/rocblas.h",
            id="over a file",
        ),
        pytest.param(
            [".info/x", "symlink", "_rocm_sdk_core", "bin/hipcc"],
            "lies below another link, and would be made where that leads: _rocm_sdk_devel_gfx94X_dcgpu/.info/x",
            id="below a link",
        ),
        pytest.param(["lib/x", "junction", "_rocm_sdk_core", "bin/hipcc"], "is of an unknown kind, 'junction': lib/x"),
        pytest.param(["bin/hipcc", "real", "_rocm_sdk_core", "bin/hipcc"], "is there twice: bin/hipcc"),
    ],
)
def test_a_wrong_link(dist, row, problem):
    dist.change(DEVEL, with_links(lambda links: links.append(row)))

    assert dist.problems() == [f"{DEVEL}: error: links: {problem}"]


def test_a_link_that_escapes(dist):
    row = ["../../evil", "symlink", "_rocm_sdk_core", "bin/hipcc"]
    dist.change(DEVEL, with_links(lambda links: links.append(row)))

    assert dist.problems() == [
        f"{DEVEL}: error: links: leads out of its place: '_rocm_sdk_devel_gfx94X_dcgpu/../../evil'"
    ]


# Console scripts


@pytest.mark.parametrize(
    ("change", "problem"),
    [
        pytest.param(
            remove("_rocm_sdk_core/bin/hipcc"),
            "starts a program that the wheel does not have: hipcc (bin/hipcc)",
            id="no program",
        ),
        pytest.param(
            lambda wheel: setattr(wheel.members["_rocm_sdk_core/bin/hipcc"], "mode", 0o100644),
            "starts a file that is not executable: hipcc (bin/hipcc)",
            id="no exec bit",
        ),
        pytest.param(
            lambda wheel: wheel.replace(wheel.path("entry_points.txt"), b"hipcc = ", b"hipcd = "),
            "is in entry_points.txt but not in package.json: hipcd",
            id="renamed",
        ),
        pytest.param(
            lambda wheel: wheel.replace(
                wheel.path("entry_points.txt"), b"hipcc = rocm_sdk_core._cli:hipcc", b"hipcc = os:x"
            ),
            "calls a function that the wheel does not have: hipcc = os:x",
            id="no function",
        ),
    ],
)
def test_a_console_script_that_cannot_start(dist, change, problem):
    dist.change(CORE, change)

    assert f"{CORE}: error: scripts: {problem}" in dist.problems()


def test_a_function_that_was_renamed(dist):
    def rename(wheel: Wheel) -> None:
        wheel.replace("rocm_profiler/_cli.py", b"def __getattr__(", b"def start(")
        only = b"[console_scripts]\nrocprof-compute = rocm_profiler._cli:rocprof_compute\n"
        wheel.members[wheel.path("entry_points.txt")].content = only

    dist.change(PROFILER, rename)

    assert (
        f"{PROFILER}: error: scripts: calls a function that the wheel does not have: "
        "rocprof-compute = rocm_profiler._cli:rocprof_compute"
    ) in dist.problems()


# ELF files


def elf(path: str, change):
    def edit(wheel: Wheel) -> None:
        before = wheel.members[path].content
        wheel.members[path].content = change(before)
        assert wheel.members[path].content != before

    return edit


def as_runpath(content: bytes) -> bytes:
    from io import BytesIO

    image = read_image(BytesIO(content), len(content))
    assert image.dynamic_segment
    number = [tag for tag, _ in image.dynamic].index(DT_RPATH)
    offset = image.dynamic_segment.offset + number * ENTRY.size
    return content[:offset] + ENTRY.pack(DT_RUNPATH, image.dynamic[number][1]) + content[offset + ENTRY.size :]


@pytest.mark.parametrize(
    ("change", "problems"),
    [
        pytest.param(
            lambda content: with_rpath(content, "/opt/rocm/lib:$ORIGIN:$ORIGIN/llvm/lib"),
            [f"rpath: has an RPATH that does not begin with $ORIGIN: {HIP} ('/opt/rocm/lib')"],
            id="absolute RPATH",
        ),
        pytest.param(
            lambda content: with_rpath(content, "lib:$ORIGIN:$ORIGIN/llvm/lib"),
            [f"rpath: has an RPATH that does not begin with $ORIGIN: {HIP} ('lib')"],
            id="RPATH relative to the working directory",
        ),
        pytest.param(
            lambda content: with_rpath(content, "$ORIGIN/../../../../lib:$ORIGIN:$ORIGIN/llvm/lib"),
            [f"rpath: has an RPATH that leads out of site-packages: {HIP} ('$ORIGIN/../../../../lib')"],
            id="RPATH out of site-packages",
        ),
        pytest.param(
            as_runpath,
            [
                f'closed: {ASIDE} _rocm_sdk_core/lib; add "core:lib" to rpaths of packages/core.toml: '
                f"{HIP} (libamd_comgr.so.3), {HIP} (libhsa-runtime64.so.1)",
                f"rpath: has a RUNPATH, which LD_LIBRARY_PATH overrides; it must be an RPATH: {HIP}",
            ],
            id="RUNPATH",
        ),
        pytest.param(
            lambda content: content.replace(b"libhsa-runtime64.so.1\0", b"libhsa-runtime64.so.9\0"),
            [f"closed: {CLOSED}: {HIP} (libhsa-runtime64.so.9)"],
            id="another NEEDED",
        ),
        pytest.param(
            lambda content: content[:-4096],
            None,
            id="truncated",
        ),
    ],
)
def test_an_elf_file_that_cannot_be_loaded(dist, change, problems):
    dist.change(CORE, elf(HIP, change))

    found = [problem.removeprefix(f"{CORE}: error: ") for problem in dist.problems() if problem.startswith(CORE)]
    if problems is None:
        assert found[0].startswith("elf: is a truncated ELF file: ")
        assert found[0].endswith(HIP)
    else:
        assert found == problems


def test_a_library_that_is_gone(dist):
    dist.change(CORE, remove(HSA))

    problems = dist.problems()

    assert problems[0].startswith(f"{CORE}: error: closed: {CLOSED}: ")
    assert f"{HIP} (libhsa-runtime64.so.1)" in problems[0]


def test_a_library_in_a_wheel_that_is_not_required(dist):
    """The profiler may not lean on the libraries wheel, even though both can be installed."""
    rpath = "$ORIGIN/../../_rocm_sdk_libraries_gfx94X_dcgpu/lib:$ORIGIN/../../_rocm_sdk_core/lib"

    def lean(wheel: Wheel) -> None:
        path = next(path for path in wheel.members if path.startswith("_rocm_profiler/lib/librocprof-sys.so"))
        content = wheel.members[path].content
        assert b"librocprofiler-sdk.so.1\0" in content
        changed = content.replace(b"librocprofiler-sdk.so.1\0", b"librocblas.so.5\0\0\0\0\0\0\0\0\0")
        wheel.members[path].content = with_rpath(changed, rpath)

    dist.change(PROFILER, lean)

    [problem] = [one for one in dist.problems() if one.startswith(PROFILER) and "librocblas.so.5" in one]
    assert 'add "libraries:lib" to rpaths and "libraries" to requires of packages/profiler.toml' in problem


def test_a_library_without_a_byte(dist):
    path = "_rocm_sdk_core/lib/libempty.so.1"
    dist.change(CORE, add(path, b""))

    assert dist.problems() == [f"{CORE}: error: elf: is empty and named like a shared library: {path}"]


def test_a_library_for_another_machine(dist):
    def as_aarch64(content: bytes) -> bytes:
        return content[:18] + b"\xb7\0" + content[20:]

    dist.change(CORE, elf(HSA, as_aarch64))

    problems = dist.problems()
    assert problems[0].startswith(f"{CORE}: error: closed: {CLOSED}: ")
    assert problems[-1] == (
        f"{CORE}: warning: machine: is for another machine (e_machine 183) than linux_x86_64, which cannot load it: "
        f"{HSA}"
    )


def test_a_tag_of_a_machine_without_templates(dist):
    other = CORE.replace("linux_x86_64", "linux_aarch64")
    dist.file(CORE).rename(dist.file(other))
    dist.change(other, lambda wheel: wheel.replace(wheel.path("WHEEL"), b"linux_x86_64", b"linux_aarch64"))

    assert dist.problems() == [
        f"{other}: error: machine: its ELF files were not checked: the tag linux_aarch64 is for aarch64, and what "
        "stands in wheels for links (stubs and forwarders) is x86-64 code; use a tag of x86_64, such as linux_x86_64 "
        "or manylinux_2_28_x86_64"
    ]


def test_a_platform_tag_that_is_too_old(dist, tmp_path):
    def retag(wheel: Wheel) -> None:
        wheel.replace(wheel.path("WHEEL"), b"linux_x86_64", b"manylinux_2_17_x86_64")

    old = CORE.replace("linux_x86_64", "manylinux_2_17_x86_64")
    dist.file(CORE).rename(dist.file(old))
    dist.change(old, retag)

    [problem] = dist.problems()
    assert problem.startswith(f"{old}: error: glibc: needs glibc 2.34, which manylinux_2_17_x86_64 rules out: ")


# For people to look at


def test_a_file_for_one_python(dist):
    path = "_rocm_sdk_core/lib/python3.11/site-packages/rocpd/libpyrocpd.cpython-311-x86_64-linux-gnu.so"
    dist.change(CORE, add(path, b"1"))

    assert dist.problems() == [
        f"{CORE}: warning: python: is for one version of Python, in a wheel for all of them: {path}",
    ]


def test_a_file_of_another_gpu(dist):
    path = "_rocm_sdk_libraries_gfx94X_dcgpu/lib/rocblas/library/TensileLibrary_gfx90a.dat"
    dist.change(LIBRARIES, add(path, b"1"))

    assert dist.problems() == [
        f"{LIBRARIES}: warning: targets: is named after a GPU that the wheel is not for: {path} (gfx90a)",
    ]


def test_a_wheel_over_its_budget(dist, tmp_path):
    specs = Path(shutil.copytree(SPECS, tmp_path / "specs", ignore=shutil.ignore_patterns("runtime")))
    text = (specs / "packages" / "profiler.toml").read_text()
    (specs / "packages" / "profiler.toml").write_text(
        text.replace("size_budget = 1_000_000_000", "size_budget = 1_000")
    )

    size = dist.file(PROFILER).stat().st_size
    assert dist.problems(specs=specs) == [
        f"{PROFILER}: error: budget: has {size:,} bytes; the budget of profiler is 1,000",
    ]


# Against plans and catalogs


@pytest.mark.parametrize(
    ("change", "problem"),
    [
        pytest.param(
            remove("_rocm_sdk_core/include/hip/hip_runtime.h"),
            "is planned and not in the wheel: _rocm_sdk_core/include/hip/hip_runtime.h",
            id="lost",
        ),
        pytest.param(
            add("_rocm_sdk_core/more.txt"), "is in the wheel and not planned: _rocm_sdk_core/more.txt", id="more"
        ),
        pytest.param(
            lambda wheel: wheel.replace("_rocm_sdk_core/include/hip/hip_runtime.h", b"\n", b"\r\n"),
            "is not the file that was planned: another sha256: _rocm_sdk_core/include/hip/hip_runtime.h",
            id="changed",
        ),
        pytest.param(
            lambda wheel: setattr(wheel.members["_rocm_sdk_core/include/hip/hip_runtime.h"], "mode", 0o100755),
            "has another mode than planned: _rocm_sdk_core/include/hip/hip_runtime.h",
            id="mode",
        ),
        pytest.param(
            elf(HIP, lambda content: content.replace(b"libamdhip64.so.7\0", b"libamdhip64.so.8\0")),
            f"has another SONAME than its source: {HIP}",
            id="SONAME",
        ),
        pytest.param(
            elf(HIP, lambda content: content.replace(b"libamd_comgr.so.3\0", b"libc.so.6\0\0\0\0\0\0\0\0\0")),
            f"has other NEEDED entries than its source: {HIP}",
            id="NEEDED",
        ),
        pytest.param(
            elf(HIP, lambda content: with_rpath(content, "$ORIGIN:$ORIGIN/llvm/lib")),
            f"has another RPATH than planned: {HIP}",
            id="RPATH",
        ),
        pytest.param(
            lambda wheel: wheel.members.update(
                {"_rocm_sdk_core/lib/libamd_smi.so": wheel.members["_rocm_sdk_core/lib/libhsa-runtime64.so"]}
            ),
            "is no forwarder to the library that was planned: _rocm_sdk_core/lib/libamd_smi.so",
            id="forwarder",
        ),
        pytest.param(
            lambda wheel: setattr(wheel.members["_rocm_sdk_core/bin/amdclang"], "content", b"#!/bin/sh\n"),
            "is planned as an ELF file and is none: _rocm_sdk_core/bin/amdclang",
            id="stub",
        ),
    ],
)
def test_a_wheel_that_is_not_what_was_planned(dist, change, problem):
    dist.change(CORE, change)

    assert f"{CORE}: error: source: {problem}" in dist.problems(source=True)


def test_a_stub_whose_program_is_gone(dist):
    dist.change(CORE, remove("_rocm_sdk_core/lib/llvm/bin/clang-19"))

    assert (
        f"{CORE}: error: source: starts a program that is not there: "
        "_rocm_sdk_core/lib/llvm/bin/clang (_rocm_sdk_core/lib/llvm/bin/clang-19), "
        "_rocm_sdk_core/lib/llvm/bin/clang++ (_rocm_sdk_core/lib/llvm/bin/clang-19), "
        "_rocm_sdk_core/lib/llvm/bin/clang-cpp (_rocm_sdk_core/lib/llvm/bin/clang-19)"
    ) in dist.problems(source=True)
