"""Debian's ROCm as wheels, installed offline: it compiles, links, configures and starts without a variable."""

from __future__ import annotations

import re
import shutil
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from tests.support.debian import DEVICES, FAMILIES, PROJECT, SAMPLE, SAXPY, merged
from tests.support.doit_process import Doit
from tests.support.environments import (
    INSTALLERS,
    PLAIN_PATH,
    Environment,
    both,
    good,
    make_environment,
    packages_of,
    run,
)
from tests.support.loading import load_failures, missing_of_system, shared_libraries

pytestmark = pytest.mark.slow  # builds and installs a gigabyte

SCRIPTS = ("hipcc", "hipconfig", "rocminfo", "rocm-smi", "amdclang++")
every_family = pytest.mark.parametrize("family", FAMILIES)
every_installer = pytest.mark.parametrize("installer", INSTALLERS)


@pytest.fixture(scope="module")
def cache(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a cache for environments whose extras name the family."""
    return tmp_path_factory.mktemp("cache")


@pytest.fixture(scope="module", params=[(name, family) for name in INSTALLERS for family in FAMILIES], ids="-".join)
def installed(
    request: pytest.FixtureRequest, debian_build: Doit, tmp_path_factory: pytest.TempPathFactory, cache: Path
) -> Iterator[tuple[Environment, str]]:
    """Yield an environment with the libraries and devel of one family, and that family."""
    installer, family = request.param
    directory = tmp_path_factory.mktemp("installed") / "environment"
    made = make_environment(installer, directory, debian_build.dist, cache)
    made.install(both(family))
    assert made.installed == packages_of(family)
    yield made, family
    shutil.rmtree(directory)


@pytest.fixture
def fresh(installer: str, debian_build: Doit, tmp_path: Path) -> Iterator[Environment]:
    yield make_environment(installer, tmp_path / "environment", debian_build.dist)
    shutil.rmtree(tmp_path / "environment")


def test_installed_is_what_the_wheels_brought(installed):
    environment, family = installed

    assert environment.root() == environment.site / f"_rocm_sdk_devel_{family.replace('-', '_')}"
    assert good(environment.run("rocm-sdk", "check")).endswith(" links checked: all right\n")


def test_every_library_loads_without_any_variable(installed, unloadable):
    environment, family = installed
    libraries = shared_libraries(environment.site)

    failures = load_failures(libraries)
    if lacking := missing_of_system(failures):
        pytest.skip(f"this machine lacks {', '.join(sorted(lacking))}")

    assert {"/".join(path.relative_to(environment.site).parts[1:]) for path in failures} == unloadable
    packages = {path.relative_to(environment.site).parts[0] for path in libraries}
    assert packages == {"_rocm_sdk_core", f"_rocm_sdk_libraries_{family.replace('-', '_')}"}
    assert len(libraries) > 40


@pytest.fixture(scope="module")
def unloadable(debian_artifacts: Path, tmp_path_factory: pytest.TempPathFactory) -> set[str]:
    """Return what Debian's own tree cannot load by itself: a plugin of LLVM, and sanitizers, which are preloaded."""
    root = merged(debian_artifacts, tmp_path_factory.mktemp("merged") / "root", FAMILIES[0])
    failures = load_failures(shared_libraries(root), LD_LIBRARY_PATH=f"{root}/lib:{root}/lib/rocm_sysdeps/lib")
    names = {path.relative_to(root).as_posix() for path in failures}
    assert all(name.endswith("LLVMPolly.so") or "/libclang_rt." in name for name in names), failures
    shutil.rmtree(root)
    return names


def test_hipcc_compiles_and_links_without_path_or_variables(installed, tmp_path):
    root = installed[0].root()
    (tmp_path / "saxpy.hip").write_text(SAXPY)

    good(run(root / "bin/hipcc", "--offload-arch=gfx90a", "saxpy.hip", "-o", "saxpy", cwd=tmp_path))

    assert b"amdgcn-amd-amdhsa--gfx90a" in (tmp_path / "saxpy").read_bytes()
    assert good(run("./saxpy", cwd=tmp_path, LD_LIBRARY_PATH=f"{root}/lib")) in DEVICES


def test_the_script_hipcc_compiles_and_links(installed, tmp_path):
    environment, _ = installed
    (tmp_path / "saxpy.hip").write_text(SAXPY)
    options = ["--offload-arch=gfx90a", "saxpy.hip", "-lamdhip64", "-o", "saxpy"]

    good(run(environment.bin / "hipcc", *options, cwd=tmp_path))

    assert good(run("./saxpy", cwd=tmp_path, LD_LIBRARY_PATH=f"{environment.root()}/lib")) in DEVICES


@pytest.mark.parametrize("program", ["root", "script"])
def test_amdclang_compiles_and_links_without_path_or_variables(installed, tmp_path, program):
    environment, _ = installed
    root = environment.root()
    compiler = root / "bin/amdclang++" if program == "root" else environment.bin / "amdclang++"
    (tmp_path / "saxpy.cpp").write_text(SAXPY)
    options = [f"--rocm-path={root}", "-x", "hip", "--offload-arch=gfx90a", "--hip-link"]

    good(run(compiler, *options, "saxpy.cpp", "-o", "saxpy", cwd=tmp_path))

    assert b"amdgcn-amd-amdhsa--gfx90a" in (tmp_path / "saxpy").read_bytes()
    assert good(run("./saxpy", cwd=tmp_path, LD_LIBRARY_PATH=f"{root}/lib")) in DEVICES


def test_a_cmake_project_configures_builds_and_starts(installed, tmp_path):
    root = installed[0].root()
    (tmp_path / "CMakeLists.txt").write_text(PROJECT)
    (tmp_path / "sample.cpp").write_text(SAMPLE)
    configure = ["cmake", "-S", ".", "-B", "build", f"-DCMAKE_PREFIX_PATH={root}/lib/cmake"]

    good(run(*configure, cwd=tmp_path, PATH=PLAIN_PATH))
    good(run("cmake", "--build", "build", cwd=tmp_path, PATH=PLAIN_PATH))

    assert re.fullmatch(r"rocrand \d+\n", good(run("build/sample", cwd=tmp_path)))
    found = re.findall(r"^\w+_DIR:PATH=(.*)$", (tmp_path / "build/CMakeCache.txt").read_text(), re.M)
    assert len(found) > 3
    assert [path for path in found if not path.startswith(f"{root}/")] == []


@pytest.mark.parametrize("name", SCRIPTS)
def test_a_script_runs_after_init(installed, name):
    environment, _ = installed
    environment.root()

    assert_runs(environment, name)


@pytest.mark.parametrize("name", SCRIPTS)
def test_a_script_runs_before_init(name, debian_build, cache, tmp_path):
    environment = make_environment("uv", tmp_path / "environment", debian_build.dist, cache)
    environment.install(both("gfx94X-dcgpu"))

    assert_runs(environment, name)


@pytest.mark.parametrize("name", SCRIPTS)
def test_a_script_runs_with_core_alone(name, debian_build, cache, tmp_path):
    environment = make_environment("uv", tmp_path / "environment", debian_build.dist, cache)
    environment.install("rocm")

    assert_runs(environment, name)


def assert_runs(environment: Environment, name: str) -> None:
    """The program itself answers, and succeeds, but that rocminfo has nothing to tell where there is no driver."""
    option, pattern = ANSWERS[name]

    done = environment.run(name, option)

    assert re.search(pattern, done.out), done
    assert (done.code == 0) == (name != "rocminfo" or Path("/dev/kfd").exists()), done


ANSWERS = {
    "hipcc": ("--version", r"^HIP version: 5\.2"),
    "hipconfig": ("--version", r"^5\.2"),
    "rocminfo": ("--help", r"ROCk module is NOT loaded|HSA System Attributes"),
    "rocm-smi": ("--help", r"usage: rocm_smi\.py"),
    "amdclang++": ("--version", r"clang version 15"),
}


@every_installer
@every_family
def test_the_variable_chooses_the_family(fresh, family):
    fresh.install("rocm[libraries,devel]", ROCM_SDK_TARGET_FAMILY=family)

    assert fresh.installed == packages_of(family)
    assert fresh.root() == fresh.site / f"_rocm_sdk_devel_{family.replace('-', '_')}"


@every_installer
@pytest.mark.parametrize("place", ["core first", "core last"])
def test_after_uninstall_site_packages_is_as_before(fresh, place, tmp_path):
    before = fresh.paths()
    fresh.install(both("gfx94X-dcgpu"))
    others = [name.replace("_", "-") for name in fresh.installed if name != "rocm_sdk_core"]
    (tmp_path / "saxpy.hip").write_text(SAXPY)
    good(run(fresh.root() / "bin/hipcc", "--offload-arch=gfx90a", "-c", "saxpy.hip", cwd=tmp_path))

    for names in (["rocm-sdk-core"], others) if place == "core first" else (others, ["rocm-sdk-core"]):
        fresh.uninstall(*names)

    assert fresh.paths() == before


def test_two_families_stand_side_by_side(debian_build, cache, tmp_path):
    environment = make_environment("uv", tmp_path / "environment", debian_build.dist, cache)
    environment.install(*map(both, FAMILIES))

    roots = {family: environment.root(ROCM_SDK_TARGET_FAMILY=family) for family in FAMILIES}

    digests = {
        (root / "lib/librocrand.so.1").resolve().relative_to(environment.site).parts[0] for root in roots.values()
    }
    assert digests == {"_rocm_sdk_libraries_gfx94X_dcgpu", "_rocm_sdk_libraries_gfx120X_all"}
    assert load_failures(path for root in roots.values() for path in (root / "lib").glob("lib*.so.*")) == {}


@every_family
def test_a_family_built_alone_has_the_same_bytes(debian_build, family, tmp_path):
    alone = replace(debian_build, directory=tmp_path, settings={**debian_build.settings, "families": family})
    assert alone("build").code == 0

    built = sorted(alone.build.rglob("*.whl"))
    assert len([path for path in built if "gfx" in path.name]) == 2
    assert [path.name for path in built if path.read_bytes() != (debian_build.dist / path.name).read_bytes()] == []
