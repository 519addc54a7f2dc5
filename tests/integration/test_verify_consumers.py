"""Wheels of others beside ours: what the loader will find of what they need, told before anyone installs them."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.support.broken_dist import CORE, Dist, with_rpath
from tests.support.foreign import Library, compiled, make_foreign
from tests.support.places import SPECS
from tests.support.wheels import Member, Wheel
from tools.elf.forwarder import forwarder
from tools.verify.dist import VerifyRequest, verify_dist
from tools.verify.finding import lines
from tools.verify.report import report_text

CORE_LIB, BLAS_LIB = "$ORIGIN/../_rocm_sdk_core/lib", "$ORIGIN/../_rocm_sdk_libraries_{}/lib"
EVERYWHERE = ":".join([CORE_LIB, BLAS_LIB.format("gfx94X_dcgpu"), BLAS_LIB.format("gfx120X_all")])
NAME = "torchlike-2.9.0-py3-none-manylinux_2_27_x86_64.whl"
SMI = "_rocm_sdk_core/lib/librocm_smi64.so.7"


def problems_of(dist: Dist, tmp_path, files: dict[str, Library], requires: tuple[str, ...] = ()) -> list[str]:
    """Return what verification says of a wheel with these libraries, a line a problem."""
    built = {path: compiled(tmp_path / "made" / path.replace("/", "-"), library) for path, library in files.items()}
    wheel = make_foreign(tmp_path / "foreign", "torchlike", "2.9.0", built, requires=requires)
    report = verify_dist(VerifyRequest(dist_dir=dist.directory, specs_dir=SPECS, consumers=(wheel,), jobs=2))
    assert {file for file, _ in lines(report.findings)} <= {NAME}
    return [line for _, line in lines(report.findings)]


def needing(*names: str, runpath: str = EVERYWHERE) -> dict[str, Library]:
    return {"torchlike/_C.so": Library(needs=tuple((name, "") for name in names), runpath=runpath)}


def test_what_its_own_paths_find_is_no_problem(dist, tmp_path):
    files = needing("libamdhip64.so.7", "librocblas.so.5", "librocm_smi64.so.7")

    assert problems_of(dist, tmp_path, files, requires=("rocm[libraries]==1.0",)) == []


def test_the_report_counts_what_is_found(dist, tmp_path):
    library = Library(needs=(("libamdhip64.so.7", ""), ("libnone.so.1", "")), runpath=CORE_LIB)
    wheel = make_foreign(tmp_path, "torchlike", "2.9.0", {"torchlike/_C.so": compiled(tmp_path / "made", library)})

    report = verify_dist(VerifyRequest(dist_dir=dist.directory, specs_dir=SPECS, consumers=(wheel,), jobs=2))

    line = next(line for line in report_text(report).splitlines() if line.startswith(f"{NAME}: "))
    assert line.endswith(" bytes, 4 files, 1 of them ELF, finds 1 of 2 libraries by its own paths")


def test_a_soname_that_moved_is_named_with_the_one_that_is_there(dist, tmp_path):
    assert problems_of(dist, tmp_path, needing("libamdhip64.so.6")) == [
        "error: consumers: needs a SONAME that this dist has in another version: "
        "libamdhip64.so.6, has libamdhip64.so.7 (torchlike/_C.so)"
    ]


def test_what_nobody_has_is_missing(dist, tmp_path):
    assert problems_of(dist, tmp_path, needing("libnone.so.1")) == [
        "error: consumers: needs what no wheel of this dist has and no known system library is: "
        "libnone.so.1 (torchlike/_C.so)"
    ]


def test_a_folder_that_the_runpath_misses_is_named(dist, tmp_path):
    assert problems_of(dist, tmp_path, needing("librocm_sysdeps_elf.so.1")) == [
        "error: consumers: does not find a library that this dist has: no path of its own leads there: "
        "librocm_sysdeps_elf.so.1, in _rocm_sdk_core/lib/rocm_sysdeps/lib (torchlike/_C.so)"
    ]


def test_what_rocm_sdk_preloads_is_found_by_luck_alone(dist, tmp_path):
    assert problems_of(dist, tmp_path, needing("libamdhip64.so.7", runpath="$ORIGIN/lib")) == [
        "warning: consumers: finds a library only where rocm_sdk preloads it: "
        "libamdhip64.so.7, in _rocm_sdk_core/lib (torchlike/_C.so)"
    ]


def test_a_family_that_the_runpath_misses_is_named(dist, tmp_path):
    files = needing("librocblas.so.5", runpath=BLAS_LIB.format("gfx94X_dcgpu"))

    assert problems_of(dist, tmp_path, files) == [
        "error: consumers: does not find a library that this dist has: no path of its own leads there: "
        "librocblas.so.5, in _rocm_sdk_libraries_gfx120X_all/lib (torchlike/_C.so; with gfx120X-all)"
    ]


def test_a_version_of_symbols_that_was_dropped_is_named(dist, tmp_path):
    library = compiled(tmp_path / "smi", Library(soname="librocm_smi64.so.7", versions=("SMI_1", "SMI_2")))
    dist.change(CORE, lambda wheel: wheel.members.update({SMI: Member(library, wheel.members[SMI].mode)}))
    needs = (("librocm_smi64.so.7", "SMI_3"),)

    assert problems_of(dist, tmp_path, {"torchlike/_C.so": Library(needs=needs, runpath=CORE_LIB)}) == [
        "error: consumers: would load a library that lacks a version of its symbols: librocm_smi64.so.7, "
        "_rocm_sdk_core/lib/librocm_smi64.so.7: SMI_3 (torchlike/_C.so)"
    ]


@pytest.mark.parametrize("version", ["SMI_1", "SMI_2", ""])
def test_a_version_of_symbols_that_is_there_is_no_problem(dist, tmp_path, version):
    library = compiled(tmp_path / "smi", Library(soname="librocm_smi64.so.7", versions=("SMI_1", "SMI_2")))
    dist.change(CORE, lambda wheel: wheel.members.update({SMI: Member(library, wheel.members[SMI].mode)}))
    needs = (("librocm_smi64.so.7", version),)

    assert problems_of(dist, tmp_path, {"torchlike/_C.so": Library(needs=needs, runpath=CORE_LIB)}) == []


def test_a_file_under_a_name_that_its_soname_is_not_is_the_wrong_one(dist, tmp_path):
    library = compiled(tmp_path / "smi", Library(soname="librocm_smi64.so.8"))
    dist.change(CORE, lambda wheel: wheel.members.update({SMI: Member(library, wheel.members[SMI].mode)}))

    assert problems_of(dist, tmp_path, needing("librocm_smi64.so.7")) == [
        "error: consumers: would load a library of another SONAME: librocm_smi64.so.7, "
        "_rocm_sdk_core/lib/librocm_smi64.so.7 is librocm_smi64.so.8 (torchlike/_C.so)"
    ]


def test_a_copy_of_a_library_of_ours_is_told(dist, tmp_path):
    files = needing("libamdhip64.so.7", runpath="$ORIGIN") | {
        "torchlike/libamdhip64.so.7": Library(soname="libamdhip64.so.7")
    }

    assert problems_of(dist, tmp_path, files) == [
        "warning: consumers: brings a library of its own that this dist has, too: what is loaded first is taken by "
        "all: libamdhip64.so.7, also _rocm_sdk_core/lib/libamdhip64.so.7 (torchlike/_C.so)"
    ]


@pytest.mark.parametrize("dtag", ["rpath", "runpath"])
def test_the_rpath_of_a_library_counts_for_those_that_it_loads_and_a_runpath_does_not(dist, tmp_path, dtag):
    files = {
        "torchlike/_C.so": Library(needs=(("libinner.so", ""),), **{dtag: f"$ORIGIN:{CORE_LIB}"}),
        "torchlike/libinner.so": Library(soname="libinner.so", needs=(("librocm_smi64.so.7", ""),)),
    }

    problems = problems_of(dist, tmp_path, files)

    assert [line.split(": ")[0] for line in problems] == ([] if dtag == "rpath" else ["warning"])


@pytest.mark.parametrize(
    ("requirement", "problem"),
    [
        ("rocm==1.1", "requires another version than 1.0: rocm==1.1"),
        ("rocm-sdk-none", "requires a distribution that this dist has not: rocm-sdk-none"),
    ],
)
def test_a_wheel_that_wants_another_rocm_is_named(dist, tmp_path, requirement, problem):
    assert problems_of(dist, tmp_path, needing(), requires=(requirement,)) == [f"error: consumers: {problem}"]


def test_an_extra_that_there_is_not_is_named_with_those_there_are(dist, tmp_path):
    (problem,) = problems_of(dist, tmp_path, needing(), requires=("rocm[libs]==1.0",))

    assert problem.startswith(
        "error: consumers: requires an extra that rocm has not; it has devel, devel-gfx120x-all, "
    )
    assert problem.endswith(": rocm[libs]==1.0")


def told_of(dist: Dist, *consumers: Path) -> list[tuple[str, str]]:
    """Return (file, line) of what verification says of wheels that are only looked at."""
    report = verify_dist(VerifyRequest(dist_dir=dist.directory, specs_dir=SPECS, consumers=consumers, jobs=2))
    return list(lines(report.findings))


def for_python(directory: Path, minor: int, *sonames: str, needs: str) -> Path:
    """Write a wheel of torchlike for one Python, with these libraries, of which the first needs another one."""
    files = {f"torchlike/{name}": forwarder(name, "libc.so.6") for name in sonames[1:]}
    files[f"torchlike/{sonames[0]}"] = with_rpath(forwarder(sonames[0], needs), "$ORIGIN")
    tag = f"cp3{minor}-cp3{minor}-manylinux_2_27_x86_64"
    return Wheel(distribution="torchlike", version="2.9.0", files=files, tag=tag).write(directory)


def test_what_another_python_of_a_wheel_has_is_not_found(dist, tmp_path):
    lacking = for_python(tmp_path, 11, "_C.so", needs="libown.so")
    complete = for_python(tmp_path, 12, "_C.so", "libown.so", needs="libown.so")

    problem = "error: consumers: needs what no wheel of this dist has and no known system library is: libown.so"
    assert told_of(dist, lacking, complete) == [(lacking.name, f"{problem} (torchlike/_C.so)")]


def test_each_python_of_a_wheel_finds_what_is_its_own(dist, tmp_path):
    wheels = [for_python(tmp_path, minor, "_C.so", f"lib{minor}.so", needs=f"lib{minor}.so") for minor in (11, 12)]

    assert told_of(dist, *wheels) == []


def test_a_wheel_that_would_replace_a_file_of_ours_is_told(dist, tmp_path):
    wheel = make_foreign(tmp_path, "zzz", "1.0", {SMI: b"other"})

    problem = f"error: together: {CORE} has it, too, and both can be installed together: {SMI}"
    assert told_of(dist, wheel) == [(wheel.name, problem)]


def test_a_wheel_of_a_project_of_ours_is_not_looked_at_beside_ours(dist, tmp_path):
    wheel = make_foreign(tmp_path, "rocm_sdk_core", "2.0", {"other/_C.so": b""})

    assert told_of(dist, wheel) == [
        (
            wheel.name,
            "warning: consumers: is of a project that this dist has, so nobody installs it beside that one: "
            "its libraries were not looked for",
        )
    ]


def test_each_python_of_a_wheel_that_the_dist_holds_is_looked_at_by_itself(dist):
    for_python(dist.directory, 12, "_C.so", "libown.so", needs="libown.so")
    lacking = for_python(dist.directory, 11, "_C.so", needs="libown.so")
    dist.publish()

    [problem] = [line for line in dist.problems() if ": consumers: " in line]

    assert problem.startswith(f"{lacking.name}: error: consumers: needs what no wheel of this dist has ")
