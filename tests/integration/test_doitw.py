"""./doitw on a machine that has nothing: it sets up .venv once, repairs it, and becomes doit.

A stand-in project with a ``doit`` of two lines and no dependencies takes the place of ours, so that no registry is
needed; the script is the real one, and so are venv and pip.
"""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from tests.support.places import ROOT

PYPROJECT = """
[build-system]
requires = []
build-backend = "backend"
backend-path = ["."]

[project]
name = "stand-in"
version = "1"
"""
BACKEND = """
import zipfile
from pathlib import Path

def build_editable(directory, config_settings=None, metadata_directory=None):
    info = "stand_in-1.dist-info"
    with zipfile.ZipFile(Path(directory, "stand_in-1-py3-none-any.whl"), "w") as wheel:
        wheel.writestr("stand_in.pth", str(Path.cwd() / "source"))
        wheel.writestr(f"{info}/METADATA", "Metadata-Version: 2.1\\nName: stand-in\\nVersion: 1\\n")
        wheel.writestr(f"{info}/WHEEL", "Wheel-Version: 1.0\\nRoot-Is-Purelib: true\\nTag: py3-none-any\\n")
        wheel.writestr(f"{info}/RECORD", "")
    return "stand_in-1-py3-none-any.whl"
"""
DOIT = """
import os, sys
print(*[os.environ["DOITW_INVOKED_AS"]] * (sys.argv[1] == "how"), sys.argv[1:], os.getcwd())
"""
SETTING_UP = f"doitw: setting up .venv with Python {sys.version.split()[0]}\n"
EXTRAS = ("requirements-report.lock", "requirements-dask.lock", "requirements-pictures.lock")
OTHER_PYTHON = """
import runpy, sys
sys.version, sys.version_info = "3.99.0 (another one)", (3, 99, 0)
runpy.run_path(sys.argv.pop(1), run_name="__main__")
"""
BASE_PYTHON = getattr(sys, "_base_executable", sys.executable)


@pytest.fixture
def project(tmp_path: Path) -> Path:
    root = tmp_path / "project"
    (root / "source" / "doit").mkdir(parents=True)
    (root / "source" / "doit" / "__main__.py").write_text(DOIT)
    (root / "pyproject.toml").write_text(PYPROJECT)
    (root / "backend.py").write_text(BACKEND)
    (root / "requirements.lock").write_text("# nothing\n")
    (root / "requirements-test.lock").write_text("# nothing more\n")
    for lock in EXTRAS:
        (root / lock).write_text("# nor here\n")
    shutil.copy2(ROOT / "doitw", root / "doitw")
    return root


def start(project: Path, *arguments: str, cwd: Path | None = None) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [BASE_PYTHON, project / "doitw", *arguments],
        cwd=cwd or project,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        start_new_session=True,
    )


def run(project: Path, *arguments: str, cwd: Path | None = None) -> tuple[int, str, str]:
    process = start(project, *arguments, cwd=cwd)
    out, err = process.communicate(timeout=120)
    return process.returncode, out, err


def test_the_first_run_sets_up_and_the_second_does_not(project, tmp_path):
    first = run(project, "list", "a=b")
    second = run(project, "index", cwd=tmp_path)

    assert first == (0, f"['list', 'a=b'] {project}\n", f"{SETTING_UP}doitw: installing what requirements.lock lists\n")
    assert second == (0, f"['index'] {project}\n", "")


@pytest.mark.slow
def test_tests_add_their_packages_to_what_is_there(project):
    run(project, "list")

    locks = ("requirements-test.lock", *EXTRAS)
    assert run(project, "test")[2] == "".join(f"doitw: installing what {lock} lists\n" for lock in locks)
    assert run(project, "test")[2] == ""
    assert run(project, "list")[2] == ""


@pytest.mark.slow
def test_a_changed_lock_sets_up_anew(project):
    run(project, "list")
    stray = project / ".venv" / "stray"
    stray.touch()
    (project / "requirements.lock").write_text("# nothing either\n")

    assert run(project, "list")[2].startswith(SETTING_UP)
    assert not stray.exists()


def test_doit_is_told_how_it_was_called(project, tmp_path):
    run(project, "list")
    there = subprocess.run(["project/doitw", "how"], cwd=tmp_path, capture_output=True, text=True, check=True)
    named = subprocess.run([BASE_PYTHON, "doitw", "how"], cwd=project, capture_output=True, text=True, check=True)

    assert [done.stdout.split()[0] for done in (there, named)] == ["project/doitw", "./doitw"]


def test_another_python_first_on_the_path_leaves_what_is_there(project):
    run(project, "list")
    again = subprocess.run(
        [BASE_PYTHON, "-c", OTHER_PYTHON, project / "doitw", "list"], capture_output=True, text=True, check=False
    )

    assert (again.stdout, again.stderr) == (f"['list'] {project}\n", "")


@pytest.mark.slow
def test_extras_that_were_added_are_there_again(project):
    run(project, "list")
    packages = next((project / ".venv" / "lib").glob("python*")) / "site-packages"
    (packages / "distributed-2026.8.0.dist-info").mkdir()
    (project / "requirements.lock").write_text("# nothing either\n")

    assert run(project, "list")[2] == (
        f"{SETTING_UP}doitw: installing what requirements.lock lists\n"
        "doitw: installing what requirements-dask.lock lists\n"
    )


@pytest.mark.slow
def test_a_python_that_is_gone_is_told(project):
    run(project, "list")
    config = project / ".venv" / "pyvenv.cfg"
    config.write_text("executable = /gone/python3.11\nversion = 3.11.2\n")
    (project / ".venv" / "bin" / "python").unlink()

    assert run(project, "list")[2] == (
        f"{SETTING_UP.rstrip()}; /gone/python3.11, which made it, does not run or is too old\n"
        "doitw: installing what requirements.lock lists\n"
    )


@pytest.mark.slow
def test_a_moved_checkout_sets_up_anew(project, tmp_path):
    run(project, "list")
    project.rename(tmp_path / "moved")

    code, out, err = run(tmp_path / "moved", "list")

    assert (code, out) == (0, f"['list'] {tmp_path / 'moved'}\n")
    assert err.startswith(SETTING_UP)


@pytest.mark.slow
def test_a_set_up_that_was_killed_is_repaired(project):
    process = start(project, "list")
    assert process.stderr.readline() == SETTING_UP
    time.sleep(0.5)
    os.killpg(process.pid, signal.SIGKILL)
    process.communicate()

    code, out, err = run(project, "list")

    assert (code, out) == (0, f"['list'] {project}\n")
    assert err.startswith(SETTING_UP)


@pytest.mark.slow
def test_two_first_runs_at_once_set_up_once(project):
    processes = [start(project, "list") for _ in range(2)]
    finished = [process.communicate(timeout=120) for process in processes]

    assert [out for out, _ in finished] == [f"['list'] {project}\n"] * 2
    said = sorted(err for _, err in finished)
    assert said == [
        f"{SETTING_UP}doitw: installing what requirements.lock lists\n",
        "doitw: waiting for another doitw that sets up .venv\n",
    ]


@pytest.mark.slow
def test_what_pip_has_to_say_is_shown_and_the_next_run_tries_again(project):
    (project / "requirements.lock").write_text("nothing-of-that-name @ file:///nowhere/x-1-py3-none-any.whl\n")

    for _ in range(2):
        code, out, err = run(project, "list")

        assert (code, out) == (1, "")
        assert "No such file or directory: '/nowhere/x-1-py3-none-any.whl'" in err
        assert err.endswith("doitw: pip could not install what is needed; run again to retry\n")


def test_an_old_python_is_refused_in_a_sentence(project):
    script = (project / "doitw").read_text()
    assert "OLDEST = (3, 11)\n" in script
    (project / "doitw").write_text(script.replace("OLDEST = (3, 11)\n", "OLDEST = (4, 0)\n"))

    code, _, err = run(project, "list")

    assert code == 1
    assert err == f"doitw: Python 3.11 or newer is needed, {BASE_PYTHON} is {sys.version.split()[0]}\n"
