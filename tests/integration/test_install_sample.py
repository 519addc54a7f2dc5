"""The embedded sample's wheels, installed offline by each installer: the right family, tools that run, no leftovers."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.support.environments import INSTALLERS, Done, Environment, both, make_environment, packages_of, underscored
from tests.support.loading import load_failures, missing_of_system, shared_libraries
from tests.support.small_rocm import SOURCE
from tools.sample.embedded import FAMILIES

SCRIPTS = ("hipcc", "hipconfig", "rocminfo", "rocm-smi", "amdclang++")

DAILY = {("uv", "gfx94X-dcgpu"), ("uv", "gfx120X-all"), ("pip", "gfx94X-dcgpu")}  # a pip takes seconds

every_installer = pytest.mark.parametrize(
    "installer", ["uv", *(pytest.param(name, marks=pytest.mark.slow) for name in ("pip", "pip 23.0.1"))]
)
every_installer_and_family = pytest.mark.parametrize(
    ("installer", "family"),
    [
        pytest.param(installer, family, marks=[] if (installer, family) in DAILY else pytest.mark.slow)
        for installer in INSTALLERS
        for family in FAMILIES
    ],
)


@pytest.fixture
def environment(installer: str, sample_dist: Path, tmp_path: Path) -> Environment:
    return make_environment(installer, tmp_path / "environment", sample_dist)


@pytest.fixture(scope="module")
def complete(sample_dist: Path, tmp_path_factory: pytest.TempPathFactory) -> Environment:
    """Every package of one family."""
    made = make_environment("uv", tmp_path_factory.mktemp("complete"), sample_dist)
    made.install("rocm[libraries-gfx94x-dcgpu,devel-gfx94x-dcgpu,profiler]")
    return made


@every_installer_and_family
def test_the_variable_chooses_the_family(environment, family):
    environment.install("rocm[libraries,devel]", ROCM_SDK_TARGET_FAMILY=family)

    assert environment.installed == packages_of(family)
    assert environment.root() == environment.site / f"_rocm_sdk_devel_{underscored(family)}"


@every_installer_and_family
def test_an_explicit_extra_names_the_family(environment, family):
    environment.install(both(family))

    assert environment.installed == packages_of(family)
    assert environment.run("rocm-sdk", "init", "--quiet") == Done(code=0, out="", err="")
    assert environment.run("rocm-sdk", "check").out.endswith(" links checked: all right\n")


@every_installer
def test_a_shared_cache_gives_the_first_family_and_the_second_is_told(installer, sample_dist, tmp_path):
    first, second = (
        make_environment(installer, tmp_path / name, sample_dist, cache=tmp_path / "cache") for name in ("a", "b")
    )
    first.install("rocm[libraries,devel]", ROCM_SDK_TARGET_FAMILY="gfx94X-dcgpu")
    second.install("rocm[libraries,devel]", ROCM_SDK_TARGET_FAMILY="gfx120X-all")

    program = "import rocm_sdk; print(rocm_sdk.find_libraries('hipblas'))"
    found = second.run("python", "-c", program, ROCM_SDK_TARGET_FAMILY="gfx120X-all")
    doctor = second.run("rocm-sdk", "doctor", "--json", ROCM_SDK_TARGET_FAMILY="gfx120X-all")

    sentence = (
        "ROCM_SDK_TARGET_FAMILY is gfx120X-all, but rocm-sdk-libraries is installed for gfx94X-dcgpu; "
        f"unset it, or install it with: {second.advised} 'rocm[libraries-gfx120x-all]==1.0'{SOURCE}"
    )
    assert second.installed == packages_of("gfx94X-dcgpu")
    assert found.code == 1
    assert found.err.splitlines()[-1] == f"ModuleNotFoundError: {sentence}"
    assert doctor.code == 1
    assert json.loads(doctor.out)["problems"] == [sentence]


@pytest.mark.parametrize("installer", ["uv", pytest.param("pip", marks=pytest.mark.slow)])
def test_what_the_readme_advises_gives_the_second_family(installer, sample_dist, tmp_path):
    first, second = (
        make_environment(installer, tmp_path / name, sample_dist, cache=tmp_path / "cache") for name in ("a", "b")
    )
    first.install("rocm[libraries,devel]", ROCM_SDK_TARGET_FAMILY="gfx94X-dcgpu")

    if installer == "uv":
        second.clean_cache("rocm")
        second.install("rocm[libraries,devel]", ROCM_SDK_TARGET_FAMILY="gfx120X-all")
    else:
        second.install("--no-cache-dir", "rocm[libraries,devel]", ROCM_SDK_TARGET_FAMILY="gfx120X-all")

    assert second.installed == packages_of("gfx120X-all")


@every_installer
@pytest.mark.parametrize("place", ["core first", "core last"])
@pytest.mark.parametrize("state", ["before init", "after init"])
def test_after_uninstall_site_packages_is_as_before(environment, place, state):
    before = environment.paths()
    environment.install("rocm[libraries-gfx94x-dcgpu,devel-gfx94x-dcgpu,profiler]")
    names = [name.replace("_", "-") for name in environment.installed if name != "rocm_sdk_core"]
    if state == "after init":
        assert environment.run("rocm-sdk", "init").code == 0
        assert environment.run("hipcc").code == 0

    if place == "core first":
        environment.uninstall("rocm-sdk-core")
        environment.uninstall(*names)
    else:
        environment.uninstall(*names)
        environment.uninstall("rocm-sdk-core")

    assert environment.paths() == before


@pytest.mark.parametrize("installer", ["uv"])
def test_one_family_is_uninstalled_from_beside_the_other(environment):
    environment.install(both("gfx94X-dcgpu"))
    environment.run("rocm-sdk", "init", "--quiet")
    before = environment.paths()
    environment.install(both("gfx120X-all"))
    environment.run("rocm-sdk", "init", "--quiet")

    environment.uninstall("rocm-sdk-devel-gfx120X-all", "rocm-sdk-libraries-gfx120X-all")

    assert environment.paths() == before
    assert environment.run("rocm-sdk", "check").code == 0


@pytest.fixture(scope="module")
def core_alone(sample_dist: Path, tmp_path_factory: pytest.TempPathFactory) -> Environment:
    made = make_environment("uv", tmp_path_factory.mktemp("core"), sample_dist)
    made.install("rocm")
    return made


@pytest.mark.parametrize("name", SCRIPTS)
def test_a_script_runs_with_core_alone(core_alone, name):
    done = core_alone.run(name, "--version")

    assert (done.code, done.err) == (0, "")
    assert done.out


@pytest.mark.parametrize("installer", ["uv"])
@pytest.mark.parametrize("name", SCRIPTS)
def test_a_script_runs_before_init(environment, name):
    environment.install("rocm[devel-gfx94x-dcgpu]")

    done = environment.run(name, "--version")

    assert (done.code, done.err) == (0, "")
    assert done.out


@pytest.mark.parametrize("name", SCRIPTS)
def test_a_script_runs_after_init(complete, name):
    complete.root()

    done = complete.run(name, "--version")

    assert (done.code, done.err) == (0, "")
    assert done.out


def test_every_library_of_every_wheel_loads_without_any_variable(complete):
    libraries = shared_libraries(complete.site)

    failures = load_failures(libraries)
    if lacking := missing_of_system(failures):
        pytest.skip(f"this machine lacks {', '.join(sorted(lacking))}")

    assert failures == {}
    packages = {path.relative_to(complete.site).parts[0] for path in libraries}
    assert packages == {"_rocm_profiler", "_rocm_sdk_core", "_rocm_sdk_libraries_gfx94X_dcgpu"}


def test_every_library_loads_through_the_devel_tree(complete):
    real = set(shared_libraries(complete.site))

    links = [path for path in complete.root().rglob("*.so*") if path.is_symlink() and path.resolve() in real]

    # The loader takes $ORIGIN from the path it opens: an alias in another directory is for linkers, as in /opt/rocm.
    failures = {path.relative_to(complete.root()).as_posix() for path in load_failures(links)}
    assert failures == {"rocblas/lib/librocblas.so"}
    assert len(links) > 50


def test_the_installation_tests_itself(complete):
    done = complete.run("rocm-sdk", "test")

    assert done.code == 0, done.out + done.err
