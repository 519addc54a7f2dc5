"""Facts of PE files: as two other readers see them, and sentences for files that are broken."""

from __future__ import annotations

import io
import struct
from collections.abc import Callable
from pathlib import Path

import msgspec
import pytest

from tests.support.pe_files import as_far_as_readobj, by_pefile, by_readobj, facts_of, in_words, launchers
from tests.support.watched_files import Counting
from tests.support.windows import downloads
from tools.errors import UserError
from tools.pe.facts import read_pe_facts
from tools.pe.model import PeFacts, PeImport, machine_name

REFUSED_BY_LLVM = ("mfc140u.dll",)  # "Invalid data was encountered", by LLVM 14
READ_AT_MOST = 1 << 20  # bytes of a file of 121 MB


def test_everything_that_a_file_says(features: Path) -> None:
    facts = facts_of(features)

    assert facts is not None
    assert facts == PeFacts(
        machine=0x8664,
        bits=64,
        library=True,
        subsystem=3,
        name="features.dll",
        imports=(PeImport("needed.dll", ("needed_total", "#7")),),
        delayed=(PeImport("LATER.dll", ("later_total", "#5")),),
        exports=("delay_table", "far", "feature_data", "feature_number", "other_total"),
        ordinals=((7, 11), (40, 40)),
        forwards=(("other_total", "needed.needed_total"),),
        signature=0,
        overlay=0,
        version="7.14.60850.2",
    )


def test_facts_go_into_a_catalog_and_back(features: Path) -> None:
    facts = facts_of(features)

    assert msgspec.json.decode(msgspec.json.encode(facts), type=PeFacts) == facts


def test_pefile_says_the_same(features: Path) -> None:
    facts = facts_of(features)

    assert facts is not None
    assert in_words(facts) == by_pefile(features)


def test_llvm_says_the_same(features: Path) -> None:
    facts = facts_of(features)

    assert facts is not None
    assert by_readobj(features) == as_far_as_readobj(facts)


@pytest.mark.parametrize("file", launchers(), ids=lambda file: file.name)
def test_programs_for_several_machines(file: Path) -> None:
    facts = facts_of(file)

    assert facts is not None
    assert in_words(facts) == by_pefile(file)
    assert by_readobj(file) == as_far_as_readobj(facts)


def test_machines_have_names() -> None:
    launchers_are_for = {machine_name(facts.machine) for file in launchers() if (facts := facts_of(file))}

    assert launchers_are_for == {"x86", "x86-64", "ARM64"}
    assert machine_name(0x200) == "0x200"


def test_an_ordinal_is_exported_or_not(features: Path) -> None:
    facts = facts_of(features)

    assert facts is not None
    assert [number for number in (6, 7, 11, 12, 39, 40, 41) if facts.has_ordinal(number)] == [7, 11, 40]


def test_bytes_behind_the_last_section_are_counted(features: Path) -> None:
    content = features.read_bytes()
    before, after = (read_pe_facts(io.BytesIO(one), len(one)) for one in (content, content + b"appended"))

    assert before is not None
    assert after == msgspec.structs.replace(before, overlay=before.overlay + 8)


@pytest.mark.parametrize(
    "content",
    [b"", b"MZ", b"\x7fELF" + bytes(100), b"MZ" + bytes(100), b"MZ" + b"x" * 100, b"MZ".ljust(60) + b"\x40" + bytes(9)],
    ids=["empty", "two letters", "ELF", "a program for DOS", "text", "a header that is cut off"],
)
def test_what_is_no_pe_file_has_no_facts(content: bytes) -> None:
    assert read_pe_facts(io.BytesIO(content), len(content)) is None


def sentence(content: bytes) -> str:
    with pytest.raises(UserError) as caught:
        read_pe_facts(io.BytesIO(content), len(content))
    return str(caught.value)


def test_a_truncated_file_is_told_so(features: Path) -> None:
    content = features.read_bytes()

    assert sentence(content[: len(content) // 2]) == (
        f"is a truncated PE file: {len(content) // 2} bytes, its headers tell of {len(content)}"
    )
    start = struct.unpack_from("<I", content, 60)[0]
    assert sentence(content[: start + 50]) == f"is a truncated PE file: {start + 50} bytes, 8 wanted at {start + 48}"


def patched(content: bytes, offset: Callable[[int], int], form: str, value: int) -> bytes:
    """Return the file with one number of its headers changed; ``offset`` gets where "PE" stands."""
    changed = bytearray(content)
    struct.pack_into(form, changed, offset(struct.unpack_from("<I", content, 60)[0]), value)
    return bytes(changed)


@pytest.mark.parametrize(
    ("offset", "form", "value", "reason"),
    [
        (24, "<H", 0x107, "its optional header has the magic number 0x107"),
        (6, "<H", 97, "97 sections"),
        (24 + 112 + 8, "<I", 0x7FFFFFFF, "address 0x7fffffff lies in no section"),
        (24 + 112, "<I", 0xFFFF0000, "address 0xffff0000 lies in no section"),
        (24 + 240 + 12, "<I", 0x7F000000, "its sections are not in the order of their addresses"),
    ],
    ids=["magic", "sections", "imports", "exports", "order"],
)
def test_a_damaged_file_is_told_so(features: Path, offset: int, form: str, value: int, reason: str) -> None:
    content = patched(features.read_bytes(), lambda start: start + offset, form, value)

    assert sentence(content) == f"is a damaged PE file: {reason}"


@pytest.mark.slow
@pytest.mark.parametrize("name", sorted(downloads.PINNED))
def test_real_files_of_pypi(name: str, tmp_path: Path) -> None:
    for file in downloads.binaries(name, tmp_path):
        facts = facts_of(file)

        assert facts is not None, file
        assert in_words(facts) == by_pefile(file), file
        if file.name not in REFUSED_BY_LLVM:
            assert by_readobj(file) == as_far_as_readobj(facts), file


@pytest.mark.slow
def test_a_large_file_is_read_in_places(tmp_path: Path) -> None:
    (large,) = (file for file in downloads.binaries(downloads.AMD, tmp_path) if file.name == "amd_comgr.dll")
    with Counting(str(large)) as opened:
        facts = read_pe_facts(opened, large.stat().st_size)  # type: ignore[arg-type]

        assert facts is not None
        assert opened.amount < READ_AT_MOST
    assert (facts.version, facts.signature) == ("3.3.0.0", 10704)
