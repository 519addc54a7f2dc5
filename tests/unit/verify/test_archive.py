from __future__ import annotations

import io
import struct
import zipfile
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.support.wheels import zipped
from tools.verify.archive import read_archive
from tools.verify.member_name import name_problem
from tools.verify.wheel import Read, read_wheel

FILES = {"pkg/a.py": b"print('a')\n" * 20, "pkg/b.bin": bytes(range(256)), "pkg/empty": b""}


def read(path: Path) -> Read:
    with ThreadPoolExecutor(2) as pool:
        return read_wheel(path, pool)()


@pytest.mark.parametrize("method", [zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED])
def test_reads_what_python_writes(tmp_path, method):
    file = tmp_path / "a.whl"
    file.write_bytes(zipped(FILES, method=method))

    contents, findings = read(file)

    assert findings == []
    assert {path: content.size for path, content in contents.files.items()} == {
        path: len(content) for path, content in FILES.items()
    }


def test_every_flipped_bit_is_noticed_or_changes_no_file(tmp_path):
    """Each bit of a small wheel in turn: a problem is found, or a forgiving reader unpacks exactly the same."""
    sound = zipped(FILES)
    file = tmp_path / "a.whl"
    unnoticed = []
    for position in range(len(sound)):
        for bit in (0, 7):
            flipped = bytearray(sound)
            flipped[position] ^= 1 << bit
            file.unlink(missing_ok=True)
            file.write_bytes(flipped)
            if not read(file).findings:
                unnoticed.append(bytes(flipped))

    for content in unnoticed:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            assert {path: archive.read(path) for path in archive.namelist()} == FILES
    assert len(unnoticed) < len(sound) // 10  # versions, internal attributes, modes


@given(st.binary(max_size=400))
def test_anything_is_read_without_a_crash(content):
    assert read_archive(memoryview(content)).problems


@given(st.data())
def test_a_damaged_zip_is_read_without_a_crash(data):
    content = bytearray(zipped(FILES))
    for _ in range(data.draw(st.integers(1, 6))):
        position = data.draw(st.integers(0, len(content) - 1))
        content[position] = data.draw(st.integers(0, 255))

    archive = read_archive(memoryview(bytes(content)))

    whole = {entry.name for entry in archive.entries} - {member for _, member in archive.problems}
    assert whole <= FILES.keys() or archive.problems


@given(st.dictionaries(st.text(min_size=1, max_size=30), st.binary(max_size=50), max_size=6))
def test_names_are_fine_or_named(files):
    """Whatever a writer puts into a zip: members with sane names and no others have no problem."""
    names = {name for name in files if _writable(name)}
    archive = read_archive(memoryview(zipped({name: files[name] for name in names})))

    sane = {entry.name for entry in archive.entries} - {member for _, member in archive.problems}
    assert sane == {name for name in {entry.name for entry in archive.entries} if name_problem(name) is None}


def _writable(name: str) -> bool:
    try:
        name.encode()
    except UnicodeEncodeError:
        return False
    return "\0" not in name


def test_a_member_above_four_gibibytes(tmp_path):
    """Sizes and offsets that need ZIP64, in a sparse file of headers only."""
    size = 5 << 30
    name = b"pkg/huge"
    field = struct.pack("<HHQQ", 1, 16, size, size)
    local = struct.pack("<4s5H3L2H", b"PK\3\4", 45, 0, 0, 0, 33, 0, 2**32 - 1, 2**32 - 1, len(name), len(field))
    start = len(local) + len(name) + len(field) + size
    sizes = (0, 2**32 - 1, 2**32 - 1, len(name), len(field), 0, 0, 0, 0o100644 << 16, 0)
    central = struct.pack("<4s6H3L5H2L", b"PK\1\2", 3 << 8 | 45, 45, 0, 0, 0, 33, *sizes) + name + field
    end64 = struct.pack("<4sQ2H2L4Q", b"PK\6\6", 44, 45, 45, 0, 0, 1, 1, len(central), start)
    locator = struct.pack("<4sLQL", b"PK\6\7", 0, start + len(central), 1)
    end = struct.pack("<4s4H2LH", b"PK\5\6", 0, 0, 1, 1, len(central), 2**32 - 1, 0)
    file = tmp_path / "huge.zip"
    with file.open("wb") as out:
        out.write(local + name + field)
        out.seek(start)
        out.write(central + end64 + locator + end)
    import mmap

    with file.open("rb") as opened, mmap.mmap(opened.fileno(), 0, access=mmap.ACCESS_READ) as data:
        view = memoryview(data)
        archive = read_archive(view)
        view.release()

    assert archive.problems == []
    assert [(entry.name, entry.size) for entry in archive.entries] == [("pkg/huge", size)]


def test_more_members_than_sixteen_bits_count():
    files = {f"p/{number:05}": b"" for number in range(65_536)}

    archive = read_archive(memoryview(zipped(files, method=zipfile.ZIP_STORED)))

    assert archive.problems == []
    assert len(archive.entries) == 65_536


@pytest.mark.parametrize("size", [0, 1, 4 << 20, (4 << 20) + 1, (8 << 20) - 1, 9 << 20])
@pytest.mark.parametrize("fill", [b"\0", None])
def test_members_of_sizes_around_the_pieces_they_are_read_in(tmp_path, size, fill):
    content = bytes(size) if fill else (bytes(range(256)) * (size // 256 + 1))[:size]
    file = tmp_path / "a.whl"
    file.write_bytes(zipped({"pkg/a": content}))

    contents, findings = read(file)

    assert findings == []
    assert contents.files["pkg/a"].size == size
