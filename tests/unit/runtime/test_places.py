"""Places where wheels live: each works, or is named with a remedy, and running the remedy as it is printed ends it."""

from __future__ import annotations

import errno
import fcntl
import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from rocm_sdk_core import _devel
from rocm_sdk_core._errors import NoLinks

from tests.support import small_rocm
from tests.support.devel_tree import COMPLETE, ROOT, listing
from tests.support.small_rocm import FAMILY

LIBRARIES = "_rocm_sdk_libraries_gfx94X_dcgpu"
LOAD = "import rocm_sdk; rocm_sdk.preload_libraries('hipblas'); print('loaded')"
NOBODY = 65534  # the user that owns nothing


def problems(path: object, **variables: str) -> list[str]:
    done = small_rocm.run_python(Path(str(path)), "-m", "rocm_sdk", "doctor", "--json", **variables)
    assert "Traceback" not in done.stderr
    return json.loads(done.stdout)["problems"]


def rocm_sdk(site: object, *arguments: str, **variables: str) -> subprocess.CompletedProcess[str]:
    done = small_rocm.run_python(Path(str(site)), "-m", "rocm_sdk", *arguments, **variables)
    assert "Traceback" not in done.stderr
    return done


def failed(site: object, **variables: str) -> dict[str, str]:
    """What ``rocm-sdk test`` finds wrong."""
    results = json.loads(rocm_sdk(site, "test", "--json", **variables).stdout)
    return {result["name"]: result["detail"] for result in results if result["state"] == "failed"}


@pytest.fixture
def linked(real_site: Path, tmp_path: Path) -> Path:
    """A site whose packages are links into a store, one directory a wheel."""
    for name in ("_rocm_sdk_core", LIBRARIES, ROOT):
        place = tmp_path / "store" / name.strip("_") / name
        place.parent.mkdir(parents=True)
        shutil.move(real_site / name, place)
        (real_site / name).symlink_to(place)
    return real_site


def test_links_into_a_store_are_named_by_everybody(linked: Path, tmp_path: Path) -> None:
    [problem] = problems(linked)

    assert problem.startswith("the ROCm packages are in several places, but their files look for each other in one: ")
    assert f"{tmp_path}/store/rocm_sdk_core (rocm-sdk-core)" in problem
    assert failed(linked)["installation"] == problem
    assert rocm_sdk(linked, "init").stderr == f"rocm-sdk: error: {problem}\n"
    assert rocm_sdk(linked, "path", "--root").stderr == f"rocm-sdk: error: {problem}\n"
    assert problem in rocm_sdk(linked, "check").stderr
    last = small_rocm.run_python(linked, "-c", LOAD).stderr.splitlines()[-1]
    assert last.startswith("OSError: libamdhip64.so.7: cannot open shared object file")
    assert last.endswith(problem)


def test_copies_side_by_side_end_it(linked: Path, tmp_path: Path) -> None:
    command = problems(linked)[0].partition("first on the path: ")[2]
    work = tmp_path / "work"
    work.mkdir()

    done = small_rocm.run_shell(linked, f"cd {work}\n{command}\n{sys.executable} -m rocm_sdk test --json")

    results = {result["name"]: result["state"] for result in json.loads(done.stdout)}
    assert results["installation"] == results["libraries"] == results["devel"] == "ok", done.stdout


def test_one_directory_a_wheel_is_named_and_copies_end_it(real_site: Path, tmp_path: Path) -> None:
    other = tmp_path / "other place"
    other.mkdir()
    for name in (LIBRARIES, LIBRARIES[1:], "rocm_sdk_libraries_gfx94x_dcgpu-10.1.0.dist-info"):
        shutil.move(real_site / name, other / name)
    shutil.rmtree(real_site / ROOT)
    path = f"{real_site}{os.pathsep}{other}"

    command = problems(path)[0].partition("first on the path: ")[2]
    done = small_rocm.run_shell(Path(path), f"cd {tmp_path}\n{command}\n{sys.executable} -c {LOAD!r}")

    assert "cannot open shared object file" in small_rocm.run_python(Path(path), "-c", LOAD).stderr
    assert done.stdout == "loaded\n", done.stderr


def test_versions_in_different_directories_are_mixed(site: Path, tmp_path: Path) -> None:
    other = tmp_path / "other"
    shutil.rmtree(site / LIBRARIES)
    small_rocm.libraries(FAMILY, version="10.2.0").unpack(other)
    path = f"{site}{os.pathsep}{other}"

    assert any("mixes versions of ROCm: rocm-sdk-core 10.1.0" in problem for problem in problems(path))
    assert "mixes versions" in failed(path)["installation"]
    code = "import rocm_sdk; rocm_sdk.initialize_process(check_version='10.*', fail_on_version_mismatch=True)"
    last = small_rocm.run_python(Path(path), "-c", code).stderr.splitlines()[-1]
    assert last.startswith(f"RuntimeError: {other}, {site} mixes versions of ROCm: ")


def test_a_release_of_rocm_that_differs_from_its_packages_is_named(site: Path) -> None:
    small_rocm.meta_wheel(small_rocm.build_facts(version="10.2.0")).unpack(site)

    [problem] = problems(site)

    assert problem.startswith("rocm is 10.2.0, but there is rocm-sdk-core 10.1.0, ")
    assert f"install one version of all: {small_rocm.pip(site)} rocm-sdk-core==10.2.0 rocm==" not in problem
    assert f"install one version of all: {small_rocm.pip(site)} rocm-sdk-core==10.2.0 " in problem


def test_console_scripts_of_pip_target_are_a_note(site: Path) -> None:
    record = site / "rocm_sdk_core-10.1.0.dist-info/RECORD"
    record.write_text(record.read_text() + "../../bin/hipcc,sha256=x,210\n")

    done = rocm_sdk(site, "check")

    assert done.returncode == 0, done.stderr
    assert "console scripts are not where RECORD says, as after pip install --target: hipcc\n" in done.stdout


def as_nobody(site: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    """Run rocm-sdk as a user who owns nothing; the interpreter is one that everybody may read."""
    if os.getuid() != 0:
        pytest.skip("only root may become another user")
    for parent in (site, *site.parents):
        if str(parent).startswith("/tmp/"):
            parent.chmod(parent.stat().st_mode | 0o055)
    done = subprocess.run(
        ["/usr/bin/python3", "-m", "rocm_sdk", *arguments],
        capture_output=True, text=True, check=False, env=small_rocm.environment(site), user=NOBODY, group=NOBODY,
        extra_groups=[], cwd="/", timeout=60,
    )  # fmt: skip
    assert "Traceback" not in done.stderr
    return done


def test_a_tree_that_this_user_may_not_make_is_a_problem_until_its_owner_makes_it(site: Path) -> None:
    [problem] = json.loads(as_nobody(site, "doctor", "--json").stdout)["problems"]
    sentence, _, command = problem.partition("; as root run: ")

    assert sentence == (
        f"{site}/{ROOT}: its links are not made yet, or not for what is installed now, and this user may not make them"
    )
    assert as_nobody(site, "path", "--root").stderr == f"rocm-sdk: error: {problem}\n"
    assert small_rocm.run_shell(site, command).returncode == 0
    assert json.loads(as_nobody(site, "doctor", "--json").stdout)["problems"] == []
    assert as_nobody(site, "path", "--root").stdout == f"{site}/{ROOT}\n"


def test_init_under_a_strict_umask_serves_other_users(site: Path) -> None:
    assert small_rocm.run_shell(site, f"umask 077; {sys.executable} -m rocm_sdk init").returncode == 0

    assert as_nobody(site, "check").returncode == 0
    assert as_nobody(site, "path", "--root").stdout == f"{site}/{ROOT}\n"
    assert (site / ROOT / "bin").stat().st_mode == (site / ROOT).stat().st_mode


@pytest.mark.parametrize("closed", [f"{ROOT}/.rocm-sdk", "_rocm_sdk_core"])
def test_what_this_user_may_not_read_is_named_and_the_owner_can_open_it(site: Path, closed: str) -> None:
    rocm_sdk(site, "init")
    (site / closed).chmod(0o700)

    found = json.loads(as_nobody(site, "doctor", "--json").stdout)["problems"]
    command = found[0].partition("as root run: ")[2]

    assert command == f"chmod -R a+rX {site / closed.partition('/')[0]}"
    assert small_rocm.run_shell(site, command).returncode == 0
    assert json.loads(as_nobody(site, "doctor", "--json").stdout)["problems"] == []


@pytest.mark.parametrize("closed", ["", "/RECORD"])
def test_a_record_that_this_user_may_not_read_is_named(site: Path, closed: str) -> None:
    directory = site / "rocm_sdk_core-10.1.0.dist-info"
    rocm_sdk(site, "init")
    Path(f"{directory}{closed}").chmod(0)

    [problem] = json.loads(as_nobody(site, "doctor", "--json").stdout)["problems"]

    assert problem.startswith(f"{directory}/RECORD: permission denied; reinstall with: pip install ")


def test_a_copy_with_all_links_followed_is_put_right(site: Path, tmp_path: Path) -> None:
    rocm_sdk(site, "init")
    copy = tmp_path / "copy"
    subprocess.run(["cp", "-rL", str(site), str(copy)], check=True)
    shutil.rmtree(copy / "_rocm_sdk_devel")

    assert any(line.startswith(f"rocm-sdk-devel-gfx94X-dcgpu: {ROOT}/lib64: a copy in the place of a link; run")
               for line in rocm_sdk(copy, "check").stderr.splitlines())  # fmt: skip
    assert rocm_sdk(copy, "init").returncode == 0
    assert listing(copy) == COMPLETE
    assert rocm_sdk(copy, "check").returncode == 0


def test_a_changed_copy_stays(site: Path, tmp_path: Path) -> None:
    rocm_sdk(site, "init")
    copy = tmp_path / "copy"
    subprocess.run(["cp", "-rL", str(site), str(copy)], check=True)
    (copy / ROOT / "share/hip/mine.txt").write_text("mine")

    assert "not made by rocm-sdk: share/hip" in rocm_sdk(copy, "init").stderr
    assert (copy / ROOT / "share/hip/mine.txt").read_text() == "mine"


def test_without_locks_the_tree_is_made(site: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_: object) -> None:
        raise OSError(errno.ENOLCK, os.strerror(errno.ENOLCK))

    monkeypatch.setattr(fcntl, "flock", refuse)
    monkeypatch.setattr(fcntl, "lockf", refuse)

    _devel.make(str(site), ROOT)

    assert set(listing(site)) == set(COMPLETE)


NO_SYMLINKS = (
    "import errno, os\n"
    "def refuse(*_, **__): raise OSError(errno.EPERM, os.strerror(errno.EPERM))\n"
    "os.symlink = refuse\n"
)


def test_where_links_cannot_be_made_that_is_said_and_tools_start_from_core(site: Path) -> None:
    code = f"{NO_SYMLINKS}from rocm_sdk.__main__ import main; raise SystemExit(main(['init']))"
    assert small_rocm.run_python(site, "-c", code).stderr == (
        f"rocm-sdk: error: {site}/{ROOT}: this file system cannot hold symbolic links (Operation not permitted), of "
        "which a devel tree is made; install into a directory of another file system\n"
    )
    assert NoLinks.__mro__[1].__name__ == "SdkError"
    tool = f"{NO_SYMLINKS}from rocm_sdk_core._cli import hipcc; hipcc()"
    assert small_rocm.run_python(site, "-c", tool).stdout == f"{site}/_rocm_sdk_core/bin/hipcc\n"


@pytest.mark.parametrize("number", [errno.EACCES, errno.EINVAL, errno.EPERM, errno.EOPNOTSUPP])
def test_where_hard_links_are_refused_for_any_reason_programs_are_copied(
    site: Path, monkeypatch: pytest.MonkeyPatch, number: int
) -> None:
    def refuse(*_: object, **__: object) -> None:
        raise OSError(number, os.strerror(number))

    monkeypatch.setattr(os, "link", refuse)

    assert _devel.make(str(site), ROOT).made == 10
    assert listing(site) == COMPLETE


@pytest.mark.parametrize("name", ["ROCM_PATH", "HIP_PATH"])
def test_a_variable_that_leads_elsewhere_is_a_problem_until_it_is_unset(site: Path, name: str) -> None:
    [problem] = problems(site, **{name: "/opt/rocm"})

    assert problem == (f"{name} is /opt/rocm, which hipcc and clang obey: they do not use this ROCm; run: unset {name}")
    command = f"{problem.partition('run: ')[2]}\n{sys.executable} -m rocm_sdk doctor --json"
    done = small_rocm.run_shell(site, command, **{name: "/opt/rocm"})
    assert json.loads(done.stdout)["problems"] == []
    assert problems(site, **{name: f"{site}/{ROOT}"}) == []


@pytest.mark.parametrize("rest", ["", "/usr/lib"])
def test_a_foreign_library_first_in_the_search_path_is_a_problem_until_it_is_out(
    real_site: Path, tmp_path: Path, rest: str
) -> None:
    foreign = tmp_path / "foreign"
    foreign.mkdir()
    (foreign / "libamdhip64.so.7").write_bytes(b"another build")
    value = os.pathsep.join(filter(None, [str(foreign), rest]))

    [problem] = problems(real_site, LD_LIBRARY_PATH=value)

    command = f"export LD_LIBRARY_PATH={rest}" if rest else "unset LD_LIBRARY_PATH"
    assert problem == (
        "LD_LIBRARY_PATH leads programs to other libraries than those installed here: "
        f"{foreign} has libamdhip64.so.7; run: {command}"
    )
    assert failed(real_site, LD_LIBRARY_PATH=value)["installation"] == problem
    shell = f"{command}\n{sys.executable} -m rocm_sdk doctor --json"
    assert json.loads(small_rocm.run_shell(real_site, shell, LD_LIBRARY_PATH=value).stdout)["problems"] == []


def test_a_terminal_of_another_encoding_gets_escapes(site: Path, tmp_path: Path) -> None:
    place = tmp_path / "Größe"
    shutil.copytree(site, place, symlinks=True)

    done = rocm_sdk(place, "path", "--root", PYTHONIOENCODING="ascii", PYTHONUTF8="0")

    assert done.stdout.isascii()
    assert done.stdout.endswith(f"Gr\\xf6\\xdfe/{ROOT}\n")


def test_a_reader_that_has_read_enough_is_no_traceback(site: Path) -> None:
    command = f"set -o pipefail; {sys.executable} -m rocm_sdk doctor | true; exit ${{PIPESTATUS[0]}}"

    done = small_rocm.run_shell(site, command)

    assert done.stderr == ""
    assert done.returncode in (0, 141)
