"""Wheels of others beside ours: what the loader finds, finds by luck, finds wrong, and does not find."""

from __future__ import annotations

import pytest
from packaging.requirements import Requirement

from tests.support.elf_facts import AARCH64, elf
from tests.support.read_wheels import content, sdist, told, wheel
from tools.elf.model import ElfFacts
from tools.elf.symbol_versions import SymbolVersions
from tools.verify.companions import Company
from tools.verify.consumers import check_consumers, found_by, installed_sets
from tools.verify.identity import Wheel
from tools.verify.installed import Installed
from tools.verify.sdist import Library, Sdist
from tools.verify.wheel import Content

CORE, BLAS = "_rocm_sdk_core/lib", "_rocm_sdk_libraries_{}/lib"
SYSTEM = {"libc.so.6"}
USER = "torchlike/lib/_C.so"
TO_CORE = "$ORIGIN/../../_rocm_sdk_core/lib"
HIP = elf("libamdhip64.so.7")


def core(**more: ElfFacts | Content) -> Wheel:
    return wheel("core", {f"{CORE}/libamdhip64.so.7": HIP, **more})


def libraries(family: str, soname: str = "librocblas.so.5") -> Wheel:
    return wheel("libraries", {f"{BLAS.format(family)}/{soname}": elf(soname)}, family=family)


def theirs(*needed: str, requires: tuple[str, ...] = (), files: dict[str, object] | None = None, **facts: str) -> Wheel:
    """Return a wheel with a library that needs others, along these search paths."""
    made = wheel("torchlike", {USER: elf("_C.so", *needed, **facts), **(files or {})}, ours=False)  # type: ignore[dict-item]
    return made._replace(identity=made.identity._replace(requires=tuple(map(Requirement, requires))))


def problems(consumer: Wheel, *ours: Wheel, sdists: tuple[Sdist, ...] = ()) -> list[str]:
    company = Company((consumer,), (consumer,))
    return told(check_consumers(Installed([*ours, consumer]), company, sdists, SYSTEM))


@pytest.mark.parametrize("path", [{"runpath": TO_CORE}, {"rpath": TO_CORE}, {"runpath": f"/opt/rocm/lib:{TO_CORE}"}])
def test_what_its_own_path_leads_to_is_fine(path):
    assert problems(theirs("libamdhip64.so.7", "libc.so.6", **path), core()) == []


def test_a_runpath_counts_alone():
    assert problems(theirs("libamdhip64.so.7", runpath="$ORIGIN", rpath=TO_CORE), core()) == [
        "error: consumers: does not find a library that this dist has: no path of its own leads there: "
        f"libamdhip64.so.7, in {CORE} ({USER})"
    ]


def test_an_rpath_of_who_loads_a_library_counts_for_it():
    inner = elf("libinner.so", "libamdhip64.so.7")
    files = {"torchlike/lib/libinner.so": inner}

    assert problems(theirs("libinner.so", rpath=f"$ORIGIN:{TO_CORE}", files=files), core()) == []
    assert len(problems(theirs("libinner.so", runpath=f"$ORIGIN:{TO_CORE}", files=files), core())) == 1


def test_libraries_that_load_each_other_are_looked_at_once():
    files = {"torchlike/lib/libinner.so": elf("libinner.so", "_C.so", "libamdhip64.so.7")}

    assert problems(theirs("libinner.so", rpath=f"$ORIGIN:{TO_CORE}", files=files), core()) == []


def test_the_paths_of_many_libraries_that_load_each_other_are_followed_once():
    names = [f"lib{number}.so" for number in range(40)]
    files = {f"torchlike/lib/{name}": elf(name, *names) for name in names}
    first = elf("_C.so", *names, rpath=f"$ORIGIN:{TO_CORE}")

    found = problems(wheel("torchlike", {**files, USER: first}, ours=False), core())

    assert found == []


def test_who_loads_a_library_is_looked_for_through_any_number_of_others():
    files = {f"torchlike/lib/lib{number}.so": elf(None, f"lib{number + 1}.so") for number in range(1100)}
    last = {"torchlike/lib/lib1100.so": elf("lib1100.so", "libamdhip64.so.7")}

    user = theirs("lib0.so", rpath=f"$ORIGIN:{TO_CORE}", files={**files, **last})

    assert problems(user, core()) == []


def test_a_path_that_leaves_site_packages_leads_nowhere():
    assert len(problems(theirs("libamdhip64.so.7", runpath="$ORIGIN/../../../_rocm_sdk_core/lib"), core())) == 1


def test_what_nobody_has_is_told():
    assert problems(theirs("libnone.so.1"), core()) == [
        f"error: consumers: needs what no wheel of this dist has and no known system library is: libnone.so.1 ({USER})"
    ]


def test_another_version_is_named():
    assert problems(theirs("libamdhip64.so.6", runpath=TO_CORE), core()) == [
        "error: consumers: needs a SONAME that this dist has in another version: libamdhip64.so.6, "
        f"has libamdhip64.so.7 ({USER})"
    ]


def test_a_file_of_that_name_with_another_soname_is_told():
    wrong = core(**{f"{CORE}/libblas.so": elf("libblas.so.3")})

    assert problems(theirs("libblas.so", runpath=TO_CORE), wrong) == [
        "error: consumers: would load a library of another SONAME: libblas.so, "
        f"{CORE}/libblas.so is libblas.so.3 ({USER})"
    ]


def test_a_library_of_another_machine_is_none():
    arm = wheel("core", {f"{CORE}/libamdhip64.so.7": elf("libamdhip64.so.7", machine=AARCH64)})

    [problem] = problems(theirs("libamdhip64.so.7", runpath=TO_CORE), arm)

    assert "in another version" in problem


@pytest.mark.parametrize(
    ("defined", "lacking"), [({"V1"}, True), ({"V1", "V2"}, False), (set(), False)], ids=["older", "same", "none"]
)
def test_a_version_of_its_symbols_that_a_library_lacks_is_named(defined, lacking):
    hip = content(HIP, versions=SymbolVersions(defined=frozenset(defined)))
    ours = wheel("core", {f"{CORE}/libamdhip64.so.7": hip})
    needed = SymbolVersions(needed=(("libamdhip64.so.7", "V2"),))
    user = content(elf("_C.so", "libamdhip64.so.7", runpath=TO_CORE), versions=needed)

    found = problems(wheel("torchlike", {USER: user}, ours=False), ours)

    told_of = f"libamdhip64.so.7, {CORE}/libamdhip64.so.7: V2 ({USER})"
    problem = f"error: consumers: would load a library that lacks a version of its symbols: {told_of}"
    assert found == ([problem] if lacking else [])


def test_a_library_of_its_own_that_the_dist_has_too_is_a_warning():
    files = {"torchlike/lib/libamdhip64.so.7": HIP}

    assert problems(theirs("libamdhip64.so.7", runpath="$ORIGIN", files=files), core()) == [
        "warning: consumers: brings a library of its own that this dist has, too: what is loaded first is taken by "
        f"all: libamdhip64.so.7, also {CORE}/libamdhip64.so.7 ({USER})"
    ]


def test_what_rocm_sdk_preloads_is_found_by_luck_alone():
    known = sdist(Library("core", "lib/libamdhip64.so*"))

    assert problems(theirs("libamdhip64.so.7"), core(), sdists=(known,)) == [
        f"warning: consumers: finds a library only where rocm_sdk preloads it: libamdhip64.so.7, in {CORE} ({USER})"
    ]


def test_the_families_in_which_it_is_missing_are_named():
    ours = (core(), libraries("gfx942"), libraries("gfx1201"))

    found = problems(theirs("librocblas.so.5", runpath=f"$ORIGIN/../../{BLAS.format('gfx942')}"), *ours)

    assert found == [
        "error: consumers: does not find a library that this dist has: no path of its own leads there: "
        f"librocblas.so.5, in {BLAS.format('gfx1201')} ({USER}; with gfx1201)"
    ]


def test_many_files_that_need_one_library_are_counted():
    files = {f"torchlike/lib/{name}.so": elf(f"{name}.so", "libnone.so.1") for name in "abcd"}

    [problem] = problems(theirs("libc.so.6", files=files), core())

    assert problem.endswith("libnone.so.1 (torchlike/lib/a.so, torchlike/lib/b.so, torchlike/lib/c.so and 1 more)")


def test_of_several_sets_the_worst_counts():
    user = theirs("librocblas.so.5", "libamdhip64.so.7", runpath=f"{TO_CORE}:$ORIGIN/../../{BLAS.format('gfx942')}")
    installed = Installed([core(), libraries("gfx942"), libraries("gfx1201"), user])

    assert found_by(installed, user, [user], SYSTEM) == (1, 2)


def test_development_files_are_installed_where_somebody_asks_for_them():
    devel = wheel("devel", {"_rocm_sdk_devel/a.h": b""})
    plain, asking = theirs(), theirs(requires=("rocm[devel]==1.0",))

    sets = [
        [sorted(one.projects) for one in installed_sets(Installed([core(), devel, user]), [user])]
        for user in (plain, asking)
    ]

    assert sets == [[["rocm-sdk-core", "torchlike"]], [["rocm-sdk-core", "rocm-sdk-devel", "torchlike"]]]


def test_device_wheels_belong_to_every_set():
    device = wheel("device", {f"{BLAS.format('a')}/k_gfx942.co": b""}, family="gfx942")

    assert [(one.name, sorted(one.projects)) for one in installed_sets(Installed([core(), device]), [])] == [
        ("", ["rocm-sdk-core", "rocm-sdk-device-gfx942"])
    ]


@pytest.mark.parametrize(
    ("requirement", "problem"),
    [
        ("rocm-sdk-core==1.0", None),
        ("rocm[profiler]>=1", None),
        ("numpy>=1", None),
        ("rocm-sdk-core==2.0", "requires another version than 1.0"),
        ("rocm[profilr]", "requires an extra that rocm has not; it has profiler"),
        ("rocm-sdk-gone==1.0", "requires a distribution that this dist has not"),
    ],
)
def test_what_it_asks_of_ours_is_there_or_named(requirement, problem):
    known = sdist(profiler=("rocm-profiler==1.0",))

    found = problems(theirs(requires=(requirement,)), core(), sdists=(known,))

    assert found == ([f"error: consumers: {problem}: {requirement}"] if problem else [])
