"""Tests of tools.wheel.reading: large sources in pieces."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.support.project import Project
from tools.artifact.source import LocalSource, Spans
from tools.errors import InputChanged, UserError
from tools.plan.model import Member
from tools.wheel.reading import open_source, read_member

LIBRARY = Path("/usr/lib/x86_64-linux-gnu/libz.so.1")
RPATH = "$ORIGIN/" + "/".join(["somewhere"] * 20)  # longer than any string the library has


@pytest.mark.parametrize("size", [1, 99, 100, 101, 1000])
def test_pieces_are_the_source(project: Project, size: int) -> None:
    content = bytes(range(256)) * 4
    member = project.source("a", content[:size])

    with open_source(member, project.spans) as source:
        pieces = list(source.pieces(100))

    assert b"".join(pieces) == content[:size]
    assert all(len(piece) == 100 for piece in pieces[:-1])


@pytest.mark.parametrize("length", [10_000, 65_536, 1 << 20])
def test_pieces_of_a_patched_library_are_those_of_the_whole(project: Project, length: int) -> None:
    member = project.source("libz.so", LIBRARY.read_bytes(), kind="rpath", argument=RPATH)

    whole = bytes(read_member(member, project.spans, project.context))
    with open_source(member, project.spans) as source:
        pieces = list(source.pieces(length))

    assert b"".join(pieces) == whole
    assert source.size == len(whole) > member.size
    assert all(len(piece) == length for piece in pieces[:-1])


def test_a_large_source_that_cannot_be_read_is_told_by_its_name() -> None:
    member = Member(path="_demo/mem", kind="copy", mode=0o644, source="self/mem")  # read(2) fails with EIO
    spans = Spans(LocalSource(Path("/proc")))

    with pytest.raises(UserError) as caught, open_source(member, spans) as source:
        list(source.pieces(100))

    assert str(caught.value) == "/proc/self/mem: cannot be read: Input/output error"


def test_a_source_that_changes_while_it_is_read_never_gives_its_last_piece(project: Project) -> None:
    member = project.source("a", bytes(1000))
    with open_source(member, project.spans) as source:
        pieces = source.pieces(100)
        first = next(pieces)
        os.truncate(project.root / "a", 500)

        with pytest.raises(InputChanged):
            list(pieces)

    assert first == bytes(100)


@pytest.mark.parametrize(
    "read",
    [read_member, lambda member, spans, context: open_source(member, spans).__enter__()],
    ids=["whole", "pieces"],
)
def test_a_file_whose_rpath_cannot_be_changed_is_named(project: Project, read: Callable[..., object]) -> None:
    member = project.source("a", b"\x7fELF no library", kind="rpath", argument="$ORIGIN")
    path = f"{project.root}/a"

    with pytest.raises(UserError) as caught:
        read(member, project.spans, project.context)

    assert str(caught.value).startswith(f"{path}: ")


def test_a_content_that_was_just_read_is_not_read_again(project: Project) -> None:
    member = project.source("a", b"content")
    project.context.kept.keep(member.sha256, b"content")
    (project.root / "a").unlink()

    assert read_member(member, project.spans, project.context) == b"content"
    with pytest.raises(InputChanged):
        read_member(member, project.spans, project.context)


@pytest.mark.parametrize("change", [b"other content", b"content"[::-1]], ids=["longer", "as long"])
def test_a_file_that_is_another_is_told_before_what_is_wrong_with_it(project: Project, change: bytes) -> None:
    member = project.source("a", b"content", kind="rpath", argument="$ORIGIN")
    (project.root / "a").write_bytes(change)

    with pytest.raises(InputChanged) as caught:
        read_member(member, project.spans, project.context)

    assert str(caught.value) == (
        f"{project.root}/a: is not the file that its catalog recorded: it was changed while the build ran; run again"
    )


def test_no_descriptor_is_left_open(project: Project) -> None:
    member = project.source("a", b"a")
    before = len(list(Path("/proc/self/fd").iterdir()))

    project.source("a", b"b")
    for _ in range(3):
        with pytest.raises(InputChanged):
            read_member(member, project.spans, project.context)

    assert len(list(Path("/proc/self/fd").iterdir())) == before
