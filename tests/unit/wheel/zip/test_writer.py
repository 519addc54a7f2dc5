"""Tests of tools.wheel.zip.writer: members go in, an archive and its rows come out."""

from __future__ import annotations

import hashlib
import random
import zipfile
import zlib
from collections.abc import Iterator

import pytest

from tests.support.contracts import text, written
from tests.support.project import Project
from tests.support.writing import finished, payload, writing
from tools.wheel.schedule.steps import Work
from tools.wheel.zip.format import Facts
from tools.wheel.zip.writer import Packed


@pytest.fixture
def work(project: Project) -> Iterator[Work]:
    with writing(project) as work:
        yield work


def stored(content: bytes) -> Packed:
    return Packed(Facts(0, len(content), len(content), zlib.crc32(content), "sha", "digest"), content)


def test_whole_members_are_appended_in_their_order(project: Project, work: Work) -> None:
    contents = {"b": b"one", "a": b"", "c": bytes(1000)}

    work.archive.add_all([(payload(project, text(path, "")), stored(data)) for path, data in contents.items()])

    assert list(finished(project, work).items()) == list(contents.items())


def test_a_row_says_where_the_bytes_are_and_what_they_are(project: Project, work: Work) -> None:
    member = payload(project, text("tool", "", 0o755))

    work.archive.add_all([(member, stored(b"one")), (payload(project, text("other", "")), stored(b"two"))])

    first, second = work.archive.rows
    assert (first.path, first.mode, first.recipe, first.size, first.method) == ("tool", 0o755, member.recipe, 3, 0)
    assert [work.file.read(row.offset, row.compressed_size) for row in (first, second)] == [b"one", b"two"]


def test_a_large_member_is_appended_block_by_block(project: Project, work: Work) -> None:
    content = random.Random(1).randbytes(1000)

    work.archive.add_blocks(payload(project, text("a", "")), stored(content).facts, (content[:600], content[600:]))

    assert finished(project, work) == {"a": content}


def test_a_member_whose_blocks_fail_leaves_no_row(project: Project, work: Work) -> None:
    def blocks() -> Iterator[bytes]:
        yield b"begun"
        raise ZeroDivisionError

    work.archive.add_all([(payload(project, text("good", "")), stored(b"good"))])
    mark = work.archive.output.mark()
    with pytest.raises(ZeroDivisionError):
        work.archive.add_blocks(payload(project, text("bad", "")), stored(b"begun and ended").facts, blocks())
    work.archive.output.go_back(mark)

    assert [row.path for row in work.archive.rows] == ["good"]
    assert finished(project, work) == {"good": b"good"}


def test_a_member_of_unknown_length_gets_its_header_at_the_end(project: Project, work: Work) -> None:
    content = bytes(3000)
    deflated = zlib.compress(content, 5, -15)

    opened = work.archive.open(payload(project, text("large", "")), len(content))
    work.archive.output.write(deflated)
    work.archive.close(opened, Facts(8, len(content), len(deflated), zlib.crc32(content), "sha", "digest"))
    work.archive.add_all([(payload(project, text("next", "")), stored(b"next"))])

    assert work.archive.rows[0].offset == opened.data
    assert finished(project, work) == {"large": content, "next": b"next"}


def test_a_row_that_says_the_same_is_kept(project: Project, work: Work) -> None:
    """A wheel that is built again has thousands of rows, each of them an object that is there already."""
    data, member = b"data", payload(project, text("a", ""))
    there = written("a", 4, crc32=zlib.crc32(data), compressed_size=4, offset=31, recipe="another")

    work.archive.add_all([(member, Packed(there, data))])

    assert work.archive.rows[0] is there


def test_a_row_of_another_place_becomes_one_of_this_archive(project: Project, work: Work) -> None:
    data, member = b"data", payload(project, text("a", "", 0o755))
    there = written("other", 4, crc32=zlib.crc32(data), compressed_size=4, offset=31)

    work.archive.add_all([(member, Packed(there, data))])

    [row] = work.archive.rows
    assert (row.path, row.mode, row.recipe, row.offset) == ("a", 0o755, member.recipe, 31)


def test_the_hash_is_that_of_the_file(project: Project, work: Work) -> None:
    work.archive.add_all([(payload(project, text("a", "")), stored(b"a"))])
    work.archive.finish()

    file = project.tmp_path / "demo.whl"
    assert work.archive.output.hexdigest() == hashlib.sha256(file.read_bytes()).hexdigest()
    assert zipfile.is_zipfile(file)
