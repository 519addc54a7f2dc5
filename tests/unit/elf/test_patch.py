from __future__ import annotations

import io
import pickle

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.support.elf_files import patched
from tools.elf.patch import Patch, Stretch, patched_blocks, tail_blocks
from tools.errors import InputChanged, UserError

SOURCE = bytes(range(100))
PATCH = Patch(
    source_size=100,
    edits=((3, b"abc"), (98, b"WXYZ"), (130, b"end")),
    tail=(Stretch(5), Stretch(20, 10), Stretch(10)),
)
RESULT = SOURCE[:3] + b"abc" + SOURCE[6:98] + b"WX" + b"YZ\0\0\0" + SOURCE[10:30] + bytes(5) + b"end" + bytes(2)


def test_edits_and_tail():
    assert patched(SOURCE, PATCH) == RESULT
    assert PATCH.size == len(RESULT)


def test_what_was_in_the_room_before_does_not_matter():
    room = memoryview(bytearray(SOURCE + b"?" * (PATCH.size - 100)))

    assert bytes(PATCH.apply_whole(room)) == RESULT


@given(st.integers(1, 200))
def test_the_same_comes_out_block_by_block(block_size):
    blocks = list(patched_blocks(io.BytesIO(SOURCE), 100, PATCH, block_size))

    assert b"".join(blocks) == RESULT
    assert max(map(len, blocks)) <= block_size


@given(st.lists(st.integers(1, 30), min_size=20, max_size=20))
def test_a_caller_may_read_the_source_itself(sizes):
    offset, result = 0, b""
    for size in sizes:
        block = SOURCE[offset : offset + size]
        result += PATCH.apply(offset, block)
        offset += len(block)
    result += PATCH.apply(offset, SOURCE[offset:])

    assert result + b"".join(tail_blocks(io.BytesIO(SOURCE), PATCH)) == RESULT


def test_a_block_without_edits_is_the_same_object():
    block = SOURCE[10:90]

    assert PATCH.apply(10, block) is block


def test_no_edit_is_the_source():
    assert patched(SOURCE, Patch(source_size=100)) == SOURCE


def test_travels_between_processes():
    assert pickle.loads(pickle.dumps(PATCH)) == PATCH


def test_a_source_of_another_size_is_refused():
    with pytest.raises(InputChanged) as caught:
        list(patched_blocks(io.BytesIO(SOURCE), 99, PATCH))

    assert str(caught.value) == "has 99 bytes now and had 100 when its edit was planned"


def test_a_source_that_got_shorter_is_refused():
    with pytest.raises(UserError) as caught:
        list(tail_blocks(io.BytesIO(SOURCE[:15]), PATCH))

    assert str(caught.value) == "is a truncated ELF file: 100 bytes, 20 wanted at 10"


@pytest.mark.parametrize(
    ("edits", "message"),
    [
        pytest.param(((3, b"ab"), (4, b"c")), "is a damaged ELF file: its tables overlap", id="overlap"),
        pytest.param(((99, b"ab"),), "is a damaged ELF file: its tables lie outside the file", id="outside"),
    ],
)
def test_edits_that_make_no_sense_are_refused(edits, message):
    with pytest.raises(UserError) as caught:
        Patch(source_size=100, edits=edits)

    assert str(caught.value) == message


def test_a_copy_of_what_is_not_there_is_refused():
    with pytest.raises(UserError) as caught:
        Patch(source_size=100, tail=(Stretch(20, 90),))

    assert str(caught.value) == "is a damaged ELF file: its tables lie outside the file"
