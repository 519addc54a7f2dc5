"""Wheels for Windows as Linux makes them: built, verified, installed by uv for another system, broken."""

from __future__ import annotations

import json
import struct
import subprocess
import sys
import tempfile
import zipfile
from pathlib import Path

import pytest

from tests.support.broken_dist import Dist, copy_of
from tests.support.doit_process import Doit, tree_of
from tests.support.pe_files import as_far_as_readobj, by_pefile, by_readobj, facts_of, in_words
from tests.support.windows import mingw
from tools.catalog.model import Catalog
from tools.values import read_json

LAYOUTS = ("per-family", "kpack-split")
VERSION = "1.0"
CORE = f"rocm_sdk_core-{VERSION}-py3-none-win_amd64.whl"
LIBRARIES = f"rocm_sdk_libraries_gfx110x_all-{VERSION}-py3-none-win_amd64.whl"
TABLE = "_rocm_sdk_libraries_gfx110X_all/rocm_sdk_libraries_gfx110X_all.loads.json"
BIN = "_rocm_sdk_libraries_gfx110X_all/bin"


@pytest.mark.parametrize("layout", LAYOUTS)
def test_the_sample_is_sound(builds: dict[str, Doit], layout: str) -> None:
    finished = builds[layout]("verify")

    assert finished.code == 0, finished.out
    assert any(line.endswith(": 0 errors, 0 warnings") for line in finished.lines), finished.out


@pytest.mark.parametrize("layout", LAYOUTS)
def test_nothing_is_built_twice(builds: dict[str, Doit], layout: str) -> None:
    assert builds[layout]("index").last.startswith("wheels: 0 built, ")


def test_the_same_artifacts_give_the_same_bytes(builds: dict[str, Doit], tmp_path: Path) -> None:
    first = builds["per-family"]
    artifacts = first.build / "sample" / "per-family-windows"
    settings = {name: value for name, value in first.settings.items() if name not in ("platform_tag", "layout")}
    again = Doit(directory=tmp_path, settings={**settings, "artifact_dir": str(artifacts), "engine": "processes"})

    finished = again("index")

    assert finished.code == 0, finished.err  # the place's name says for which system
    assert tree_of(again.dist) == tree_of(first.dist)


def test_dlls_and_programs_are_copied(builds: dict[str, Doit]) -> None:
    source = builds["per-family"].build / "sample" / "per-family-windows"
    there = {file.read_bytes() for file in source.rglob("*") if file.suffix in (".dll", ".exe")}
    shipped = []
    for wheel in builds["per-family"].dist.glob("*win_amd64.whl"):
        with zipfile.ZipFile(wheel) as archive:
            shipped += [archive.read(name) for name in archive.namelist() if name.endswith((".dll", ".exe"))]

    assert len(shipped) > 40
    assert set(shipped) <= there


@pytest.mark.parametrize("layout", LAYOUTS)
def test_catalogs_hold_what_pefile_and_llvm_say(builds: dict[str, Doit], layout: str) -> None:
    build = builds[layout].build
    sample = build / "sample" / f"{layout}-windows"
    found, there = [], []
    for path in sorted((build / "catalog").glob("*.json")):
        catalog = read_json(path, Catalog)
        there += [file for file in (sample / catalog.artifact).rglob("*") if file.suffix in (".dll", ".exe")]
        for entry in catalog.entries:
            if entry.pe is not None:
                file = sample / catalog.artifact / catalog.base_dirs[entry.base] / entry.path
                assert entry.pe == facts_of(file)
                assert in_words(entry.pe) == by_pefile(file)
                assert by_readobj(file) == as_far_as_readobj(entry.pe)
                found.append(file)
    assert len(found) > 30
    assert sorted(found) == sorted(there)


def uv(published: Path, target: Path, what: str) -> set[str]:
    """Install for Windows with uv and return the distributions that it took."""
    command = [str(Path(sys.executable).with_name("uv")), "pip", "install", "--quiet", "--no-index", "--no-cache"]
    command += ["--python", sys.executable, "--find-links", str(published), "--python-platform", "windows"]
    subprocess.run([*command, "--target", str(target), f"{what}=={VERSION}"], check=True, timeout=300)
    tags = [file.read_text() for file in target.glob("rocm_*.dist-info/WHEEL")]
    assert all("win_amd64" in text or "none-any" in text for text in tags)
    return {file.parent.name.partition("-")[0] for file in target.glob("*.dist-info/WHEEL")}


def test_uv_takes_the_wheels_for_windows(published: Path, tmp_path: Path) -> None:
    taken = uv(published, tmp_path / "target", "rocm[libraries-gfx110x-all,devel-gfx110x-all]")

    family = ("rocm_sdk_devel_gfx110x_all", "rocm_sdk_libraries_gfx110x_all")
    assert taken == {"rocm", "rocm_sdk_core", "rocm_sdk_devel", *family}
    assert (tmp_path / "target" / BIN / "rocblas.dll").is_file()


def test_extras_of_linux_alone_bring_nothing_on_windows(published: Path, tmp_path: Path) -> None:
    taken = uv(published, tmp_path / "target", "rocm[libraries-gfx94x-dcgpu,profiler]")

    assert taken == {"rocm", "rocm_sdk_core"}


def test_pip_downloads_a_single_wheel_for_windows(published: Path, tmp_path: Path) -> None:
    command = [sys.executable, "-m", "pip", "download", "--quiet", "--no-index", "--find-links", str(published)]
    command += ["--no-deps", "--only-binary=:all:", "--platform", "win_amd64", "--dest", str(tmp_path)]

    subprocess.run([*command, "rocm-sdk-libraries-gfx120X-all"], check=True, timeout=300)

    assert [file.name for file in tmp_path.iterdir()] == [LIBRARIES.replace("gfx110x", "gfx120x")]


def test_one_index_has_both_systems_and_is_sound(published: Path) -> None:
    done = subprocess.run(
        [sys.executable, "-m", "tools.verify", str(published)], capture_output=True, text=True, check=False, timeout=300
    )

    assert done.returncode == 0, done.stdout
    assert [line for line in done.stdout.splitlines() if line.endswith(":")] == ["Linux:", "Windows:", "any system:"]
    assert '"system":"Windows"' in (published / "index.html").read_text()


def test_another_sdist_of_the_same_version_is_refused(published: Path, tmp_path: Path) -> None:
    alone = Doit(directory=tmp_path, settings={"platform_tag": "win_amd64", "version": VERSION})

    finished = alone("publish", f"url={published}")

    assert finished.code == 1
    assert (
        f"rocm-{VERSION}.tar.gz: the index has another one, which its wheels for Linux need, too; build both with the "
        "same linux_amdgpu_families and windows_amdgpu_families, each with all families of its system, and publish "
        "both again"
    ) in finished.out + finished.err


# Broken sets, as `doit verify` sees them: plan names them, too (tests/unit/plan/test_windows.py)


@pytest.fixture
def dist(builds: dict[str, Doit], tmp_path: Path) -> Dist:
    """Return a copy of a sound dist, to break."""
    return copy_of(builds["per-family"].dist, tmp_path / "dist", builds["per-family"].build)


def other_order(text: bytes) -> bytes:
    table = json.loads(text)
    table["before"][f"{BIN}/hipblas.dll"].reverse()
    return json.dumps(table).encode()


def for_arm(content: bytes) -> bytes:
    changed = bytearray(content)
    struct.pack_into("<H", changed, struct.unpack_from("<I", content, 60)[0] + 4, 0xAA64)  # Machine, behind "PE\0\0"
    return bytes(changed)


def compiled(export: str) -> bytes:
    """Return a DLL with one export."""
    with tempfile.TemporaryDirectory() as directory:
        file = Path(directory, "origami.dll")
        return mingw.dll(file, "", mingw.definition(file, export)).read_bytes()


@pytest.mark.parametrize(
    ("wheel", "changes", "problem"),
    [
        pytest.param(
            LIBRARIES,
            {TABLE: other_order},
            f"error: loads: is not the order that the DLLs need; build the wheel again: {TABLE}",
            id="a wrong table of loads",
        ),
        pytest.param(
            LIBRARIES,
            {TABLE: None},
            f"error: loads: must have one table of loads, of this name: {TABLE}",
            id="no table of loads",
        ),
        pytest.param(
            LIBRARIES,
            {f"{BIN}/rocblas.dll": None},
            f"error: closed: needs rocblas.dll, which is not in {BIN} or _rocm_sdk_core/bin and is no known part of "
            "Windows; Windows does not look at _rocm_sdk_devel_gfx120X_all/bin/rocblas.dll, "
            "_rocm_sdk_libraries_gfx120X_all/bin/rocblas.dll from there: "
            f"{BIN}/MIOpen.dll, {BIN}/hipblas.dll",
            id="a DLL missing",
        ),
        pytest.param(
            LIBRARIES,
            {f"{BIN}/rocrand.dll": lambda content: content.replace(b"rocrand_total", b"rocrand_tocal")},
            f"error: closed: imports rocrand_total from rocrand.dll, and {BIN}/rocrand.dll exports no such symbol: "
            f"{BIN}/hiprand.dll",
            id="a symbol missing",
        ),
        pytest.param(
            LIBRARIES,
            {f"{BIN}/origami.dll": lambda content: content[:300]},
            f"error: machine: is named like a file for Windows and is none: it has no sound PE header; fetch the "
            f"artifact again: {BIN}/origami.dll",
            id="a DLL cut off",
        ),
        pytest.param(
            LIBRARIES,
            {f"{BIN}/origami.dll": for_arm},
            f"error: closed: is for ARM64, in a wheel for x86-64: {BIN}/origami.dll",
            id="a machine of another kind",
        ),
        pytest.param(
            LIBRARIES,
            {f"{BIN}/origami.dll": lambda _: compiled("origami_total = rocblas.lost")},
            f"error: closed: forwards origami_total to rocblas.lost, and {BIN}/rocblas.dll exports no such symbol: "
            f"{BIN}/origami.dll",
            id="a forwarder that leads nowhere",
        ),
        pytest.param(
            LIBRARIES,
            {f"{BIN}/origami.dll": lambda _: compiled("origami_total = MSVCP140D.lost")},
            "error: closed: forwards origami_total to MSVCP140D.lost, and MSVCP140D.dll is nowhere: it is Microsoft's "
            f"debug runtime, which nobody may hand on; build in release mode: {BIN}/origami.dll",
            id="a C++ runtime that no machine has",
        ),
        pytest.param(
            LIBRARIES,
            {f"{BIN}/con.txt": lambda _: b"x"},
            f"error: names: 'con.txt' is a device for Windows, whatever its ending: {BIN}/con.txt",
            id="a reserved name",
        ),
        pytest.param(
            LIBRARIES,
            {f"{BIN}/ROCBLAS.DLL": lambda _: b"x"},
            f"error: names: {BIN}/ROCBLAS.DLL ({LIBRARIES}) and {BIN}/rocblas.dll ({LIBRARIES}) are one file for "
            "Windows; rename or leave out all but one",
            id="one name in two cases",
        ),
        pytest.param(
            LIBRARIES,
            {f"{BIN}/{'x' * 150}": lambda _: b"x"},
            f"error: names: needs {len(BIN) + 151} characters below site-packages, more than the budget of 180; "
            "Windows takes 259 in all: shorten the name, or raise the budget and with it the demands on users: "
            f"{BIN}/{'x' * 150}",
            id="a path too long",
        ),
    ],
)
def test_a_broken_set_is_named(dist: Dist, wheel: str, changes, problem: str) -> None:
    from tests.support.wheels import Member

    def change(taken) -> None:
        for path, edit in changes.items():
            before = taken.members.pop(path, Member(b""))
            if edit is not None:
                taken.members[path] = Member(edit(before.content), before.mode)

    dist.change(wheel, change)

    assert f"{wheel}: {problem}" in dist.problems()


def test_a_linux_program_among_them_is_named(dist: Dist, tmp_path: Path) -> None:
    program = Path("/bin/true").read_bytes()

    def change(taken) -> None:
        from tests.support.wheels import Member

        taken.members["_rocm_sdk_core/bin/true"] = Member(program)

    dist.change(CORE, change)

    assert (
        f"{CORE}: error: machine: is a Linux program for x86-64, in an artifact for Windows; fetch the artifact of a "
        "Windows run, or set platform_tag to Linux's: _rocm_sdk_core/bin/true"
    ) in dist.problems()
