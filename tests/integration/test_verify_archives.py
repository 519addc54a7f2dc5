"""The zip structure and RECORD, broken in one place each: verification names the place and what is wrong with it."""

from __future__ import annotations

import copy
import csv
import io
import struct
import zipfile

import pytest

from tests.support.broken_dist import CORE, LIBRARIES, Dist, Wheel
from tests.support.wheels import Member, record_of

HEADER = "_rocm_sdk_core/include/hip/hip_runtime.h"
RECORD = "rocm_sdk_core-1.0.dist-info/RECORD"


def found(content: bytes, path: str) -> tuple[int, int]:
    """Return where a member's local and central headers begin."""
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        local = archive.getinfo(path).header_offset
        central = content.index(path.encode(), archive.start_dir) - 46
    return local, central


def patched(content: bytes, offset: int, form: str, value: int) -> bytes:
    new = struct.pack(form, value)
    return content[:offset] + new + content[offset + len(new) :]


def both_headers(dist: Dist, local: int, value: int) -> None:
    """Change a two-byte field of a member in both of its headers, and publish the wheel so."""

    def change(content: bytes) -> bytes:
        places = found(content, HEADER)
        return patched(patched(content, places[0] + local, "<H", value), places[1] + local + 2, "<H", value)

    dist.edit(CORE, change)
    dist.publish()


def test_a_sound_dist_has_no_problems(dist):
    assert dist.problems(source=True) == []


def test_rewriting_a_wheel_breaks_nothing_but_it_is_not_the_one_that_was_built(dist):
    dist.change(CORE, lambda wheel: None)

    assert dist.problems() == []
    assert dist.problems(source=True) == [
        f"{CORE}: error: source: has another sha256 than its receipt; remove both and build again: "
        "wheel/generic/core/receipt.json",
    ]


def test_a_flipped_byte_in_a_stored_member(dist):
    def store(wheel: Wheel) -> None:
        wheel.members[HEADER].method = zipfile.ZIP_STORED

    def flip(content: bytes) -> bytes:
        start = found(content, HEADER)[0] + 30 + len(HEADER) + 5
        return patched(content, start, "B", content[start] ^ 1)

    dist.change(CORE, store)
    dist.edit(CORE, flip)

    assert dist.problems() == [
        f"index.html: error: index: has another hash than the file: {CORE}",
        f"{CORE}: error: archive: has another CRC than is stated: {HEADER}",
        f"{CORE}: error: record: is not what RECORD says: another sha256: {HEADER}",
        f"{CORE}: error: sums: has another sha256 than SHA256SUMS says",
        f"simple-json/rocm-sdk-core/index.json: error: index: has another sha256 than the file: {CORE}",
        f"simple/rocm-sdk-core/index.html: error: index: has another hash than the file: {CORE}",
        f"simple/rocm-sdk-core/index.json: error: index: has another sha256 than the file: {CORE}",
        f"whl-next/rocm-sdk-core/index.html: error: index: has another hash than the file: {CORE}",
        f"whl-next/rocm-sdk-core/index.json: error: index: has another sha256 than the file: {CORE}",
    ]


def test_a_flipped_byte_in_a_deflated_member(dist):
    def damage(content: bytes) -> bytes:
        return patched(content, found(content, HEADER)[0] + 30 + len(HEADER), "B", 0xFF)  # a block of no known type

    dist.edit(CORE, damage)
    dist.publish()

    assert dist.problems() == [
        f"{CORE}: error: archive: cannot be unpacked, or not to the size that is stated: {HEADER}",
    ]


@pytest.mark.parametrize(
    ("keep", "problem"),
    [
        (0, "is not a zip file, or its end is missing"),
        (100, "is not a zip file, or its end is missing"),
        (-1, "its end is cut off"),
        (-23, "is not a zip file, or its end is missing"),
    ],
)
def test_a_truncated_wheel(dist, keep, problem):
    dist.edit(CORE, lambda content: content[:keep])

    assert dist.problems() == [
        f"{CORE}: error: archive: {problem}",
        f"{CORE}: error: sums: has another sha256 than SHA256SUMS says",
    ]


def test_bytes_behind_the_end(dist):
    dist.edit(CORE, lambda content: content + b"\n")
    dist.publish()

    assert dist.problems() == [f"{CORE}: error: archive: has bytes behind its end"]


def test_bytes_before_the_first_member(dist):
    def prefix(content: bytes) -> bytes:
        result = io.BytesIO(b"#!/bin/sh\n" + content)
        with zipfile.ZipFile(result, "a") as archive:
            archive.comment = b""
            archive._didModify = True  # type: ignore[attr-defined]  # has the offsets written anew
        return result.getvalue()

    dist.edit(CORE, prefix)
    dist.publish()

    first = "_rocm_sdk_core/lib/llvm/lib/libLLVM.so.19.0git"
    problems = dist.problems()
    assert len(problems) == 1
    assert problems[0].startswith(f"{CORE}: error: archive: has bytes before it that belong to no member: "), first


def test_a_comment(dist):
    dist.edit(CORE, lambda content: content[:-2] + b"\x02\x00hi")
    dist.publish()

    assert dist.problems() == [f"{CORE}: error: archive: has a comment"]


def test_a_data_descriptor(dist):
    both_headers(dist, 6, 1 << 3)

    assert dist.problems() == [f"{CORE}: error: archive: has a data descriptor: {HEADER}"]


def test_an_encrypted_member(dist):
    both_headers(dist, 6, 1)

    assert dist.problems() == [
        f"{CORE}: error: archive: has flags that installers do not know (encrypted?): {HEADER}",
    ]


def test_a_compression_that_installers_do_not_have(dist):
    both_headers(dist, 8, 12)  # bzip2

    assert dist.problems() == [f"{CORE}: error: archive: is neither stored nor deflated: {HEADER}"]


def test_a_directory_entry(dist):
    dist.change(CORE, lambda wheel: wheel.members.update({"_rocm_sdk_core/empty/": Member(b"", 0o40755)}))

    assert f"{CORE}: error: archive: is a directory entry: _rocm_sdk_core/empty/" in dist.problems()


@pytest.mark.parametrize(
    ("name", "problem"),
    [
        ("../evil.py", "has a name that leads out of the place it is unpacked to"),
        ("/evil.py", "has a name that leads out of the place it is unpacked to"),
        ("_rocm_sdk_core/../../evil.py", "has a name that leads out of the place it is unpacked to"),
        ("_rocm_sdk_core\\evil.py", "has a name that leads out of the place it is unpacked to"),
        ("C:evil.py", "has a name that leads out of the place it is unpacked to"),
        ("_rocm_sdk_core/./evil.py", "has a name that no file can have"),
        ("_rocm_sdk_core//evil.py", "has a name that no file can have"),
        ("_rocm_sdk_core/e\nvil.py", "has a name that no file can have"),
        ("_rocm_sdk_core/" + "e" * 256, "has a name longer than 255 bytes"),
    ],
)
def test_a_name_that_escapes_or_is_none(dist, name, problem):
    dist.change(CORE, lambda wheel: wheel.members.update({name: Member(b"1")}))

    assert dist.problems() == [f"{CORE}: error: archive: {problem}: {name}"]


def test_a_member_twice(dist):
    def twice(wheel: Wheel) -> None:
        wheel.twice = [HEADER]

    with pytest.warns(UserWarning, match="Duplicate name"):
        dist.change(CORE, twice)

    assert dist.problems() == [f"{CORE}: error: archive: is there twice: {HEADER}"]


def test_a_symbolic_link(dist):
    def link(wheel: Wheel) -> None:
        wheel.members[HEADER].mode = 0o120777

    dist.change(CORE, link)

    assert dist.problems() == [f"{CORE}: error: archive: is no regular file but a link or a device: {HEADER}"]


def test_a_setuid_program(dist):
    def setuid(wheel: Wheel) -> None:
        wheel.members["_rocm_sdk_core/bin/rocminfo"].mode = 0o104755

    dist.change(CORE, setuid)

    assert dist.problems() == [
        f"{CORE}: error: archive: has the setuid, setgid or sticky bit: _rocm_sdk_core/bin/rocminfo",
    ]


@pytest.mark.parametrize(
    ("offset", "form", "value", "problem"),
    [
        pytest.param(8, "<H", 0, "has another method, time or flags in its local header", id="method"),
        pytest.param(10, "<H", 1, "has another method, time or flags in its local header", id="time"),
        pytest.param(14, "<L", 1, "has another size or CRC in its local header", id="crc"),
        pytest.param(18, "<L", 1, "has another size or CRC in its local header", id="compressed size"),
        pytest.param(22, "<L", 1, "has another size or CRC in its local header", id="size"),
        pytest.param(30, "<B", 0x61, "has another name in its local header", id="name"),
    ],
)
def test_a_local_header_that_differs_from_the_central_one(dist, offset, form, value, problem):
    dist.edit(CORE, lambda content: patched(content, found(content, HEADER)[0] + offset, form, value))
    dist.publish()

    assert dist.problems() == [f"{CORE}: error: archive: {problem}: {HEADER}"]


def test_a_zip64_field_that_nothing_needs(dist):
    def lie(content: bytes) -> bytes:
        """Put the member's sizes into a ZIP64 field, as writers do that are told to force it."""
        result = io.BytesIO()
        with zipfile.ZipFile(io.BytesIO(content)) as old, zipfile.ZipFile(result, "w") as new:
            for row in old.infolist():
                copied = copy.copy(row)
                if row.filename == HEADER:  # by hand, since each Python's zipfile forces it in another way
                    copied.extra = struct.pack("<HHQQ", 1, 16, row.file_size, row.compress_size)
                new.writestr(copied, old.read(row))
        local, central = found(result.getvalue(), HEADER)
        in_the_field = 0xFFFFFFFF_FFFFFFFF  # both sizes of a header
        return patched(patched(result.getvalue(), local + 18, "<Q", in_the_field), central + 20, "<Q", in_the_field)

    dist.edit(CORE, lie)
    dist.publish()

    assert dist.problems() == [f"{CORE}: error: archive: has a ZIP64 field that it does not need: {HEADER}"]


def test_a_zip64_field_that_is_too_short(dist):
    def lie(content: bytes) -> bytes:
        local, central = found(content, HEADER)
        return patched(patched(content, local + 22, "<L", 0xFFFFFFFF), central + 24, "<L", 0xFFFFFFFF)

    dist.edit(CORE, lie)

    assert f"{CORE}: error: archive: has a ZIP64 field that does not fit its sizes: {HEADER}" in dist.problems()


# RECORD


def with_record(wheel: Wheel, change) -> None:
    """Change RECORD's rows and keep them so."""
    record = wheel.path("RECORD")
    others = {path: member for path, member in wheel.members.items() if path != record}
    rows = list(csv.reader(io.StringIO(record_of(others, record).decode())))
    change({row[0]: row for row in rows}, rows)
    text = io.StringIO()
    csv.writer(text, lineterminator="\n").writerows(rows)
    wheel.members[record].content = text.getvalue().encode()
    wheel.record = False


@pytest.mark.parametrize(
    ("change", "problem"),
    [
        pytest.param(
            lambda by_path, rows: rows.remove(by_path[HEADER]), f"RECORD does not list it: {HEADER}", id="no row"
        ),
        pytest.param(
            lambda by_path, rows: rows.append(["lost.py", *by_path[HEADER][1:]]),
            "RECORD lists what the wheel does not have: lost.py",
            id="no file",
        ),
        pytest.param(
            lambda by_path, rows: by_path[HEADER].__setitem__(2, "7"),
            f"is not what RECORD says: another size: {HEADER}",
            id="wrong size",
        ),
        pytest.param(
            lambda by_path, rows: by_path[HEADER].__setitem__(1, by_path["rocm_sdk_core/_cli.py"][1]),
            f"is not what RECORD says: another sha256: {HEADER}",
            id="wrong sha256",
        ),
        pytest.param(
            lambda by_path, rows: rows.append(by_path[HEADER]), f"RECORD has it twice: {HEADER}", id="row twice"
        ),
        pytest.param(
            lambda by_path, rows: by_path[HEADER].__setitem__(1, ""),
            f"RECORD has no digest or no size of it: {HEADER}",
            id="no digest",
        ),
        pytest.param(
            lambda by_path, rows: by_path[RECORD].__setitem__(2, "5"),
            f"RECORD has a digest or a size of itself: {RECORD}",
            id="its own size",
        ),
        pytest.param(
            lambda by_path, rows: by_path[HEADER].__setitem__(1, "md5=1"),
            "RECORD cannot be read: line 21: 'md5=1' is no sha256 in the form of PEP 427",
            id="md5",
        ),
        pytest.param(
            lambda by_path, rows: by_path[HEADER].append("more"),
            "RECORD cannot be read: line 21 has 4 fields instead of 3",
            id="four fields",
        ),
    ],
)
def test_a_wrong_record(dist, change, problem):
    dist.change(CORE, lambda wheel: with_record(wheel, change))

    assert dist.problems() == [f"{CORE}: error: record: {problem}"]


def test_no_record(dist):
    def remove(wheel: Wheel) -> None:
        del wheel.members[wheel.path("RECORD")]
        wheel.record = False

    dist.change(LIBRARIES, remove)

    assert dist.problems() == [
        f"{LIBRARIES}: error: record: has no rocm_sdk_libraries_gfx94x_dcgpu-1.0.dist-info/RECORD",
    ]
