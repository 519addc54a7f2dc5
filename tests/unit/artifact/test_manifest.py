from __future__ import annotations

import os
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tools.artifact.manifest import LARGEST, problem_of, read_base_dirs
from tools.errors import UserError


@pytest.mark.parametrize(
    "content",
    [
        pytest.param(b"a/stage\nb/stage\n", id="plain"),
        pytest.param(b"a/stage\r\nb/stage\r\n", id="Windows line ends"),
        pytest.param(b"\n  a/stage\t\n\n\nb/stage", id="blank lines, spaces, no final newline"),
    ],
)
def test_base_dirs_are_listed_in_the_file_s_order(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "artifact_manifest.txt").write_bytes(content)

    assert read_base_dirs(tmp_path) == ("a/stage", "b/stage")


@pytest.mark.parametrize(
    ("base_dirs", "problem"),
    [
        pytest.param(
            [],
            "lists no base dir; it must hold at least one relative path, such as math-libs/BLAS/rocBLAS/stage",
            id="empty",
        ),
        pytest.param(
            ["/etc", "../../etc", "a/../b", "./a", "a//b", "a/", "a\\b", "a\x07b", "good"],
            r"base dirs must be plain relative paths inside the artifact, not '../../etc', './a', '/etc', 'a/', "
            r"'a/../b', 'a//b', 'a\\b', 'a\x07b'",
            id="outside",
        ),
        pytest.param(
            ["b", "a", "b", "a", "c"],
            "lists base dirs more than once: a, b; each may stand there once",
            id="twice",
        ),
        pytest.param(
            ["a/b/c", "a", "ab"],
            "base dirs lie inside other base dirs: a/b/c; a file would have two paths",
            id="nested",
        ),
        pytest.param(["a/b", "a-b", "a/c"], None, id="good"),
    ],
)
def test_wrong_lines_are_named(base_dirs: list[str], problem: str | None) -> None:
    assert problem_of(base_dirs) == problem


@given(st.text(alphabet="a./\\\n\x00é ", max_size=12))
def test_an_accepted_base_dir_lies_inside_the_artifact(base: str) -> None:
    if problem_of([base]) is None:
        assert os.path.normpath(base) == base
        assert not os.path.isabs(base)  # noqa: PTH117
        assert base.split("/", maxsplit=1)[0] not in ("..", ".")


def test_a_missing_manifest_says_what_it_is(tmp_path: Path) -> None:
    with pytest.raises(UserError) as caught:
        read_base_dirs(tmp_path)

    assert str(caught.value) == (
        f"{tmp_path}/artifact_manifest.txt: cannot be read (No such file or directory); every artifact has "
        f"this file, with one relative base dir a line"
    )


def test_a_manifest_that_is_a_link_is_not_followed(tmp_path: Path) -> None:
    (tmp_path / "artifact_manifest.txt").symlink_to("/etc/passwd")

    with pytest.raises(UserError) as caught:
        read_base_dirs(tmp_path)

    assert str(caught.value) == (
        f"{tmp_path}/artifact_manifest.txt: cannot be read (Too many levels of symbolic links); every artifact "
        f"has this file, with one relative base dir a line"
    )


def test_a_manifest_that_is_a_fifo_does_not_hang(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "artifact_manifest.txt")

    with pytest.raises(UserError) as caught:
        read_base_dirs(tmp_path)

    assert str(caught.value) == (
        f"{tmp_path}/artifact_manifest.txt: lists no base dir; it must hold at least one relative path, such as "
        f"math-libs/BLAS/rocBLAS/stage"
    )


@pytest.mark.parametrize(
    ("content", "problem"),
    [
        pytest.param(b"a\xff/stage\n", "is not UTF-8; it must list relative base dirs, one a line", id="bytes"),
        pytest.param(
            b"a\n" * LARGEST,
            "is larger than 1048576 bytes; it must list relative base dirs, one a line",
            id="large",
        ),
    ],
)
def test_a_file_that_is_no_manifest_is_refused(tmp_path: Path, content: bytes, problem: str) -> None:
    (tmp_path / "artifact_manifest.txt").write_bytes(content)

    with pytest.raises(UserError) as caught:
        read_base_dirs(tmp_path)

    assert str(caught.value) == f"{tmp_path}/artifact_manifest.txt: {problem}"
