from __future__ import annotations

import stat

import pytest

from tools.artifact.contents import below, problem_of
from tools.artifact.walk import EMPTY_DIRECTORY, Row, Tree


def _row(path: str, mode: int = stat.S_IFREG | 0o644) -> Row:
    return (path, mode, 1, 2, 3, 4, 5)


def _tree(*rows: Row, unreadable: tuple[str, ...] = ()) -> Tree:
    return Tree(rows=sorted([*rows, _row("artifact_manifest.txt")]), unreadable=unreadable)


def test_files_links_and_empty_directories_below_a_base_dir_are_fine() -> None:
    tree = _tree(
        _row("a/stage/lib/x"),
        _row("a/stage/lib/y", stat.S_IFLNK),
        _row("a/stage/empty", EMPTY_DIRECTORY),
        _row("somewhere/empty", EMPTY_DIRECTORY),
    )

    assert problem_of(tree, ["a/stage", "b/stage"]) is None


def test_rows_below_a_base_dir_leave_out_its_neighbours() -> None:
    rows = sorted(_row(path) for path in ("a", "a-b/x", "a.b", "a/b/x", "a/b.c", "a/bc/x", "a/b0"))

    assert [row[0] for row in below(rows, "a/b")] == ["a/b/x"]


@pytest.mark.parametrize(
    ("tree", "problem"),
    [
        pytest.param(
            _tree(unreadable=("a/stage/y", "a/stage/x")),
            "directories cannot be listed: a/stage/x, a/stage/y; make them readable and run again",
            id="unreadable",
        ),
        pytest.param(
            _tree(_row("a/stage/b\nc"), _row("a/stage/\udcff")),
            r"names must be UTF-8 without control characters or backslashes, each part at most 255 bytes: "
            r"'a/stage/\udcff', 'a/stage/b\nc'",
            id="names",
        ),
        pytest.param(
            _tree(*(_row(f"a/stage/{kind}", kind) for kind in (stat.S_IFIFO, stat.S_IFSOCK, stat.S_IFBLK))),
            "FIFOs, sockets and devices cannot be packaged: a/stage/24576, a/stage/4096, a/stage/49152; remove them",
            id="special files",
        ),
        pytest.param(
            _tree(_row("a", stat.S_IFLNK)),
            "base dirs must be reached through directories, not links or files: a/stage",
            id="base dir through a link",
        ),
        pytest.param(
            _tree(_row("b/stage", stat.S_IFLNK), _row("a/stage")),
            "base dirs must be reached through directories, not links or files: a/stage, b/stage",
            id="base dir is a link, or a file",
        ),
        pytest.param(
            _tree(_row("a/README"), _row("c/stage/x", stat.S_IFLNK), _row("a/stage/x")),
            "files lie outside the base dirs that artifact_manifest.txt lists: a/README, c/stage/x; list theirs there",
            id="outside",
        ),
    ],
)
def test_what_cannot_be_packaged_is_named(tree: Tree, problem: str) -> None:
    assert problem_of(tree, ["a/stage", "b/stage"]) == problem


def test_the_first_ten_culprits_and_a_count_are_named() -> None:
    tree = _tree(*(_row(f"x{number:02}") for number in range(12)))

    assert problem_of(tree, ["a/stage"]) == (
        "files lie outside the base dirs that artifact_manifest.txt lists: x00, x01, x02, x03, x04, x05, x06, x07, "
        "x08, x09 and 2 more; list theirs there"
    )
