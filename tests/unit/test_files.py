"""Files appear whole or not at all."""

from __future__ import annotations

import ast
import os
import resource
import signal
import stat
import subprocess
import sys
from pathlib import Path

import msgspec
import pytest

from tests.support.places import ROOT
from tools.errors import UserError
from tools.files import atomic_write, obstacle, reading, remove_leftovers, write_bytes
from tools.values import encode_json, read_json, write_json

UNREADABLE = Path("/proc/self/mem")  # opens, and read(2) fails with EIO: nothing is mapped at 0
OF_THE_PROCESS = {"umask", "chdir", "fchdir", "putenv", "unsetenv", "setuid", "nice"}  # what threads share

KILLED = """
import os, sys
from pathlib import Path
from tools.files import atomic_write
with atomic_write(Path(sys.argv[1])) as file:
    file.write(b"half")
    file.flush()
    os.kill(os.getpid(), 9)
"""

AT_ONCE = """
import sys, threading
import msgspec
from tools.values import decode_json
sys.setswitchinterval(1e-6)
for _ in range(500):
    inner = msgspec.defstruct("Inner", [(f"field_{n}", str) for n in range(10)], array_like=True)
    outer = msgspec.defstruct("Outer", [("rows", tuple[inner, ...])])
    begin = threading.Barrier(4)
    def decode():
        begin.wait()
        decode_json('{"rows": [["", "", "", "", "", "", "", "", "", ""]]}', outer)
    threads = [threading.Thread(target=decode) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
"""


class Point(msgspec.Struct, frozen=True):
    x: int
    names: dict[str, int] = {}


def test_a_file_appears_when_the_block_ends(tmp_path):
    with atomic_write(tmp_path / "a/b/file") as file:
        file.write(b"whole")
        assert not (tmp_path / "a/b/file").exists()

    assert (tmp_path / "a/b/file").read_bytes() == b"whole"
    assert os.listdir(tmp_path / "a/b") == ["file"]  # noqa: PTH208


def test_the_mode_follows_the_umask(tmp_path):
    before = os.umask(0o027)
    try:
        write_bytes(tmp_path / "file", b"")
    finally:
        os.umask(before)

    assert stat.S_IMODE((tmp_path / "file").stat().st_mode) == 0o640


def test_writing_never_touches_the_umask_that_all_threads_share(tmp_path, monkeypatch):
    monkeypatch.setattr(os, "umask", lambda mask: pytest.fail(f"umask({mask:03o})"))

    write_bytes(tmp_path / "file", b"content")

    assert (tmp_path / "file").read_bytes() == b"content"


def test_no_tool_changes_what_belongs_to_the_whole_process():
    calls = [
        f"{path.relative_to(ROOT)}:{node.lineno}: os.{node.attr}"
        for path in sorted((ROOT / "tools").rglob("*.py"))
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name)
        if node.value.id == "os" and node.attr in OF_THE_PROCESS
    ]

    assert calls == []


def test_an_error_leaves_the_old_file_and_nothing_else(tmp_path):
    (tmp_path / "file").write_bytes(b"old")

    def fail() -> None:
        with atomic_write(tmp_path / "file") as file:
            file.write(b"new")
            raise KeyError

    with pytest.raises(KeyError):
        fail()

    assert (tmp_path / "file").read_bytes() == b"old"
    assert list(tmp_path.iterdir()) == [tmp_path / "file"]


def test_a_full_disk_is_a_sentence(tmp_path):
    with pytest.raises(UserError) as caught, atomic_write(tmp_path / "file"):
        raise OSError(28, "No space left on device")

    assert str(caught.value) == f"{tmp_path / 'file'}: cannot be written: No space left on device"
    assert list(tmp_path.iterdir()) == []


def test_a_disk_that_takes_no_more_is_told_while_the_block_writes(tmp_path):
    before = signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    limits = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (1 << 16, limits[1]))
    try:
        with pytest.raises(UserError) as caught, reading(tmp_path / "source"), atomic_write(tmp_path / "file") as file:
            file.write(bytes(1 << 20))
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, limits)
        signal.signal(signal.SIGXFSZ, before)

    assert str(caught.value) == f"{tmp_path / 'file'}: cannot be written: File too large"
    assert list(tmp_path.iterdir()) == []


def test_a_source_that_cannot_be_read_is_told_by_its_own_name(tmp_path):
    with (
        pytest.raises(UserError) as caught,
        reading(UNREADABLE),
        UNREADABLE.open("rb") as source,
        atomic_write(tmp_path / "file") as file,
    ):
        file.write(source.read())

    assert str(caught.value) == f"{UNREADABLE}: cannot be read: Input/output error"
    assert list(tmp_path.iterdir()) == []


def test_a_source_that_is_not_there_is_told_by_its_own_name(tmp_path):
    with pytest.raises(FileNotFoundError) as caught, atomic_write(tmp_path / "file"):
        (tmp_path / "source").open()

    assert caught.value.filename == str(tmp_path / "source")


def test_a_killed_process_leaves_nothing_under_the_name_and_the_rest_can_be_swept(tmp_path):
    subprocess.run([sys.executable, "-c", KILLED, str(tmp_path / "a/file")], check=False)
    assert [file.suffix for file in (tmp_path / "a").iterdir()] == [".part"]

    remove_leftovers(tmp_path)

    assert list((tmp_path / "a").iterdir()) == []


@pytest.mark.parametrize("name", ["download.part", ".hidden.part", ".x.tmp", "x.12345678.part", ".x.1234567.part"])
def test_the_sweep_leaves_what_is_not_ours(tmp_path, name):
    (tmp_path / name).touch()

    remove_leftovers(tmp_path)

    assert (tmp_path / name).exists()


def test_the_sweep_of_a_directory_that_is_not_there_makes_none(tmp_path):
    remove_leftovers(tmp_path / "none")

    assert list(tmp_path.iterdir()) == []


def test_a_directory_that_cannot_be_made_is_a_sentence(tmp_path):
    (tmp_path / "file").touch()

    with pytest.raises(UserError) as caught:
        write_bytes(tmp_path / "file/below/name", b"")

    assert str(caught.value) == f"{tmp_path}/file/below: cannot be made a directory: Not a directory"


def test_what_stands_against_writing_into_a_directory_is_known(tmp_path):
    (tmp_path / "file").touch()

    assert obstacle(tmp_path) == ""
    assert obstacle(tmp_path / "to/be/made") == ""
    assert obstacle(tmp_path / "file") == f"{tmp_path}/file is no directory"
    assert obstacle(tmp_path / "file/below") == f"{tmp_path}/file is no directory"


@pytest.mark.skipif(os.geteuid() == 0, reason="root may write anywhere")
def test_a_directory_that_is_write_protected_is_known(tmp_path):
    (tmp_path / "mine").mkdir(mode=0o500)

    assert obstacle(tmp_path / "mine/below") == f"{tmp_path}/mine is write-protected"


def test_an_equal_file_is_left_alone(tmp_path):
    write_json(tmp_path / "file", Point(1))
    before = (tmp_path / "file").stat()
    write_json(tmp_path / "file", Point(1))

    after = (tmp_path / "file").stat()
    assert (after.st_ino, after.st_mtime_ns) == (before.st_ino, before.st_mtime_ns)


def test_equal_values_are_equal_bytes():
    assert encode_json(Point(1, {"b": 1, "a": 2})) == encode_json(Point(1, {"a": 2, "b": 1}))
    assert encode_json(Point(1, {"b": 1, "a": 2})) == b'{"x":1,"names":{"a":2,"b":1}}\n'


def test_what_was_written_is_read(tmp_path):
    write_json(tmp_path / "file", Point(1, {"a": 2}))

    assert read_json(tmp_path / "file", Point) == Point(1, {"a": 2})


def test_threads_may_decode_a_new_type_at_once():
    """msgspec's own function does not bear that: the process ends with a segmentation fault."""
    done = subprocess.run([sys.executable, "-c", AT_ONCE], cwd=ROOT, capture_output=True, text=True, check=False)

    assert (done.returncode, done.stderr) == (0, "")


def test_a_missing_file_is_a_sentence(tmp_path: Path):
    with pytest.raises(UserError) as caught:
        read_json(tmp_path / "file", Point)

    assert str(caught.value) == f"{tmp_path / 'file'}: cannot be read: No such file or directory"


def test_a_damaged_file_is_a_sentence(tmp_path):
    (tmp_path / "file").write_text('{"x": "one"}')

    with pytest.raises(UserError) as caught:
        read_json(tmp_path / "file", Point)

    assert str(caught.value) == (
        f"{tmp_path / 'file'}: is damaged (Expected `int`, got `str` - at `$.x`); remove it and run again"
    )


def test_a_directory_that_is_a_file_is_a_sentence(tmp_path):
    (tmp_path / "file").write_text("")

    with pytest.raises(UserError) as caught:
        write_bytes(tmp_path / "file/below/name", b"x")

    assert str(caught.value) == f"{tmp_path}/file/below: cannot be made a directory: Not a directory"
