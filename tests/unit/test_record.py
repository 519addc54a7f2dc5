"""The RECORD of wheels that are damaged in every way."""

from __future__ import annotations

import random
import zipfile
from contextlib import suppress
from functools import partial
from pathlib import Path

import pytest

from tests.support.wheels import Wheel, zipped
from tools.errors import UserError
from tools.record import Row, open_record

INFO = "a-1.dist-info"
ENCRYPTED, METHOD = 8, 10  # offsets in a row of the archive's directory
SOUND = Wheel(distribution="a", version="1", files={"a.py": b"1"})


def opened(file: Path):
    return open_record(file.name, partial(file.open, "rb"))


def problem_of(directory: Path, content: bytes) -> str:
    """Return what is said of an archive."""
    (directory / "a.whl").write_bytes(content)
    with pytest.raises(UserError) as caught:
        opened(directory / "a.whl")
    return str(caught.value).removeprefix("a.whl: its RECORD cannot be read: ")


def with_directory_byte(content: bytes, offset: int, value: int) -> bytes:
    """Return the archive with another byte in the row of its directory that comes last, which is RECORD's."""
    changed = bytearray(content)
    changed[content.rindex(b"PK\1\2") + offset] = value
    return bytes(changed)


def test_a_sound_wheel_tells_folder_rows_and_members(tmp_path):
    record = opened(SOUND.write(tmp_path))

    assert record.folder == INFO
    assert record.rows["a.py"].size == 1
    assert record.rows[f"{INFO}/RECORD"] == Row("", 0)
    assert [member.filename for member in record.members] == list(SOUND.members())


@pytest.mark.parametrize(
    ("record", "problem"),
    [
        (b"x" * 200_000, "field larger than field limit (131072)"),
        (b"a,b\n", "line 1 has not 3 fields but 2"),
        (b"a,,-5\n", "line 1: the size of 'a' is no number of bytes"),
        (b"a,," + b"9" * 5000, "line 1: the size of 'a' is no number of bytes"),
    ],
)
def test_a_record_that_is_none_is_a_sentence(tmp_path, record, problem):
    assert problem_of(tmp_path, zipped({f"{INFO}/RECORD": record})) == problem


def test_a_wheel_without_record_is_a_sentence(tmp_path):
    assert problem_of(tmp_path, zipped({"a.py": b""})) == "the wheel must have one, and has 0"


def test_an_encrypted_wheel_is_a_sentence(tmp_path):
    content = with_directory_byte(SOUND.zipped(), ENCRYPTED, 1)

    assert problem_of(tmp_path, content) == f"File '{INFO}/RECORD' is encrypted, password required for extraction"


def test_an_unknown_method_of_compression_is_a_sentence(tmp_path):
    content = with_directory_byte(SOUND.zipped(), METHOD, 99)

    assert problem_of(tmp_path, content) == "That compression method is not supported"


def test_a_damaged_stream_is_a_sentence(tmp_path):
    file = SOUND.write(tmp_path)
    with zipfile.ZipFile(file) as archive:
        start = archive.getinfo(f"{INFO}/RECORD").header_offset + 30 + len(f"{INFO}/RECORD")
    content = bytearray(file.read_bytes())
    content[start : start + 8] = b"\xff" * 8

    assert "while decompressing data" in problem_of(tmp_path, bytes(content))


@pytest.mark.parametrize("seed", range(20))
def test_whatever_bytes_are_wrong_is_a_sentence_if_anything(tmp_path, seed):
    numbers = random.Random(seed)
    for _ in range(50):
        content = bytearray(SOUND.zipped())
        for _ in range(3):
            content[numbers.randrange(len(content))] = numbers.randrange(256)
        (tmp_path / "a.whl").write_bytes(content)
        with suppress(UserError):
            opened(tmp_path / "a.whl")
