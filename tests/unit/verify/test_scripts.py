"""Console scripts: functions that are there, and programs that are there and can be started."""

from __future__ import annotations

import pytest

from tests.support.read_wheels import content, told, wheel
from tools.verify.installed import Installed
from tools.verify.scripts import check_scripts

INFO = "rocm_sdk_core-1.0.dist-info"
POINTS = b"[console_scripts]\nrocminfo = rocm_sdk_core._cli:main\n"
CLI = b"def main(): pass\n"
PROGRAM = "_rocm_sdk_core/bin/rocminfo"


def problems(points: bytes = POINTS, cli: bytes = CLI, mode: int = 0o755, **scripts: str) -> list[str]:
    files = {f"{INFO}/entry_points.txt": points, "rocm_sdk_core/_cli.py": cli, PROGRAM: content(b"x", mode)}
    subject = wheel("core", files, scripts=scripts or {"rocminfo": "bin/rocminfo"})
    texts = {**subject.contents.texts, "rocm_sdk_core/_cli.py": cli}
    subject.contents.texts.update(texts)
    return told(check_scripts(Installed([subject]), subject))


def test_a_script_that_starts_its_program_is_fine():
    assert problems() == []


@pytest.mark.parametrize(
    "cli",
    [
        b"",
        b"main = 1\n",
        b"def main(:\n",
        b"\0",
        pytest.param(b"a" + b".a" * 3000, id="many parts"),
        pytest.param(b"-" * 100_000 + b"1", id="many signs"),
    ],
)
def test_a_function_that_is_not_there(cli):
    assert problems(cli=cli) == [
        "error: scripts: calls a function that the wheel does not have: rocminfo = rocm_sdk_core._cli:main"
    ]


def test_a_program_that_is_not_there():
    assert problems(rocminfo="bin/gone") == [
        "error: scripts: starts a program that the wheel does not have: rocminfo (bin/gone)"
    ]


def test_a_program_that_cannot_be_started():
    assert problems(mode=0o644) == ["error: scripts: starts a file that is not executable: rocminfo (bin/rocminfo)"]


def test_a_script_that_one_of_the_two_tables_lacks():
    assert problems(points=b"[console_scripts]\n") == [
        "error: scripts: is in package.json but not in entry_points.txt: rocminfo"
    ]


def test_entry_points_that_are_no_table():
    assert problems(points=b"rocminfo = x\n") == [f"error: scripts: cannot be read: {INFO}/entry_points.txt"]


def test_where_others_have_their_functions_is_not_asked():
    points = {"cmakelike-1.0.dist-info/entry_points.txt": b"[console_scripts]\ncmake = cmakelike:cmake\n"}
    subject = wheel("cmakelike", {**points, "cmakelike/__init__.py": b"from ._all import cmake\n"}, ours=False)

    assert told(check_scripts(Installed([subject]), subject)) == []
