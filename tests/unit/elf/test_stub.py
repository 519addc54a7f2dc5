from __future__ import annotations

import os
import subprocess
from pathlib import Path

import pytest

from tests.support.elf_files import facts, image, unsound
from tools.elf import stub
from tools.elf.image import PT_GNU_STACK, PT_LOAD
from tools.elf.stub import exe_stub
from tools.errors import UserError

TEMPLATES = Path(stub.__file__).parent / "templates"

SHOW = """
#include <stdio.h>
#include <stdlib.h>
int main(int argc, char **argv)
{
    for (int i = 0; i < argc; i++) printf("[%s]", argv[i]);
    printf("%s", getenv("STUB_TEST"));
    return 7;
}
"""


def place(directory: Path, name: str, content: bytes) -> Path:
    path = directory / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(content)
    path.chmod(0o755)
    return path


def start(executable: Path | str, *arguments: str, **options: object) -> tuple[int, str, str]:
    done = subprocess.run(
        arguments, executable=executable, capture_output=True, text=True, env={"STUB_TEST": "é"}, check=False, **options
    )
    return done.returncode, done.stdout, done.stderr


@pytest.fixture(scope="session")
def show(build) -> bytes:
    return build("show", SHOW).read_bytes()


@pytest.fixture(params=["committed", "rebuilt"])
def template(request, tmp_path, monkeypatch):
    """The template that is committed, and the one that its source gives now: they must behave alike."""
    if request.param == "rebuilt":
        request.getfixturevalue("build")  # skips where there is no compiler
        subprocess.run(["sh", TEMPLATES / "make_exe_stub", tmp_path / "template"], check=True)
        monkeypatch.setattr(stub, "_template", (tmp_path / "template").read_bytes)


@pytest.mark.usefixtures("template")
def test_arguments_environment_and_status_pass_through(tmp_path, show):
    place(tmp_path, "lib/llvm/bin/clang", show)
    path = place(tmp_path, "bin/amdclang", exe_stub("../lib/llvm/bin/clang"))

    assert start(path, "amdclang++", "a b", "", "'\"$x") == (7, "[amdclang++][a b][]['\"$x]é", "")


@pytest.mark.usefixtures("template")
def test_the_target_is_relative_to_the_real_place_of_the_stub(tmp_path, show):
    place(tmp_path, "tree/show", show)
    place(tmp_path, "tree/bin/stub", exe_stub("../show"))
    (tmp_path / "elsewhere").symlink_to(tmp_path / "tree/bin/stub")

    assert start("./elsewhere", "x", cwd=tmp_path)[:2] == (7, "[x]é")


@pytest.mark.usefixtures("template")
def test_spaces_and_dots_in_names(tmp_path, show):
    place(tmp_path, "a b/..c/x ü", show)
    path = place(tmp_path, "d e/stub", exe_stub("../a b/..c/x ü"))

    assert start(path, "x") == (7, "[x]é", "")


@pytest.mark.usefixtures("template")
def test_a_script_is_started_by_its_interpreter(tmp_path):
    place(tmp_path, "libexec/tool.sh", b'#!/bin/sh -e\necho "$0" "$@"\n')
    path = place(tmp_path, "bin/tool", exe_stub("../libexec/tool.sh"))

    assert start(path, "tool", "1", "2 3") == (0, f"{tmp_path}/libexec/tool.sh 1 2 3\n", "")


@pytest.mark.usefixtures("template")
def test_a_missing_target_is_said_with_status_127(tmp_path):
    path = place(tmp_path, "bin/tool", exe_stub("../gone"))

    assert start(path, "tool") == (127, "", f"{tmp_path}/gone: No such file or directory\n")


@pytest.mark.usefixtures("template")
@pytest.mark.parametrize(
    ("content", "mode", "reason"),
    [
        pytest.param(b"#!/bin/sh\n", 0o644, "Permission denied", id="not executable"),
        pytest.param(b"no program", 0o755, "cannot be executed", id="no program"),
    ],
)
def test_a_target_that_cannot_start_is_said(tmp_path, content, mode, reason):
    place(tmp_path, "target", content).chmod(mode)
    path = place(tmp_path, "tool", exe_stub("target"))

    assert start(path, "tool") == (127, "", f"{tmp_path}/target: {reason}\n")


@pytest.mark.usefixtures("template")
def test_long_paths(tmp_path, show, monkeypatch):
    monkeypatch.chdir(tmp_path)
    while len(str(Path.cwd())) < 3000:
        Path("d" * 200).mkdir()
        os.chdir("d" * 200)
    target = Path("e" * 200, "f" * 200, "g" * 200, "show")
    stub = place(Path(), "stub", exe_stub(str(target)))
    place(target.parent, target.name, show)

    assert start(f"./{stub}", "x") == (7, "[x]é", "")


@pytest.mark.usefixtures("template")
def test_a_path_longer_than_the_system_allows_is_said(tmp_path):
    path = place(tmp_path, "stub", exe_stub("/".join(["x" * 200] * 20 + ["y" * 60])))

    status, output, error = start(path, "stub")

    assert (status, output) == (127, "")
    assert error.endswith("y: File name too long\n")


@pytest.mark.usefixtures("template")
def test_starts_without_anything_on_the_stack_but_the_least(tmp_path, show):
    place(tmp_path, "show", show)
    path = place(tmp_path, "stub", exe_stub("show"))

    done = subprocess.run(["env", "-i", path], capture_output=True, check=False)

    assert done.returncode == 7


@pytest.mark.usefixtures("template")
def test_is_static_and_has_no_executable_stack(tmp_path):
    path = place(tmp_path, "stub", exe_stub("show"))

    assert (facts(path).interpreter, facts(path).dynamic, facts(path).is_program) == (False, False, True)
    assert [s.flags for s in image(path).segments if s.type == PT_GNU_STACK] == [6]
    assert [s.flags for s in image(path).segments if s.type == PT_LOAD] == [5]
    assert unsound(path) == ()


def test_the_path_is_normalised_and_of_equal_size():
    assert exe_stub("./a//b/../c") == exe_stub("a/c")
    assert len(exe_stub("x" * 255)) == len(exe_stub("y"))


def test_longest_path():
    assert exe_stub("x" * 4095).count(b"x" * 4095 + b"\0") == 1

    with pytest.raises(UserError) as caught:
        exe_stub("x" * 4096)
    assert str(caught.value) == f"{'x' * 4096!r} cannot be the target of a link: 4096 bytes, at most 4095"


@pytest.mark.parametrize("target", ["", "/bin/sh", "a\0b", ".", "..", "a/.."], ids=repr)
def test_targets_that_make_no_sense(target):
    with pytest.raises(UserError) as caught:
        exe_stub(target)

    assert str(caught.value) == f"{target!r} cannot be the target of a link to a program: a relative path is needed"


def test_the_template_is_the_size_of_a_page_and_the_room():
    assert len((TEMPLATES / "exe_stub").read_bytes()) < 2 * 4096
