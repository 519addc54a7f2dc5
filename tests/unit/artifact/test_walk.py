from __future__ import annotations

import os
from collections.abc import Callable
from contextlib import AbstractContextManager
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest

from tools.artifact.walk import EMPTY_DIRECTORY, walk
from tools.errors import UserError


def test_rows_are_what_lstat_says_in_order_of_path(tmp_path: Path) -> None:
    (tmp_path / "a").mkdir()
    (tmp_path / "a" / "file").write_bytes(b"1234")
    (tmp_path / "a.b").write_bytes(b"")
    (tmp_path / "link").symlink_to("nowhere")

    rows = walk(tmp_path).rows

    assert [row[0] for row in rows] == ["a.b", "a/file", "link"]
    for path, *numbers in rows:
        facts = os.lstat(tmp_path / path)
        assert numbers == [
            facts.st_mode,
            facts.st_size,
            facts.st_mtime_ns,
            facts.st_ctime_ns,
            facts.st_ino,
            facts.st_dev,
        ]


def test_a_directory_is_a_row_only_when_it_is_empty(tmp_path: Path) -> None:
    (tmp_path / "full" / "empty").mkdir(parents=True)

    assert walk(tmp_path).rows == [("full/empty", EMPTY_DIRECTORY, 0, 0, 0, 0, 0)]


def test_links_are_not_followed_not_even_round_and_round(tmp_path: Path) -> None:
    (tmp_path / "a").mkdir()
    (tmp_path / "a" / "loop").symlink_to("..")
    (tmp_path / "self").symlink_to("self")

    assert [row[0] for row in walk(tmp_path).rows] == ["a/loop", "self"]


def test_a_directory_that_cannot_be_listed_is_named(
    without_privileges: Callable[[], AbstractContextManager[None]],
) -> None:
    with TemporaryDirectory() as name:  # tmp_path is root's alone
        root = Path(name)
        root.chmod(0o755)
        (root / "open").mkdir()
        (root / "shut" / "inside").mkdir(parents=True)
        (root / "shut").chmod(0)
        with without_privileges():
            tree = walk(root)
        (root / "shut").chmod(0o700)

    assert tree.unreadable == ("shut",)
    assert [row[0] for row in tree.rows] == ["open"]


def test_a_directory_that_is_not_there_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(UserError) as caught:
        walk(tmp_path / "gone")

    assert str(caught.value) == f"{tmp_path}/gone: cannot be listed: No such file or directory"


def test_a_path_longer_than_the_system_allows_is_named(tmp_path: Path) -> None:
    descriptor = os.open(tmp_path, os.O_RDONLY)
    for _ in range(25):
        os.mkdir("d" * 200, dir_fd=descriptor)
        below = os.open("d" * 200, os.O_RDONLY, dir_fd=descriptor)
        os.close(descriptor)
        descriptor = below
    os.close(descriptor)

    with pytest.raises(UserError) as caught:
        walk(tmp_path)

    assert str(caught.value) == f"{tmp_path}/{'d' * 200}...: is nested too deeply: File name too long"
