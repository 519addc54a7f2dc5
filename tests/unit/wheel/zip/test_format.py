"""Tests of tools.wheel.zip.format: zip structures, the rare ones through a low limit."""

from __future__ import annotations

import io
import struct
import zipfile
import zlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tools.errors import UserError
from tools.wheel.zip.format import (
    LIMIT32,
    Facts,
    check_names,
    end_records,
    headers,
    local_header_size,
    needs_zip64,
)


def facts(content: bytes) -> Facts:
    return Facts(0, len(content), len(content), zlib.crc32(content), "", "")


def zipped(members: dict[str, bytes], limit: int = LIMIT32) -> bytes:
    """Return an archive of stored members; numbers from ``limit`` on stand in ZIP64 fields."""
    body, directory = bytearray(), bytearray()
    for path, content in members.items():
        local, row = headers(path.encode(), facts(content), len(body), 0o644, limit)
        directory += row
        body += local + content
    return bytes(body + directory + end_records(len(members), len(directory), len(body), limit))


def read(content: bytes) -> dict[str, bytes]:
    with zipfile.ZipFile(io.BytesIO(content)) as file:
        return {name: file.read(name) for name in file.namelist()}


def test_ordinary_members_need_no_zip64() -> None:
    content = zipped({"a/b": b"content", "c": b""})

    assert read(content) == {"a/b": b"content", "c": b""}
    assert b"PK\x06\x06" not in content
    with zipfile.ZipFile(io.BytesIO(content)) as file:
        assert [info.extract_version for info in file.infolist()] == [20, 20]


def test_only_names_beyond_ascii_are_marked_as_utf8() -> None:
    with zipfile.ZipFile(io.BytesIO(zipped({"plain": b"", "ä": b""}))) as file:
        assert {info.filename: info.flag_bits for info in file.infolist()} == {"plain": 0, "ä": 1 << 11}


@pytest.mark.parametrize("limit", [150, 300, 1100])
@pytest.mark.parametrize("large_first", [False, True])
def test_numbers_beyond_four_bytes_are_read_back(limit: int, large_first: bool) -> None:
    """With a lower limit the ZIP64 fields of any subset of size, offset and directory are exercised."""
    sizes = sorted((0, 10, 85, 86, 87, 300, 1035, 1036, 2000), reverse=large_first)
    members = {f"m{size}": bytes([size % 251]) * size for size in sizes}

    content = zipped(members, limit)

    assert read(content) == members
    assert b"PK\x06\x06" in content
    large = sum(needs_zip64(size, limit) for size in sizes)
    assert 0 < large < len(sizes)
    assert content.count(struct.pack("<HH", 1, 16)) + content.count(struct.pack("<HH", 1, 24)) == 2 * large


def test_sizes_just_below_the_limit_have_room_to_grow() -> None:
    assert not needs_zip64(0xFFFFFFFF - 1_000_000)
    assert needs_zip64(0xFFFFFFFF - 1)
    assert needs_zip64(0xFFFFFFFF)


def test_a_member_beyond_four_gibibytes_has_both_sizes_in_both_headers() -> None:
    big = Facts(8, 5 << 30, 4_000, 7, "", "")

    local, central = headers(b"n", big, 5 << 30, 0o755)

    assert local[-20:] == struct.pack("<HHQQ", 1, 16, 5 << 30, 4_000)
    assert central[-28:] == struct.pack("<HHQQQ", 1, 24, 5 << 30, 4_000, 5 << 30)
    assert local[18:26] == central[20:28] == b"\xff" * 8
    assert len(local) == local_header_size(b"n", 5 << 30)


def test_an_offset_alone_needs_its_field_only() -> None:
    _, central = headers(b"n", facts(b"x"), 5 << 30, 0o644)

    assert central[-12:] == struct.pack("<HHQ", 1, 8, 5 << 30)
    assert central[42:46] == b"\xff" * 4


@pytest.mark.parametrize("count", [65_534, 65_535, 70_000])
def test_many_members_need_a_wider_count(count: int) -> None:
    content = zipped({f"{number}": b"" for number in range(count)})

    assert (b"PK\x06\x06" in content) == (count >= 65_535)
    with zipfile.ZipFile(io.BytesIO(content)) as file:
        assert len(file.namelist()) == count


names = st.lists(st.text(st.characters(exclude_categories=("Cs", "Cc"), exclude_characters="/\\"), min_size=1))
paths = names.map("/".join).filter(lambda path: path and not {".", ".."} & set(path.split("/")))


@given(st.dictionaries(paths, st.binary(max_size=50), max_size=8))
def test_any_sane_names_are_read_back(members: dict[str, bytes]) -> None:
    check_names(list(members), "plan")

    assert read(zipped(members)) == members


@pytest.mark.parametrize(
    "path",
    ["", "/a", "a/", "a//b", "../a", "a/../b", "a/..", "./a", "a/./b", "a\\b", "a\nb", "a\0", "a\x7f", "a" * 70_000],
    ids=range(14),
)
def test_paths_that_no_installer_should_see_are_refused(path: str) -> None:
    with pytest.raises(UserError) as caught:
        check_names(["good", path], "plan.json")

    assert str(caught.value) == (
        "plan.json: paths in a wheel are relative, with '/', without '..', control characters or backslashes, "
        f"and at most 65535 bytes long; these are not: {path!r}"
    )


@pytest.mark.parametrize("path", [".info/version", "a/.b", "...", "a..b", "a/..b", "with space", "ü", "\u200bx"])
def test_odd_but_sane_paths_are_accepted(path: str) -> None:
    with pytest.raises(UserError) as caught:
        check_names([path, "/bad"], "plan.json")

    assert str(caught.value).endswith("; these are not: '/bad'")


def test_names_that_are_no_text_are_refused() -> None:
    with pytest.raises(UserError, match="these are not"):
        check_names(["\udcff"], "plan.json")
