from __future__ import annotations

import ctypes
import json
import os
import shutil
import stat
import subprocess
import sys
import zlib
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from rules.loading.artifact_names import ArtifactName
from tests.support.places import ROOT
from tools.artifact.source import LocalSource
from tools.catalog.model import Catalog, Entry
from tools.catalog.scan import CatalogRequest, catalog_artifact
from tools.errors import UserError
from tools.sample.embedded import ARTIFACTS, FAMILIES, VERSION, make_sample
from tools.sample.embedded.nodes import EmptyDirectory, HardLink, Link, text
from tools.sample.embedded.writer import replace_tree
from tools.values import read_json
from tools.workers.context import make_context

LAYOUTS = tuple(ARTIFACTS)
AMDGPU = 224  # e_machine
LOAD_EACH = """
import ctypes, os, sys
from tools.workers.context import make_context

for path in sys.argv[1:]:
    child = os.fork()  # so that no library finds what another one loaded
    if not child:
        try:
            ctypes.CDLL(path)
        except OSError:
            os._exit(1)
        os._exit(0)
    if os.waitpid(child, 0)[1]:
        print(path)
"""
ROCBLAS = "math-libs/BLAS/rocBLAS/stage"


@pytest.fixture(scope="module")
def sample(tmp_path_factory: pytest.TempPathFactory) -> Callable[[str], Path]:
    """Return a function that gives the sample of a layout, made once; nobody writes to it."""
    made: dict[str, Path] = {}

    def directory(layout: str) -> Path:
        if layout not in made:
            made[layout] = tmp_path_factory.mktemp(layout) / "artifacts"
            make_sample(made[layout], layout)
        return made[layout]

    return directory


@pytest.fixture(scope="module")
def merged(sample: Callable[[str], Path], tmp_path_factory: pytest.TempPathFactory) -> Callable[[str], Path]:
    """Return a function that gives the tree in which a family's artifacts and the generic ones are overlaid."""
    made: dict[str, Path] = {}

    def directory(family: str) -> Path:
        if family not in made:
            made[family] = tmp_path_factory.mktemp(family) / "rocm"
            _overlay(sample("per-family"), (family, "generic"), made[family])
        return made[family]

    return directory


def _overlay(artifacts: Path, families: tuple[str, ...], root: Path) -> None:
    for artifact in sorted(artifacts.iterdir()):
        if artifact.name.rpartition("_")[2] in families:
            for base_dir in (artifact / "artifact_manifest.txt").read_text().split():
                if (artifact / base_dir).is_dir():
                    shutil.copytree(artifact / base_dir, root, symlinks=True, dirs_exist_ok=True)


def _entries(artifacts: Path, tmp_path: Path) -> Iterator[tuple[str, Entry]]:
    for directory in sorted(artifacts.iterdir()):
        request = CatalogRequest(
            artifacts=LocalSource(artifacts),
            artifact=directory.name,
            catalog=tmp_path / f"{directory.name}.json",
            signatures=tmp_path / f"{directory.name}.signatures",
        )
        catalog_artifact(request, make_context())
        for entry in read_json(request.catalog, Catalog).entries:
            yield directory.name, entry


def _digest(root: Path) -> dict[str, tuple[object, ...]]:
    """Return all that a path is, inode apart."""
    rows: dict[str, tuple[object, ...]] = {}
    for path in sorted(root.rglob("*")):
        facts = path.lstat()
        links = 0 if path.is_dir() else facts.st_nlink
        content = path.readlink() if path.is_symlink() else path.is_file() and path.read_bytes()
        rows[path.relative_to(root).as_posix()] = (facts.st_mode, facts.st_mtime_ns, links, content)
    return rows


def _output(*command: str | Path) -> str:
    done = subprocess.run(command, capture_output=True, text=True, check=True, env={"PATH": os.environ["PATH"]})
    return done.stdout.strip()


@pytest.mark.parametrize("layout", LAYOUTS)
def test_the_names_are_known_beforehand(sample: Callable[[str], Path], layout: str) -> None:
    assert tuple(sorted(path.name for path in sample(layout).iterdir())) == ARTIFACTS[layout]


@pytest.mark.parametrize("layout", LAYOUTS)
def test_every_name_is_an_artifact_s(layout: str) -> None:
    assert [str(ArtifactName.parse(name)) for name in ARTIFACTS[layout]] == list(ARTIFACTS[layout])


def test_reading_the_names_imports_nothing_heavy() -> None:
    code = "import sys; import tools.sample.embedded; print(*sorted(sys.modules))"
    loaded = set(_output(sys.executable, "-c", code).split())

    assert not loaded & {"subprocess", "concurrent.futures", "hashlib", "shutil", "tools.sample.embedded.tree"}


@pytest.mark.parametrize("layout", LAYOUTS)
def test_every_artifact_can_be_cataloged(sample: Callable[[str], Path], layout: str, tmp_path: Path) -> None:
    artifacts = {artifact for artifact, _ in _entries(sample(layout), tmp_path)}

    assert artifacts == set(ARTIFACTS[layout])


@pytest.mark.parametrize("layout", ["per-family", pytest.param("kpack-split", marks=pytest.mark.slow)])
def test_the_same_bytes_modes_and_stamps_wherever_it_is_made(
    sample: Callable[[str], Path], layout: str, tmp_path: Path
) -> None:
    code = f"from tools.sample.embedded import *; from pathlib import Path; make_sample(Path('x y'), {layout!r})"
    environment = {
        "PATH": os.environ["PATH"],
        "PYTHONPATH": str(ROOT),
        "PYTHONHASHSEED": "7",
        "TZ": "Asia/Tokyo",
        "LC_ALL": "C",
    }

    subprocess.run([sys.executable, "-c", code], check=True, cwd=tmp_path, env=environment, umask=0o077)

    assert _digest(tmp_path / "x y") == _digest(sample(layout))


def test_a_directory_is_replaced_as_a_whole(tmp_path: Path) -> None:
    directory = tmp_path / "artifacts"
    (directory / "old_lib_generic").mkdir(parents=True)

    replace_tree(directory, {"a/b": text("1"), "a/c": HardLink("b"), "d": Link("a/b"), "e": EmptyDirectory()})

    assert sorted(path.relative_to(tmp_path).as_posix() for path in tmp_path.rglob("*")) == [
        *("artifacts", "artifacts/a", "artifacts/a/b", "artifacts/a/c", "artifacts/d", "artifacts/e"),
    ]


def test_what_a_killed_run_left_is_cleared(tmp_path: Path) -> None:
    (tmp_path / ".artifacts.part" / "tree").mkdir(parents=True)

    replace_tree(tmp_path / "artifacts", {"a": text("1")})

    assert sorted(path.name for path in tmp_path.iterdir()) == ["artifacts"]


def test_without_a_compiler_it_says_what_to_install(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    (tmp_path / "artifacts").mkdir()

    with pytest.raises(UserError) as caught:
        make_sample(tmp_path / "artifacts")

    assert str(caught.value) == (
        "the embedded sample is compiled, and there is no cc and no ar and no objcopy on PATH: install one with its "
        "binutils and C library headers (Debian, Ubuntu: apt-get install gcc libc6-dev), or set artifact_dir to real "
        "artifacts"
    )
    assert list(tmp_path.iterdir()) == [tmp_path / "artifacts"]


def test_a_compiler_that_fails_is_quoted_and_the_old_tree_stays(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    directory = tmp_path / "artifacts"
    (directory / "old_lib_generic").mkdir(parents=True)
    (tmp_path / "bin").mkdir()
    compiler = tmp_path / "bin" / "cc"
    compiler.write_text("#!/bin/sh\necho 'cc: no such luck' >&2\nexit 1\n", encoding="utf-8")
    compiler.chmod(0o755)
    monkeypatch.setenv("PATH", f"{tmp_path}/bin:{os.environ['PATH']}")

    with pytest.raises(UserError, match="embedded sample and says 'cc: no such luck'; if it is no C compiler"):
        make_sample(directory)

    assert [path.name for path in directory.iterdir()] == ["old_lib_generic"]
    assert sorted(path.name for path in tmp_path.iterdir()) == ["artifacts", "bin"]


def test_a_directory_that_cannot_be_made_is_named(tmp_path: Path) -> None:
    (tmp_path / "file").write_bytes(b"")

    with pytest.raises(UserError) as caught:
        make_sample(tmp_path / "file" / "artifacts")

    assert str(caught.value) == f"{tmp_path}/file/artifacts: the sample cannot be written: Not a directory"


def test_the_version_is_that_of_the_sample(sample: Callable[[str], Path]) -> None:
    version = sample("per-family") / "base_lib_generic/base/aux-overlay/stage/.info/version"

    assert version.read_text() == f"{VERSION}\n"


@pytest.mark.parametrize(("layout", "split"), [("per-family", False), ("kpack-split", True)])
def test_the_manifest_says_which_layout_it_is(sample: Callable[[str], Path], layout: str, split: bool) -> None:
    therock = sample(layout) / "base_lib_generic/base/aux-overlay/stage/share/therock"

    manifest = json.loads((therock / "therock_manifest.json").read_text())

    assert manifest["flags"] == {"KPACK_SPLIT_ARTIFACTS": split}
    assert {len(row["pin_sha"]) for row in manifest["submodules"]} == {40}


def test_files_of_both_families_share_paths_and_not_bytes(sample: Callable[[str], Path], tmp_path: Path) -> None:
    digests: dict[str, dict[str, str]] = {family: {} for family in FAMILIES}
    for artifact, entry in _entries(sample("per-family"), tmp_path):
        if entry.kind == "file" and artifact.rpartition("_")[2] in digests:
            digests[artifact.rpartition("_")[2]][entry.path] = entry.sha256
    one, other = digests.values()
    same = {path for path in one.keys() & other.keys() if one[path] == other[path]}

    assert "include/rocblas/rocblas.h" in same
    assert "include/rocprim/rocprim.hpp" in same
    assert {path for path in one.keys() & other.keys() - same if ".so" in path or path.endswith(".a")} == {
        "lib/hipblaslt/libhipblaslt-helper.so",
        "lib/libMIOpen.so.1.0.0",
        "lib/libhipblas.so.3.0.0",
        "lib/libhipblaslt.so.1.0.0",
        "lib/libhipfft.so.0.1.0",
        "lib/libhiprand.so.1.1.0",
        "lib/liborigami.so.1.0.0",
        "lib/librocblas.so.5.0.0",
        "lib/librocblas_static.a",
        "lib/librocfft.so.0.1.0",
        "lib/librocrand.so.1.1.0",
        "lib/rocblas/plugins/librocblas-trace.so",
    }


@pytest.mark.parametrize(("family", "number"), [("gfx94X-dcgpu", 94), ("gfx120X-all", 120)])
def test_a_library_answers_with_the_number_of_its_family(
    merged: Callable[[str], Path], family: str, number: int
) -> None:
    rocblas = ctypes.CDLL(str(merged(family) / "lib/librocblas.so"))

    assert rocblas.rocblas_number() == number
    assert rocblas.rocblas_total() == number + 8  # HIP 6, the host's BLAS 1, roctx 1


@pytest.mark.parametrize("family", FAMILIES)
def test_every_library_but_one_loads_where_artifacts_are_overlaid(
    merged: Callable[[str], Path], family: str, tmp_path: Path
) -> None:
    paths = {
        entry.path
        for artifact, entry in _entries(_selection(merged(family).parent, family, tmp_path), tmp_path)
        if entry.elf and entry.elf.is_library and entry.elf.machine != AMDGPU and entry.elf.bits == 64
    }

    failed = _output(sys.executable, "-c", LOAD_EACH, *(str(merged(family) / path) for path in sorted(paths)))

    assert len(paths) > 30
    assert failed == str(merged(family) / "lib/liborigami.so.1.0.0")  # it has no RPATH


def _selection(directory: Path, family: str, tmp_path: Path) -> Path:
    """Return a directory with one artifact whose base dir is the merged tree."""
    artifacts = tmp_path / "merged"
    (artifacts / f"all_lib_{family}").mkdir(parents=True)
    shutil.copytree(directory, artifacts / f"all_lib_{family}", symlinks=True, dirs_exist_ok=True)
    (artifacts / f"all_lib_{family}" / "artifact_manifest.txt").write_text("rocm\n", encoding="utf-8")
    return artifacts


def test_programs_and_scripts_run_where_artifacts_are_overlaid(merged: Callable[[str], Path]) -> None:
    root = merged("gfx94X-dcgpu")
    said = {
        name: _output(root / "bin" / name).splitlines()
        for name in ("hipcc", "hipconfig", "rocm-smi", "amd-smi", "rocminfo", "rocprof-compute", "rocprof-sys-run")
    }

    assert said == {
        "hipcc": [
            f"hipcc (ROCm sample) in {root}",
            f"clang-19 (ROCm sample) called as clang++ from {root}/lib/llvm/bin/clang-19, total 2",
            f"--rocm-path={root}",
        ],
        "hipconfig": [str(root)],
        "rocm-smi": ["rocm-smi (ROCm sample) 1"],
        "amd-smi": ["amd-smi (ROCm sample) 1"],
        "rocminfo": [f"rocminfo (ROCm sample) called as rocminfo from {root}/bin/rocminfo, total 2"],
        "rocprof-compute": ["rocprof-compute (ROCm sample)"],
        "rocprof-sys-run": [
            f"rocprof-sys-run (ROCm sample) called as rocprof-sys-run from {root}/bin/rocprof-sys-run, total 6"
        ],
    }


def test_a_multi_call_program_sees_the_name_it_is_called_by(merged: Callable[[str], Path]) -> None:
    root = merged("gfx94X-dcgpu")

    said = _output(root / "bin/amdclang++")

    assert said == f"amdllvm (ROCm sample) called as amdclang++ from {root}/lib/llvm/bin/amdllvm, total 2"


def test_a_static_program_without_libc_runs(merged: Callable[[str], Path]) -> None:
    assert _output(merged("gfx94X-dcgpu") / "lib/llvm/bin/offload-arch") == ""


def test_every_kind_of_elf_file_is_there(sample: Callable[[str], Path], tmp_path: Path) -> None:
    files = [entry for _, entry in _entries(sample("per-family"), tmp_path) if entry.elf]
    kinds = {
        "AMDGPU": [entry for entry in files if entry.elf.machine == AMDGPU],
        "i386": [entry for entry in files if entry.elf.machine == 3],
        "static program": [entry for entry in files if entry.elf.type == 2],
        "PIE": [entry for entry in files if entry.elf.interpreter and entry.elf.type == 3],
        "debug information": [entry for entry in files if entry.elf.type == 3 and not entry.elf.dynamic],
        "RPATH": [entry for entry in files if entry.elf.rpath],
        "RUNPATH": [entry for entry in files if entry.elf.runpath],
        "absolute RPATH": [entry for entry in files if ":/build/" in (entry.elf.rpath or "")],
        "no RPATH": [entry for entry in files if entry.elf.needed and not (entry.elf.rpath or entry.elf.runpath)],
        "no SONAME": [entry for entry in files if entry.elf.is_library and entry.elf.soname is None],
        "glibc": [entry for entry in files if entry.elf.glibc],
    }

    assert [kind for kind, entries in kinds.items() if not entries] == []


def test_a_soname_that_no_file_is_called_by_is_there(sample: Callable[[str], Path]) -> None:
    lib = sample("per-family") / "aqlprofile_lib_generic/profiler/aqlprofile/stage/lib"

    assert sorted(path.name for path in lib.iterdir()) == [
        "libhsa-amd-aqlprofile64.so",
        "libhsa-amd-aqlprofile64.so.1.0.0",
    ]


def test_every_kind_of_path_is_there(sample: Callable[[str], Path]) -> None:
    root = sample("per-family")
    blas = root / "blas_lib_gfx94X-dcgpu"
    smi = root / "base_lib_generic/base/rocm_smi_lib/stage/lib"
    overlay = root / "base_lib_generic/base/aux-overlay/stage"

    assert len({path.stat().st_ino for path in smi.iterdir()}) == 1
    assert len(list(smi.iterdir())) == 3
    assert (overlay / "lib64").readlink() == Path("lib")
    assert not (blas / "math-libs/BLAS/hipBLAS/stage/lib/libhipblas_fortran.so").exists()
    assert (blas / ROCBLAS / "rocblas/lib/librocblas.so").readlink() == Path("../../lib/librocblas.so.5")
    assert not (blas / "math-libs/BLAS/hipBLAS-common/stage").exists()
    assert list((root / "miopen_lib_gfx94X-dcgpu/ml-libs/MIOpen/stage/share/miopen/db/user").iterdir()) == []
    header = root / "base_dev_generic/base/rocm-core/stage/include/rocm-core/rocm_version.h"
    assert stat.S_IMODE(header.stat().st_mode) == 0o444
    assert header.stat().st_mtime_ns == 0


def test_cmake_finds_the_packages_and_the_program_starts(merged: Callable[[str], Path], tmp_path: Path) -> None:
    if shutil.which("cmake") is None:
        pytest.skip("there is no cmake")
    source = tmp_path / "source"
    source.mkdir()
    (source / "CMakeLists.txt").write_text(
        "cmake_minimum_required(VERSION 3.16)\nproject(user C)\nfind_package(hip 10 REQUIRED CONFIG)\n"
        "find_package(rocrand REQUIRED CONFIG)\nfind_package(hipblas REQUIRED CONFIG)\nadd_executable(user user.c)\n"
        "target_link_libraries(user hip::host roc::rocrand roc::hipblas)\n",
        encoding="utf-8",
    )
    (source / "user.c").write_text(
        "#include <hipblas/hipblas.h>\n#include <rocrand/rocrand.h>\n#include <stdio.h>\n"
        'int main(void) { printf("%d %d", hipblas_number(), rocrand_number()); return 0; }\n',
        encoding="utf-8",
    )
    root = merged("gfx94X-dcgpu")

    _output("cmake", "-S", source, "-B", tmp_path / "build", f"-DCMAKE_PREFIX_PATH={root}")
    _output("cmake", "--build", tmp_path / "build")

    environment = {"LD_LIBRARY_PATH": f"{root}/lib/host-math/lib:{root}/lib/rocm_sysdeps/lib:{root}/lib/llvm/lib"}
    done = subprocess.run([tmp_path / "build/user"], capture_output=True, text=True, check=True, env=environment)
    assert done.stdout == "94 94"


def test_a_device_artifact_ships_no_path_of_another(sample: Callable[[str], Path], tmp_path: Path) -> None:
    owners: dict[str, set[str]] = {}
    for artifact, entry in _entries(sample("kpack-split"), tmp_path):
        owners.setdefault(entry.path, set()).add(artifact)

    assert {path: names for path, names in owners.items() if len(names) > 1} == {}


def test_every_target_has_archives_databases_code_objects_and_a_library(
    sample: Callable[[str], Path], tmp_path: Path
) -> None:
    target = "gfx950:xnack+"
    entries = [entry for artifact, entry in _entries(sample("kpack-split"), tmp_path) if artifact.endswith(target)]

    assert [entry.path for entry in entries] == [
        ".kpack/blas_lib_gfx950:xnack+.kpack",
        "lib/hipblaslt/library/extop_gfx950-xnack+.co",
        "lib/rocblas/library/Kernels.so-000-gfx950-xnack+.hsaco",
        "lib/rocblas/library/TensileLibrary_gfx950-xnack+.dat",
        "lib/rocblas/library/librocblas-kernels-gfx950-xnack+.so",
        "lib/rocblas/library/librocblas-kernels-gfx950-xnack+.so.5",
        "lib/rocblas/library/librocblas-kernels-gfx950-xnack+.so.5.0.0",
    ]
    assert entries[-1].elf is not None
    assert entries[-1].elf.needed == ("librocblas.so.5",)


def test_a_kernel_archive_does_not_shrink(sample: Callable[[str], Path]) -> None:
    archive = sample("kpack-split") / "blas_lib_gfx942" / ROCBLAS / ".kpack/blas_lib_gfx942.kpack"

    assert len(zlib.compress(archive.read_bytes(), 9)) >= archive.stat().st_size
