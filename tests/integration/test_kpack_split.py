"""Neutral host wheels and one device wheel a GFX target, on the embedded sample: built, installed, removed."""

from __future__ import annotations

import hashlib
import json
import shutil
from pathlib import Path

import pytest

from tests.support import stamps
from tests.support.doit_process import Doit, tree_of
from tests.support.environments import Done, Environment, make_environment
from tests.support.loading import load_failures, shared_libraries
from tools.sample.embedded import make_sample

GENERIC = {
    "generic/bootstrap",
    "generic/core",
    "generic/devel",
    "generic/libraries",
    "generic/meta",
    "generic/profiler",
}
ROOT, LIBRARIES = "_rocm_sdk_devel", "_rocm_sdk_libraries"
KERNELS = "lib/rocblas/library"
ALWAYS = ["rocm", "rocm_sdk_core"]
HOST = [*ALWAYS, "rocm_sdk_libraries"]
GFX942, GFX950, GFX1201 = "rocm_sdk_device_gfx942", "rocm_sdk_device_gfx950", "rocm_sdk_device_gfx1201"

EXTRAS = {
    "libraries": HOST,
    "profiler": [*ALWAYS, "rocm_profiler"],
    "devel": [*ALWAYS, "rocm_sdk_devel", "rocm_sdk_libraries"],
    "device-gfx942": [*HOST, GFX942],
    "device-gfx950": [*HOST, GFX950],
    "device-gfx1201": [*HOST, GFX1201],
    "device-gfx94X-dcgpu": [*HOST, GFX942],
    "device-gfx94X-all": [*HOST, GFX942],
    "device-gfx950-dcgpu": [*HOST, GFX950],
    "device-gfx950-all": [*HOST, GFX950],
    "device-gfx120X-all": [*HOST, GFX1201],
    "device-dgpu-all": [*HOST, GFX1201],
    "device-dcgpu-all": [*HOST, GFX942, GFX950],
    "device-all": [*HOST, GFX942, GFX950, GFX1201],
    "libraries,devel,device-gfx942": [*HOST, "rocm_sdk_devel", GFX942],
}

every_installer = pytest.mark.parametrize(
    "installer", ["uv", *(pytest.param(name, marks=pytest.mark.slow) for name in ("pip", "pip 23.0.1"))]
)
uv = pytest.mark.parametrize("installer", ["uv"])


@pytest.fixture(scope="module")
def split(tmp_path_factory: pytest.TempPathFactory) -> Path:
    directory = tmp_path_factory.mktemp("sample") / "kpack-split"
    make_sample(directory, "kpack-split")
    return directory


@pytest.fixture(scope="module")
def built(split: Path, tmp_path_factory: pytest.TempPathFactory) -> Doit:
    """Return doit with a finished build; nobody may change it."""
    doit = Doit(directory=tmp_path_factory.mktemp("split"), settings={"artifact_dir": str(split), "version": "1.0"})
    finished = doit("index")
    assert (finished.code, finished.err) == (0, "")
    return doit


@pytest.fixture
def artifacts(split: Path, tmp_path: Path) -> Path:
    return Path(shutil.copytree(split, tmp_path / "artifacts", symlinks=True))


@pytest.fixture
def doit(artifacts: Path, tmp_path: Path) -> Doit:
    return Doit(directory=tmp_path, settings={"artifact_dir": str(artifacts), "version": "1.0"})


@pytest.fixture
def environment(installer: str, built: Doit, tmp_path: Path) -> Environment:
    return make_environment(installer, tmp_path / "environment", built.dist)


def without_compiled(paths: set[str]) -> set[str]:
    return {path for path in paths if "__pycache__" not in path}


# Built


def test_the_layout_is_read_from_the_artifacts(built):
    assert set(stamps.built(built)) == GENERIC | {"gfx1201/device", "gfx942/device", "gfx950/device"}


@pytest.mark.parametrize(
    ("task", "devices"),
    [
        ("build:gfx942", {"gfx942/device"}),
        ("build:gfx94X-dcgpu", {"gfx942/device"}),
        ("build:dcgpu-all", {"gfx942/device", "gfx950/device"}),
        ("build", {"gfx942/device", "gfx950/device", "gfx1201/device"}),
    ],
)
def test_a_target_or_family_is_built_with_all_it_needs(doit, task, devices):
    assert doit(task).code == 0
    assert set(stamps.built(doit)) == GENERIC | devices


def test_the_finished_set_is_sound(built):
    finished = built("verify")

    assert finished.code == 0, finished.out
    assert "8 wheels, " in finished.out
    assert ": 0 errors, 0 warnings\n" in finished.out


def test_targets_json_leads_from_a_target_to_its_wheel(built):
    rows = json.loads((built.dist / "targets.json").read_bytes())["targets"]

    file = built.dist / "rocm_sdk_device_gfx942-1.0-py3-none-linux_x86_64.whl"
    assert sorted(rows) == ["gfx1201", "gfx942", "gfx950"]
    assert rows["gfx942"] == {
        "distribution": "rocm-sdk-device-gfx942",
        "families": ["dcgpu-all", "gfx94X-all", "gfx94X-dcgpu"],
        "file": file.name,
        "product": "MI300A/MI300X CDNA",
        "sha256": hashlib.sha256(file.read_bytes()).hexdigest(),
        "size": file.stat().st_size,
        "version": "1.0",
    }


def test_adding_a_target_builds_its_wheel_the_sdist_and_the_index(doit, artifacts, built, tmp_path):
    added = [artifacts / "blas_lib_gfx1201", artifacts / "miopen_lib_gfx1201"]
    for artifact in added:
        artifact.rename(tmp_path / artifact.name)
    assert doit("index").code == 0
    before = stamps.built(doit)
    for artifact in added:
        (tmp_path / artifact.name).rename(artifact)

    finished = doit("index")

    assert finished.code == 0
    assert stamps.written(before, stamps.built(doit)) == {"gfx1201/device", "generic/meta"}
    assert tree_of(doit.dist) == tree_of(built.dist)


def test_a_changed_kernel_rebuilds_one_device_wheel(doit, artifacts):
    assert doit("index").code == 0
    before = stamps.built(doit)
    kernel = next(artifacts.glob("blas_lib_gfx942/**/TensileLibrary_gfx942.dat"))
    kernel.write_bytes(kernel.read_bytes() + b"one more\n")

    finished = doit("index")

    assert finished.code == 0
    assert stamps.written(before, stamps.built(doit)) == {"gfx942/device"}


# Refused


def test_a_path_in_two_device_wheels_stops_them(doit, artifacts):
    for target in ("gfx942", "gfx950"):
        stage = next(artifacts.glob(f"blas_lib_{target}/math-libs/BLAS/rocBLAS/stage"))
        (stage / KERNELS / "common.dat").write_bytes(target.encode())

    finished = doit("build:gfx942")

    assert finished.code == 1
    assert (
        "these wheels cannot be installed together:\n"
        f"  {LIBRARIES}/{KERNELS}/common.dat: in rocm-sdk-device-gfx942 and rocm-sdk-device-gfx950; name the file "
        "after its target, or ship it in the neutral artifact"
    ) in finished.out + finished.err
    assert not list(doit.build.glob("wheel/gfx*/**/*.whl"))


def test_a_named_target_without_an_artifact_of_others_is_refused(doit, artifacts):
    shutil.rmtree(artifacts / "miopen_lib_gfx942")

    finished = doit("list", "families=gfx94X-dcgpu")

    assert finished.code == 3
    assert finished.err == (
        "ERROR: families: gfx942 has no device files of miopen, which gfx1201, gfx950 have; add the artifacts, or "
        "build what is there with strict=no\n"
    )


def test_a_named_target_without_files_of_an_artifact_is_refused(doit, artifacts):
    for file in artifacts.glob("miopen_lib_gfx942/*/*/stage"):
        shutil.rmtree(file)

    finished = doit("build:gfx942", "families=gfx942,gfx950")

    assert finished.code == 1
    assert (
        "  gfx942 has no device files of miopen, which gfx950 has: add the artifacts, or build"
        in finished.out + finished.err
    )


def test_a_layout_that_the_artifacts_cannot_give_is_refused(doit, artifacts):
    finished = doit("list", "layout=per-family")

    assert finished.code == 3
    assert finished.err == (
        f"ERROR: layout: per-family cannot be made of {artifacts}: the artifacts were built with "
        "KPACK_SPLIT_ARTIFACTS, so host code is there once for all families, and its programs would need "
        "libraries of one\n"
    )


# Installed


@pytest.mark.parametrize("extra", EXTRAS)
@every_installer
def test_an_extra_installs_exactly_its_wheels(environment, extra):
    environment.install(f"rocm[{extra}]")

    assert environment.installed == sorted(EXTRAS[extra])


def test_there_are_no_other_extras(built):
    from tools.verify.sdist import read_sdist

    sdist = read_sdist(built.dist / "rocm-1.0.tar.gz")

    assert sdist is not None
    assert sdist.facts is not None
    assert set(sdist.facts.extras) == {extra.lower() for extra in EXTRAS if "," not in extra}


@pytest.mark.parametrize(
    ("variable", "devices"),
    [
        ("gfx942", [GFX942]),
        ("gfx94X-dcgpu", [GFX942]),
        ("dcgpu-all", [GFX942, GFX950]),
        ("gfx1201,gfx942", [GFX1201, GFX942]),
    ],
)
@every_installer
def test_the_variable_chooses_the_device(environment, variable, devices):
    environment.install("rocm[libraries,device]", ROCM_SDK_TARGET_FAMILY=variable)

    assert environment.installed == sorted([*HOST, *devices])


@every_installer
@pytest.mark.parametrize(("gpus", "devices"), [("gfx950", [GFX950]), ("gfx942,gfx1201", [GFX942, GFX1201])])
def test_the_gpus_found_choose_the_device(environment, gpus, devices):
    found = {"ROCM_BOOTSTRAP_DISABLE_DETECTION": "0", "ROCM_BOOTSTRAP_FORCE_GFX_ARCH": gpus}
    environment.install("rocm[libraries,device]", **found)

    assert environment.installed == sorted([*HOST, *devices])


@uv
def test_without_a_gpu_or_a_name_there_is_no_device(environment):
    said = environment.install("rocm[libraries,device]")

    assert environment.installed == HOST
    assert "does not have an extra named `device`" in said


@every_installer
def test_one_device_wheel_leaves_from_beside_another(environment):
    environment.install("rocm[libraries,devel,device-gfx950]")
    assert environment.run("rocm-sdk", "init", "--quiet") == Done(code=0, out="", err="")
    before = environment.paths()
    environment.install("rocm[device-gfx942]")
    assert environment.run("rocm-sdk", "init", "--quiet") == Done(code=0, out="", err="")
    both = environment.paths()

    environment.uninstall("rocm-sdk-device-gfx942")

    mine = {f"{top}/{KERNELS}/TensileLibrary_gfx942.dat" for top in (LIBRARIES, ROOT)}
    assert mine <= both - before
    assert without_compiled(before - environment.paths()) == set()
    assert environment.run("rocm-sdk", "init", "--quiet") == Done(code=0, out="", err="")
    assert without_compiled(environment.paths()) == without_compiled(before)
    assert environment.run("rocm-sdk", "check").out.endswith(" links checked: all right\n")


@every_installer
@pytest.mark.parametrize("first", ["rocm-sdk-device-gfx942", "rocm-sdk-libraries", "rocm-sdk-devel"])
def test_after_uninstall_nothing_is_left(environment, first):
    before = environment.paths()
    environment.install("rocm[libraries,devel,device-gfx942,device-gfx950]")
    assert environment.run("rocm-sdk", "init", "--quiet") == Done(code=0, out="", err="")

    environment.uninstall(first)
    environment.uninstall(*(name.replace("_", "-") for name in environment.installed))

    assert environment.paths() == before


@uv
@pytest.mark.parametrize(
    "command", [("rocm-sdk", "path", "--root"), ("rocm-sdk", "init"), ("hipcc", "--version")], ids=str
)
def test_a_device_wheel_that_comes_and_goes_after_init_is_seen(environment, command):
    environment.install("rocm[libraries,devel]")
    root = environment.root()
    kernel = root / KERNELS / "TensileLibrary_gfx942.dat"

    environment.install("rocm[device-gfx942]")
    assert environment.run(*command).code == 0
    assert kernel.read_bytes() == (environment.site / LIBRARIES / KERNELS / kernel.name).read_bytes()

    environment.uninstall("rocm-sdk-device-gfx942")
    assert environment.run(*command).code == 0
    assert not kernel.is_symlink()


@uv
def test_a_tool_looks_at_the_tree_once_a_change(environment):
    environment.install("rocm[libraries,devel,device-gfx942]")
    assert environment.run("hipcc", "--version").code == 0
    before = [file.stat().st_mtime_ns for file in sorted((environment.site / ROOT / ".rocm-sdk").iterdir())]

    code = "import os, sys; os.execv = lambda *a: print(*sorted(sys.modules)); sys.argv = ['hipcc']\n"
    modules = environment.run("python", "-c", f"{code}from rocm_sdk_core._cli import hipcc; hipcc()").out.split()

    assert "rocm_sdk_core._site" in modules
    assert not {"rocm_sdk_core._devel", "rocm_sdk_core._links"} & {*modules}
    assert before == [file.stat().st_mtime_ns for file in sorted((environment.site / ROOT / ".rocm-sdk").iterdir())]


@uv
def test_device_libraries_load_by_every_name(environment):
    environment.install("rocm[libraries,devel,device-all]")
    site, root = environment.site, environment.root()

    libraries = [path for path in shared_libraries(site / LIBRARIES) if "gfx" in path.name]
    links = list((root / KERNELS).glob("librocblas-kernels-*.so*"))

    names = {path.name for path in libraries}
    assert {"librocblas-kernels-gfx942.so", "librocblas-kernels-gfx950-xnack+.so.5"} <= names
    assert len(links) == 12
    assert load_failures([*libraries, *links]) == {}


@uv
def test_everything_installed_tests_itself(environment):
    environment.install("rocm[libraries,devel,device-all,profiler]")

    done = environment.run("rocm-sdk", "test")

    assert done.code == 0, done.out + done.err


@uv
@pytest.mark.parametrize(
    ("variable", "problems"),
    [
        ("gfx942", []),
        (
            "dcgpu-all",
            [
                "ROCM_SDK_TARGET_FAMILY is dcgpu-all, but gfx950 has no code here; install it with: "
                "{advised} 'rocm[device-gfx950]==1.0', with the --index-url or --find-links that you installed from"
            ],
        ),
        (
            "gfx90a",
            ["ROCM_SDK_TARGET_FAMILY: 'gfx90a' is no family of rocm 1.0; use one of gfx1201, gfx942, gfx950"],
        ),
    ],
)
def test_doctor_misses_the_device_wheels_that_the_variable_names(environment, variable, problems):
    environment.install("rocm[libraries,device-gfx942]")

    done = environment.run("rocm-sdk", "doctor", "--json", ROCM_SDK_TARGET_FAMILY=variable)

    assert json.loads(done.out)["problems"] == [line.format(advised=environment.advised) for line in problems]
    assert done.code == (1 if problems else 0)
