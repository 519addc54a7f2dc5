"""Spans: files, and parts of files."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.support.replacing import become_a_directory, become_a_fifo, become_a_link, become_a_socket
from tools.artifact.span import Span, as_file, copy, open_span, read_small, read_up_to, stamp_of
from tools.errors import InputChanged, UserError


def whole(file: Path) -> Span:
    size = file.stat().st_size
    return Span(str(file), 0, size, size, str(file))


def part(file: Path) -> Span:
    """Return "content" of a file "before content behind"."""
    return Span(str(file), 7, 7, file.stat().st_size, f"{file}: member")


@pytest.fixture
def file(tmp_path: Path) -> Path:
    path = tmp_path / "file"
    path.write_bytes(b"before content behind")
    return path


def test_a_part_is_read_like_a_file_of_its_own(file: Path) -> None:
    with open_span(part(file)) as opened:
        assert opened.read() == b"content"
        assert opened.read(1) == b""
        assert opened.seek(-4, os.SEEK_END) == 3
        assert opened.read(2) == b"te"
        assert opened.seek(1, os.SEEK_CUR) == 6
        assert opened.read(5) == b"t"
        assert opened.seek(100) == 100
        assert opened.read(5) == b""
        with pytest.raises(OSError, match="Invalid argument"):
            opened.seek(-1)


@pytest.mark.parametrize("make", [whole, part])
def test_closing_the_file_closes_the_descriptor(file: Path, make: Callable[[Path], Span]) -> None:
    before = os.listdir("/proc/self/fd")  # noqa: PTH208

    with open_span(make(file)) as opened:
        opened.read()

    assert os.listdir("/proc/self/fd") == before  # noqa: PTH208


@pytest.mark.parametrize("make", [whole, part])
def test_a_descriptor_can_be_left_open(file: Path, make: Callable[[Path], Span]) -> None:
    descriptor = os.open(file, os.O_RDONLY)

    as_file(descriptor, make(file), close=False).close()

    assert os.read(descriptor, 6) == b"before"
    os.close(descriptor)


CHANGES = [
    pytest.param(Path.unlink, id="gone"),
    pytest.param(lambda file: os.truncate(file, 5), id="shorter"),
    pytest.param(lambda file: os.truncate(file, 500), id="longer"),
    pytest.param(become_a_link, id="link"),
    pytest.param(become_a_fifo, id="FIFO"),
    pytest.param(become_a_socket, id="socket"),
    pytest.param(become_a_directory, id="directory"),
]


@pytest.mark.parametrize("change", CHANGES)
@pytest.mark.parametrize("make", [whole, part])
def test_a_file_that_is_another_by_now_is_not_opened(
    file: Path, make: Callable[[Path], Span], change: Callable[[Path], object]
) -> None:
    span = make(file)
    change(file)

    with pytest.raises(InputChanged) as caught:
        open_span(span)

    assert str(caught.value) == (
        f"{span.place}: is not the file that its catalog recorded: it was changed while the build ran; run again"
    )


def test_a_part_of_a_file_that_was_written_again_is_not_opened(file: Path) -> None:
    span = part(file)._replace(stamp=stamp_of(file.stat()))
    open_span(span).close()
    os.utime(file, ns=(0, 0))

    with pytest.raises(InputChanged):
        open_span(span)


def test_a_path_that_cannot_be_opened_is_named(tmp_path: Path) -> None:
    name = str(tmp_path / ("n" * 300))

    with pytest.raises(UserError) as caught:
        open_span(Span(name, 0, 1, 1, name))

    assert str(caught.value) == f"{name}: cannot be read: File name too long"


def test_what_is_beyond_the_end_is_not_filled(file: Path) -> None:
    content = bytearray(b"." * 9)

    with open_span(part(file)) as opened:
        count = read_up_to(opened, part(file), memoryview(content), at=3)

    assert (count, bytes(content)) == (4, b"tent.....")


def test_a_source_that_cannot_be_read_is_named(tmp_path: Path) -> None:
    descriptor = os.open(tmp_path, os.O_RDONLY)
    span = Span(str(tmp_path), 0, 2, 4, "place")

    with as_file(descriptor, span) as opened, pytest.raises(UserError) as caught:
        read_up_to(opened, span, memoryview(bytearray(1)))

    assert str(caught.value) == "place: cannot be read: Is a directory"


@pytest.mark.parametrize("make", [whole, part])
def test_small_spans_are_read_whole(file: Path, make: Callable[[Path], Span]) -> None:
    span = make(file)._replace(stamp=stamp_of(file.stat()))

    assert read_small(span) == b"before content behind"[span.offset :][: span.size]


def test_a_small_span_that_is_not_what_was_seen_is_refused(file: Path) -> None:
    span = part(file)._replace(stamp=stamp_of(file.stat()))
    file.write_bytes(b"before another behind")

    with pytest.raises(InputChanged) as caught:
        read_small(span)

    assert str(caught.value) == f"{file}: member: changed while it was read; run again when nothing writes to it"


@pytest.mark.parametrize("make", [whole, part])
def test_a_copy_has_the_bytes_of_the_span(file: Path, make: Callable[[Path], Span]) -> None:
    span, target = make(file), file.with_name("target")

    copy(span, target)

    assert target.read_bytes() == b"before content behind"[span.offset :][: span.size]
