"""One wheel, read once: its members as installed, and what is wrong with them."""

from __future__ import annotations

import hashlib
import zipfile
import zlib
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from tests.support.read_wheels import told
from tests.support.wheels import zipped
from tools.elf.forwarder import forwarder
from tools.errors import UserError
from tools.verify.wheel import Read, is_text, read_wheel

MEMBERS = {"demo/a.txt": b"text" * 1000, "demo-1.0.dist-info/METADATA": b"Name: demo\n", "demo/libx.so": b""}


def read(path: Path) -> Read:
    with ThreadPoolExecutor(2) as pool:
        return read_wheel(path, pool)()


def wheel(directory: Path, members: dict[str, bytes], method: int = zipfile.ZIP_DEFLATED) -> Path:
    path = directory / "demo-1.0-py3-none-any.whl"
    path.write_bytes(zipped(members, method=method))
    return path


def as_deflated(archive: bytes, content: bytes) -> bytes:
    """Return an archive whose one member is no longer stored: its bytes stand for ``content``."""
    central = archive.index(b"PK\1\2")
    changed = bytearray(archive)
    for method, crc, size in ((8, 14, 22), (central + 10, central + 16, central + 24)):
        changed[method : method + 2] = zipfile.ZIP_DEFLATED.to_bytes(2, "little")
        changed[crc : crc + 4] = zlib.crc32(content).to_bytes(4, "little")
        changed[size : size + 4] = len(content).to_bytes(4, "little")
    return bytes(changed)


@pytest.mark.parametrize("method", [zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED])
def test_members_are_known_by_size_and_digest(tmp_path, method):
    path = wheel(tmp_path, MEMBERS, method)

    found = read(path)

    assert found.findings == []
    assert found.contents.sha256 == hashlib.sha256(path.read_bytes()).hexdigest()
    assert {name: (one.size, one.sha256) for name, one in found.contents.files.items()} == {
        name: (len(data), hashlib.sha256(data).hexdigest()) for name, data in MEMBERS.items()
    }


def test_texts_that_other_checks_read_are_kept(tmp_path):
    found = read(wheel(tmp_path, MEMBERS))

    assert found.contents.texts == {"demo-1.0.dist-info/METADATA": b"Name: demo\n"}


def test_elf_files_are_known_by_their_facts(tmp_path):
    found = read(wheel(tmp_path, {"demo/libx.so": forwarder("libx.so", "libx.so.1")}))

    elf = found.contents.files["demo/libx.so"].elf
    assert elf is not None
    assert (elf.soname, elf.needed) == ("libx.so", ("libx.so.1",))


def test_an_elf_file_whose_bytes_come_one_by_one_is_known(tmp_path):
    library = forwarder("libx.so", "libx.so.1")
    packer = zlib.compressobj(6, zlib.DEFLATED, -15)
    packed = packer.compress(library[:1]) + packer.flush(zlib.Z_FULL_FLUSH)
    packed += b"\0\0\0\xff\xff" * 100_000  # empty blocks, more of them than are unpacked at a time
    packed += packer.compress(library[1:]) + packer.flush()
    path = wheel(tmp_path, {"demo/libx.so": packed}, zipfile.ZIP_STORED)
    path.write_bytes(as_deflated(path.read_bytes(), library))

    found = read(path)

    assert found.findings == []
    assert found.contents.files["demo/libx.so"].elf is not None


def test_a_member_that_was_damaged(tmp_path):
    path = wheel(tmp_path, {"demo/a": b"0123456789"}, zipfile.ZIP_STORED)
    path.write_bytes(path.read_bytes().replace(b"0123456789", b"0123456780"))

    assert told(read(path).findings) == ["error: archive: has another CRC than is stated: demo/a"]


def test_a_truncated_elf_file(tmp_path):
    found = read(wheel(tmp_path, {"demo/libx.so": forwarder("libx.so", "libx.so.1")[:200]}))

    assert [(one.check, one.culprit) for one in found.findings] == [("elf", "demo/libx.so")]


def test_an_empty_file_is_no_wheel(tmp_path):
    path = tmp_path / "demo-1.0-py3-none-any.whl"
    path.touch()

    assert told(read(path).findings) == ["error: archive: is not a zip file, or its end is missing"]


def test_a_wheel_that_is_not_there(tmp_path):
    with pytest.raises(UserError) as caught:
        read(tmp_path / "gone.whl")

    assert str(caught.value) == f"{tmp_path}/gone.whl: cannot be read: No such file or directory"


@pytest.mark.parametrize(
    ("path", "text"),
    [
        ("demo-1.0.dist-info/RECORD", True),
        ("demo-1.0.dist-info/sboms/x.json", True),
        ("demo-1.0.dist-info/licenses/a", False),
        ("demo/_cli.py", True),
        ("demo/x.package.json", True),
        ("demo/deep/x.py", False),
    ],
)
def test_what_other_checks_read(path, text):
    assert is_text(path) is text
