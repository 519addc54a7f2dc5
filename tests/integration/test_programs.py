"""Real programs on real wheels: pex, shiv, virtualenv, uv, pip, PyInstaller, AMD's bindings, JAX's plugins."""

from __future__ import annotations

import io
import json
import os
import subprocess
import sys
import zipfile
from collections.abc import Iterator
from pathlib import Path
from posixpath import basename, dirname, join, normpath

import pytest

from rules.loading.specs import load_specs
from tests.support import small_rocm
from tests.support.places import SPECS
from tests.support.planner import library, make_planner
from tests.support.programs import UV, programs, published
from tests.support.small_rocm import FAMILY
from tools.elf.facts import read_elf_facts

pytestmark = pytest.mark.slow

PINS = ("rocm==10.1.0", f"rocm-sdk-libraries-{FAMILY}==10.1.0")
SELF_TEST = (
    "import sys, rocm_sdk\n"
    "from rocm_sdk.__main__ import main\n"
    "try: rocm_sdk.preload_libraries('hipblas'); print('loaded', file=sys.stderr)\n"
    "except OSError as error: print(error, file=sys.stderr)\n"
    "sys.exit(main(['test', '--json']))\n"
)


@pytest.fixture(scope="module")
def dist(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A flat directory with real libraries in its wheels."""
    real = small_rocm.real_libraries(tmp_path_factory.mktemp("compiled"))
    core = small_rocm.core(library=real["amdhip64"])
    libraries = small_rocm.libraries(FAMILY, library=real["hipblas"])
    return small_rocm.write_dist(tmp_path_factory.mktemp("dist"), core, libraries, small_rocm.devel(FAMILY))


@pytest.fixture
def variables(dist: Path, tmp_path: Path) -> dict[str, str]:
    """No network, no settings of the user, caches of this test alone."""
    plain = small_rocm.environment(Path())
    del plain["PYTHONPATH"]
    return plain | {
        "HOME": str(tmp_path / "home"),
        "PATH": f"{programs()}{os.pathsep}{UV.parent}{os.pathsep}{plain['PATH']}",
        "PEX_ROOT": str(tmp_path / "pex"),
        "SHIV_ROOT": str(tmp_path / "shiv"),
        "PIP_CONFIG_FILE": os.devnull,
        "PIP_DISABLE_PIP_VERSION_CHECK": "1",
        "PIP_NO_INDEX": "1",
        "PIP_NO_CACHE_DIR": "1",
        "PIP_FIND_LINKS": str(dist),
        "UV_NO_CONFIG": "1",
        "UV_OFFLINE": "1",
        "UV_NO_INDEX": "1",
        "UV_FIND_LINKS": str(dist),
        "UV_CACHE_DIR": str(tmp_path / "uv"),
    }


def run(command: list[object], variables: dict[str, str], *, code: int | None = 0) -> subprocess.CompletedProcess[str]:
    done = subprocess.run(
        list(map(str, command)), capture_output=True, text=True, check=False, timeout=600, env=variables
    )
    assert code is None or done.returncode == code, done.stdout + done.stderr
    return done


def shell(command: str, variables: dict[str, str]) -> subprocess.CompletedProcess[str]:
    """Run what was printed: the command in it, without the words after it."""
    return run(["bash", "-ec", command.partition(small_rocm.SOURCE)[0]], variables)


def failed(text: str) -> dict[str, str]:
    return {result["name"]: result["detail"] for result in json.loads(text) if result["state"] == "failed"}


@pytest.fixture
def environment(tmp_path: Path, variables: dict[str, str]) -> Path:
    """A virtual environment with the wheels, and without devel."""
    venv = tmp_path / "venv"
    run([UV, "venv", "--python", sys.executable, "--quiet", venv], variables)
    run([UV, "pip", "install", "--python", venv / "bin/python", *PINS], variables)
    return venv


@pytest.mark.parametrize(
    ("options", "works"),
    [([], False), (["--venv", "prepend"], False), (["--venv", "prepend", "--venv-site-packages-copies"], True)],
    ids=["unzipped", "venv", "venv of copies"],
)
def test_pex(tmp_path: Path, environment: Path, variables: dict[str, str], options: list[str], works: bool) -> None:
    script = tmp_path / "program.py"
    script.write_text(SELF_TEST)
    file = tmp_path / "program.pex"
    build = [programs() / "pex", "--venv-repository", environment, *PINS, "-o", file]
    run([*build, *options], variables)

    done = run([file, script], variables, code=0 if works else 1)

    if works:
        assert (failed(done.stdout), done.stderr.endswith("loaded\n")) == ({}, True)
        return
    problem = failed(done.stdout)["installation"]
    assert problem in done.stderr
    _, _, remedy = problem.partition("build the pex again with: ")
    run([*build, *remedy.split()], variables)
    assert failed(run([file, script], variables).stdout) == {}


@pytest.mark.parametrize("script", ["rocm-sdk", "rocminfo"])
def test_shiv(tmp_path: Path, variables: dict[str, str], script: str) -> None:
    file = tmp_path / "program.pyz"
    run([programs() / "shiv", "-c", script, "-o", file, *PINS], variables)

    if script == "rocminfo":
        assert run([file, "x"], variables).stdout.endswith("_rocm_sdk_core/bin/rocminfo x\n")
    else:
        assert failed(run([file, "test", "--json"], variables).stdout) == {}
        assert "all right" in run([file, "check"], variables).stdout


@pytest.mark.parametrize("mode", ["clone", "copy", "hardlink", "symlink"])
def test_link_modes_of_uv(tmp_path: Path, variables: dict[str, str], mode: str) -> None:
    venv = tmp_path / "venv"
    run([UV, "venv", "--quiet", "--python", sys.executable, venv], variables)
    python = venv / "bin/python"
    run([UV, "pip", "install", "--link-mode", mode, "--python", python, *PINS], variables)
    command: list[object] = [python, "-m", "rocm_sdk", "test", "--json"]

    if mode == "symlink":
        problem = failed(run(command, variables, code=1).stdout)["installation"]
        assert problem.startswith(f"the files of rocm-sdk-core, rocm-sdk-libraries-{FAMILY} are links, as to ")
        shell(problem.partition("install them as files: ")[2], variables)

    assert failed(run(command, variables).stdout) == {}


def test_a_virtual_environment_on_top_of_another_one(
    tmp_path: Path, environment: Path, variables: dict[str, str]
) -> None:
    """pip takes what the lower one has for installed, so devel lands alone in the upper one."""
    upper = tmp_path / "upper"
    run([programs() / "virtualenv", "--quiet", "--no-download", "--python", sys.executable, upper], variables)
    lower = next(environment.glob("lib/python*/site-packages"))
    site = next(upper.glob("lib/python*/site-packages"))
    (site / "lower.pth").write_text(f"{lower}\n")  # as --system-site-packages does for the base
    variables["PATH"] = f"{upper / 'bin'}{os.pathsep}{variables['PATH']}"
    shell(f"pip install --no-deps rocm-sdk-devel-{FAMILY}==10.1.0", variables)

    error = run([upper / "bin/python", "-m", "rocm_sdk", "init"], variables, code=1).stderr
    shell(error.partition("install all of them in this virtual environment: ")[2], variables)

    assert run([upper / "bin/python", "-m", "rocm_sdk", "path", "--root"], variables).stdout.startswith(str(site))
    assert failed(run([upper / "bin/python", "-m", "rocm_sdk", "test", "--json"], variables).stdout) == {}


@pytest.mark.parametrize("option", ["--target", "--user", "--prefix"])
def test_places_of_pip(tmp_path: Path, variables: dict[str, str], option: str) -> None:
    place = tmp_path / "a place"
    extra = {"--target": [place], "--prefix": [place], "--user": []}[option]
    if option == "--user":
        variables |= {"PYTHONUSERBASE": str(place), "PIP_BREAK_SYSTEM_PACKAGES": "1"}
    python = "/usr/bin/python3" if option == "--user" else sys.executable
    run([sys.executable, "-m", "pip", "--python", python, "install", option, *extra, *PINS], variables)
    (site,) = {core.parent for core in place.rglob("_rocm_sdk_core")}
    variables |= {} if option == "--user" else {"PYTHONPATH": str(site)}

    check = run([python, "-m", "rocm_sdk", "check"], variables)
    assert ("console scripts are not where RECORD says" in check.stdout) == (option == "--target")
    assert failed(run([python, "-m", "rocm_sdk", "test", "--json"], variables).stdout) == {}
    advice = run([python, "-m", "rocm_sdk", "init"], variables, code=1).stderr
    command = advice.partition("install it with: ")[2].partition(" or ")[2].strip()  # the second family's
    pip = f'pip() {{ {sys.executable} -m pip --python {python} "$@"; }}\n'
    shell(f"{pip}{command}", variables)
    assert run([python, "-m", "rocm_sdk", "path", "--root"], variables).stdout.startswith(str(site))


APPLICATION = (
    "import sys, rocm_sdk\n"
    "print(rocm_sdk.__version__)\n"
    "if len(sys.argv) > 1:\n"
    "    rocm_sdk.initialize_process(preload_shortnames=['hipblas'])\n"
    "    names = {line.split()[-1] for line in open('/proc/self/maps') if 'amdhip64' in line}\n"
    "    print(len(names))\n"
)


@pytest.mark.parametrize("excluded", [(), ("libraries",)], ids=["default options", "a package left out"])
def test_pyinstaller(tmp_path: Path, environment: Path, variables: dict[str, str], excluded: tuple[str, ...]) -> None:
    (tmp_path / "program.py").write_text(APPLICATION)
    site = next(environment.glob("lib/python*/site-packages"))
    variables |= {"PYTHONPATH": str(site), "PYINSTALLER_CONFIG_DIR": str(tmp_path / "config")}
    target = tmp_path / "program.py"
    if excluded:
        run([programs() / "pyi-makespec", "--specpath", tmp_path, target], variables)
        target = tmp_path / "program.spec"
        config = f"hooksconfig={{'rocm_sdk': {{'exclude': {list(excluded)!r}}}}}"
        target.write_text(target.read_text().replace("hooksconfig={}", config))
    options = ["--distpath", tmp_path / "out", "--workpath", tmp_path / "work", "-y", "--log-level", "ERROR"]
    run([programs() / "pyinstaller", *options, *([] if excluded else ["--specpath", tmp_path]), target], variables)
    del variables["PYTHONPATH"]
    program = tmp_path / "out/program/program"

    assert run([program], variables).stdout == "10.1.0\n"
    done = run([program, "load"], variables, code=1 if excluded else 0)
    if excluded:
        assert "rocm-sdk-libraries is not installed" in done.stderr
    else:
        assert done.stdout == "10.1.0\n1\n"
    assert not list((tmp_path / "out").rglob("*devel*"))


BINDINGS = {
    "core": "5f6111926679b4d64b79dd547a737d38814b77cb39b1db95d790c55958009d90",
    "hip": "9d31be6c1a4c19d4ded2f2222da3f4bce14d81c58680bd119bffce983e466039",
    "libraries": "3abc6b3eb47827c5bad9ee30cbabcdcbb90cc1ebd3b56e05a327dedcf8f762c2",
}


def test_bindings_of_amd_find_the_libraries(tmp_path: Path, environment: Path, variables: dict[str, str]) -> None:
    place = tmp_path / "bindings"
    for name, digest in BINDINGS.items():
        with zipfile.ZipFile(published(f"rocm-bindings-{name}==10.0.0.0.1.2", digest)) as archive:
            archive.extractall(place)
    shell(f"uv pip install --python {environment}/bin/python rocm-sdk-devel-{FAMILY}==10.1.0", variables)
    site = next(environment.glob("lib/python*/site-packages"))
    code = (
        "import sys; sys.path.insert(0, sys.argv[1])\n"
        "from rocm.bindings.util.paths import get_library_path as g\n"
        "print(*(g(name).decode() for name in ('amdhip64', 'hipblas')), sep='\\n')\n"
        "from rocm_sdk._devel import get_devel_root; print(get_devel_root())\n"
    )

    done = run([environment / "bin/python", "-c", code, place], variables)

    assert done.stdout.splitlines() == [
        f"{site}/_rocm_sdk_core/lib/libamdhip64.so.7",
        f"{site}/_rocm_sdk_libraries_gfx94X_dcgpu/lib/libhipblas.so.3",
        f"{site}/{small_rocm.devel_root(FAMILY)}",
    ]


JAX = {
    "jax-rocm7-plugin": "56ea9cb8b20b2155307da1c7f81941d6811954d8ce3431ffe8d56aa251b725de",
    "jax-rocm7-pjrt": "4551d0714523355f2946ca1958c3f584e95661e467a641d36b726f718a1c7934",
}
IN_LIBRARIES = ("hip", "roc", "rccl", "MIOpen")  # beginnings of names that are not core's
OF_CORE = ("amdhip", "hsa-runtime", "amd_smi", "rocprofiler", "rocm_sysdeps")
OF_THE_SYSTEM = ("libc.", "libdl.", "libgcc_s.", "libm.", "libpthread.", "librt.", "libstdc++.", "ld-linux")


def elf_files(wheel: Path) -> Iterator[tuple[str, tuple[str, ...], tuple[str, ...]]]:
    """Yield path, search path and NEEDED of each library of a wheel."""
    with zipfile.ZipFile(wheel) as archive:
        for name in archive.namelist():
            content = archive.read(name) if ".so" in basename(name) else b""
            if facts := read_elf_facts(io.BytesIO(content), len(content)) if content else None:
                yield name, tuple((facts.runpath or facts.rpath or "").split(":")), facts.needed


@pytest.mark.parametrize("name", JAX)
def test_plugins_of_jax_find_what_they_need(name: str) -> None:
    """Artifacts with every SONAME they need, where ROCm builds it: each is found by the plugins' own search paths."""
    files = list(elf_files(published(f"{name}==0.12.0", JAX[name])))
    needed = {soname for _, _, names in files for soname in names if not soname.startswith(OF_THE_SYSTEM)}
    core = {soname for soname in needed if soname.removeprefix("lib").startswith(OF_CORE)}
    where = {soname: "lib/rocm_sysdeps/lib" if "sysdeps" in soname else "lib" for soname in needed}
    tree = {
        "core-hip_lib_generic": {f"{where[s]}/{s}": library(s) for s in core},
        f"blas_lib_{FAMILY}": {f"{where[s]}/{s}": library(s) for s in needed - core},
    }
    plan = make_planner(tree, specs=load_specs(SPECS, "per-family"))
    shipped = {f"_rocm_sdk_core/{path}" for path in plan.files("core")}
    shipped |= {f"_rocm_sdk_libraries_gfx94X_dcgpu/{path}" for path in plan.files("libraries", FAMILY)}

    lost = {
        f"{path}: {soname}"
        for path, searched, names in files
        for soname in set(names) & needed
        if not any(normpath(join(entry.replace("$ORIGIN", dirname(path)), soname)) in shipped for entry in searched)
    }

    assert needed
    assert lost == set()
