"""Debian's ROCm packages, merged into one root, are a compiler, libraries and CMake packages that work there."""

from __future__ import annotations

import hashlib
import json
import re
import shutil
import subprocess
import zlib
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.support.debian import DEVICES, FAMILIES, PROJECT, SAMPLE, SAXPY, merged
from tools.elf.facts import read_elf_facts
from tools.elf.model import ElfFacts
from tools.sample.debian import DebianRequest, make_artifacts
from tools.sample.debian.__main__ import default_cache
from tools.sample.debian.table import read_table

pytestmark = [
    pytest.mark.slow,  # downloads 110 MB the first time
    pytest.mark.skipif(not shutil.which("apt-get"), reason="needs Debian 12"),
]

SYSTEM_PATH = "/usr/bin:/bin"  # for CMake's own compiler; nothing of the tree
EM_AMDGPU = 224


@pytest.fixture(scope="module")
def artifacts(tmp_path_factory: pytest.TempPathFactory) -> Path:
    directory = tmp_path_factory.mktemp("debian") / "artifacts"
    make_artifacts(DebianRequest(directory=directory, cache=default_cache(), bulk=False))
    return directory


@pytest.fixture(scope="module")
def root(artifacts: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    return merged(artifacts, tmp_path_factory.mktemp("merged") / "root", "gfx94X-dcgpu")


def run(*command: str | Path, cwd: Path, **environment: str) -> str:
    """Return what the command prints, started with these environment variables and no other."""
    done = subprocess.run(command, cwd=cwd, env=environment, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def elf_files(root: Path) -> Iterator[tuple[Path, ElfFacts]]:
    for path in sorted(root.rglob("*")):
        if path.is_file() and not path.is_symlink():
            with path.open("rb") as file:
                if facts := read_elf_facts(file, path.stat().st_size):
                    yield path, facts


def test_hipcc_compiles_and_links_without_any_variable(root: Path, tmp_path: Path) -> None:
    (tmp_path / "saxpy.hip").write_text(SAXPY)

    run(root / "bin/hipcc", "--offload-arch=gfx90a", "saxpy.hip", "-o", "saxpy", cwd=tmp_path)

    assert b"amdgcn-amd-amdhsa--gfx90a" in (tmp_path / "saxpy").read_bytes()
    assert run("./saxpy", cwd=tmp_path, LD_LIBRARY_PATH=f"{root}/lib") in DEVICES


def test_amdclang_compiles_and_links_without_any_variable(root: Path, tmp_path: Path) -> None:
    (tmp_path / "saxpy.cpp").write_text(SAXPY)
    options = [f"--rocm-path={root}", "-x", "hip", "--offload-arch=gfx90a", "--hip-link"]

    run(root / "bin/amdclang++", *options, "saxpy.cpp", "-o", "saxpy", cwd=tmp_path)

    assert b"amdgcn-amd-amdhsa--gfx90a" in (tmp_path / "saxpy").read_bytes()
    assert run("./saxpy", cwd=tmp_path, LD_LIBRARY_PATH=f"{root}/lib") in DEVICES


@pytest.mark.parametrize("generator", ["Unix Makefiles", "Ninja"])
def test_a_cmake_project_finds_its_packages_builds_and_starts(root: Path, tmp_path: Path, generator: str) -> None:
    (tmp_path / "CMakeLists.txt").write_text(PROJECT)
    (tmp_path / "sample.cpp").write_text(SAMPLE)
    configure = ["cmake", "-G", generator, "-S", ".", "-B", "build", f"-DCMAKE_PREFIX_PATH={root}/lib/cmake"]

    run(*configure, cwd=tmp_path, PATH=SYSTEM_PATH)
    run("cmake", "--build", "build", cwd=tmp_path, PATH=SYSTEM_PATH)

    assert re.fullmatch(r"rocrand \d+\n", run("build/sample", cwd=tmp_path))
    cache = (tmp_path / "build/CMakeCache.txt").read_text()
    assert {
        path for path in re.findall(r"^\w+_DIR:PATH=(.*)$", cache, re.M) if not path.startswith(f"{root}/")
    } == set()


def test_every_library_is_found_in_the_tree_or_is_the_systems(root: Path) -> None:
    files = [path for path, facts in elf_files(root) if facts.bits == 64 and facts.dynamic]

    lines = run("/usr/bin/ldd", *files, cwd=root).splitlines()

    outside = {line.split()[0] for line in lines if "=>" in line and f"=> {root}/" not in line}
    assert outside <= read_table().system
    assert len(files) > 100


def test_no_package_file_names_a_directory_of_debian(root: Path) -> None:
    files = [*(root / "lib/cmake").rglob("*.cmake"), *root.rglob("*.pc")]
    absolute = re.compile(r"^[^#\n]*(?:[\" (=]/usr/|x86_64-linux-gnu)", re.M)

    assert [str(file) for file in files if absolute.search(file.read_text())] == []
    assert len(files) > 20


def test_links_stay_in_the_tree(root: Path) -> None:
    links = [path for path in root.rglob("*") if path.is_symlink()]

    assert [path for path in links if path.readlink().is_absolute() or not path.exists()] == []
    assert [path for path in links if not path.resolve().is_relative_to(root.resolve())] == []
    assert (root / "lib/llvm/bin/clang++-15").resolve() == (root / "lib/llvm/bin/clang").resolve()


def test_families_differ_in_libraries_and_share_headers(artifacts: Path) -> None:
    one, other = (contents(artifacts, f"rand_*_{family}") for family in FAMILIES)

    assert one.keys() == other.keys()
    assert sorted(path for path in one if one[path] != other[path]) == [
        "math-libs/hipRAND/stage/lib/libhiprand.so.1.1",
        "math-libs/rocRAND/stage/lib/librocrand.so.1.1",
    ]
    assert "math-libs/rocRAND/stage/include/rocrand/rocrand.h" in one


def contents(artifacts: Path, pattern: str) -> dict[str, str]:
    return {
        path.relative_to(artifact).as_posix(): hashlib.sha256(path.read_bytes()).hexdigest()
        for artifact in artifacts.glob(pattern)
        for path in artifact.rglob("*")
        if path.is_file() and not path.is_symlink()
    }


def test_base_says_what_the_build_is(artifacts: Path) -> None:
    stage = artifacts / "base_lib_generic/base/aux-overlay/stage"

    assert (stage / ".info/version").read_text() == "5.2.3\n"
    assert json.loads((stage / "share/therock/dist_info.json").read_text()) == {
        "dist_amdgpu_targets": "gfx942;gfx1200;gfx1201"
    }
    manifest = json.loads((stage / "share/therock/therock_manifest.json").read_text())
    assert manifest["flags"] == {"KPACK_SPLIT_ARTIFACTS": False}


def test_made_twice_it_is_the_same(artifacts: Path, tmp_path: Path) -> None:
    made = make_artifacts(DebianRequest(directory=tmp_path / "again", cache=default_cache(), bulk=False))

    done = subprocess.run(
        ["diff", "--recursive", "--no-dereference", artifacts, tmp_path / "again"], check=False, capture_output=True
    )
    assert done.stdout == b""
    assert done.returncode == 0
    assert made.elf > 130


def test_kpack_split_takes_the_device_code_out(artifacts: Path, tmp_path: Path) -> None:
    split = tmp_path / "split"
    make_artifacts(DebianRequest(directory=split, cache=default_cache(), bulk=False, layout="kpack-split"))

    archives = {path.name: path for path in split.glob("rand_lib_*/math-libs/rocRAND/stage/.kpack/*")}
    assert sorted(archives) == [
        "rocrand_gfx1200.kpack",
        "rocrand_gfx1201.kpack",
        "rocrand_gfx908.kpack",
        "rocrand_gfx942.kpack",
        "rocrand_gfx942:xnack+.kpack",
    ]
    code = zlib.decompress(archives["rocrand_gfx942.kpack"].read_bytes())
    assert (code[:4], int.from_bytes(code[18:20], "little")) == (b"\x7fELF", EM_AMDGPU)
    host = "math-libs/rocRAND/stage/lib/librocrand.so.1.1"
    assert b"amdgcn" not in (split / "rand_lib_generic" / host).read_bytes()
    manifest = "base_lib_generic/base/aux-overlay/stage/share/therock/therock_manifest.json"
    assert json.loads((split / manifest).read_text())["flags"] == {"KPACK_SPLIT_ARTIFACTS": True}
    root = merged(split, tmp_path / "root", "gfx942")
    load = f"import ctypes; ctypes.CDLL('{root}/lib/librocrand.so.1'); print('loaded')"
    assert run(shutil.which("python3") or "python3", "-c", load, cwd=tmp_path) == "loaded\n"
