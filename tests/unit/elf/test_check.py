from __future__ import annotations

import io

import pytest

from tests.support.elf_files import LIBRARIES, unsound
from tests.support.made_elf import made_elf
from tests.support.watched_files import Places
from tools.elf.check import problems
from tools.elf.image import (
    DT_NEEDED,
    DT_STRTAB,
    ENTRY,
    PT_DYNAMIC,
    PT_LOAD,
    SECTION,
    SEGMENT,
    SHT_DYNSYM,
    SHT_STRTAB,
    Image,
    read_image,
)

DT_INIT_ARRAY = 25


def check(content: bytes) -> tuple[str, ...]:
    return problems(io.BytesIO(content), len(content))


def tables(content: bytes) -> Image:
    return read_image(io.BytesIO(content), len(content))


def with_segment(content: bytes, number: int, **changes: int) -> bytes:
    image = tables(content)
    start = image.phoff + number * SEGMENT.size
    return content[:start] + SEGMENT.pack(*image.segments[number]._replace(**changes)) + content[start + SEGMENT.size :]


def with_section(content: bytes, number: int, **changes: int) -> bytes:
    image = tables(content)
    start = image.shoff + number * SECTION.size
    return content[:start] + SECTION.pack(*image.sections[number]._replace(**changes)) + content[start + SECTION.size :]


def with_value(content: bytes, tag: int, value: int) -> bytes:
    image = tables(content)
    assert image.dynamic_segment
    number = [entry[0] for entry in image.dynamic].index(tag)
    start = image.dynamic_segment.offset + number * ENTRY.size
    return content[:start] + ENTRY.pack(tag, value) + content[start + ENTRY.size :]


@pytest.fixture
def content(library) -> bytes:
    return library("-rpath,/opt").read_bytes()


def number_of(content: bytes, kind: int) -> int:
    return [segment.type for segment in tables(content).segments].index(kind)


def last_load(content: bytes) -> int:
    segments = tables(content).segments
    return segments.index(tables(content).loads[-1])


def test_compiled_files_are_sound(build, library):
    main = "int main(void) { return 0; }"

    assert unsound(library()) == ()
    assert unsound(build("program", main, "-no-pie")) == ()
    assert unsound(build("program", main, "-static-pie")) == ()
    assert unsound(build("object.o", main, "-c")) == ()


def test_system_libraries_are_sound():
    paths = sorted(path for path in LIBRARIES.glob("*.so.*") if not path.is_symlink())[::5]

    assert {path: unsound(path) for path in paths if unsound(path)} == {}


@pytest.mark.parametrize("content", [b"", b"text", b"\x7fELF\x01\x01\x01" + bytes(60)], ids=["empty", "text", "32 bit"])
def test_other_files_have_no_known_problems(content):
    assert check(content) == ()


def test_a_truncated_file(content):
    assert check(content[:100]) == (f"is a truncated ELF file: 100 bytes, {content[56] * 56} wanted at 64",)


def test_a_segment_behind_the_file(content):
    number = last_load(content)
    segment = tables(content).segments[number]
    size = len(content) + 1 - segment.offset

    found = check(with_segment(content, number, filesz=size, memsz=size))

    assert found == (f"loadable segment at {segment.vaddr:#x} ends behind the file",)


def test_a_segment_that_loses_bytes_in_memory(content):
    number = last_load(content)
    segment = tables(content).segments[number]

    assert check(with_segment(content, number, memsz=segment.filesz - 1)) == (
        f"loadable segment at {segment.vaddr:#x} is smaller in memory than in the file",
    )


def test_an_alignment_that_is_no_power_of_two(content):
    number = last_load(content)
    place = tables(content).segments[number].vaddr

    assert check(with_segment(content, number, align=4095)) == (
        f"loadable segment at {place:#x} has alignment 4095, not a power of two",
    )


def test_a_segment_at_an_offset_that_cannot_be_mapped(content):
    number = last_load(content)
    segment = tables(content).segments[number]

    assert check(with_segment(content, number, offset=segment.offset + 8))[0] == (
        f"loadable segment at {segment.vaddr:#x} is at {segment.offset + 8:#x} in the file, "
        f"which its alignment {segment.align:#x} forbids"
    )


def test_segments_that_overlap(content):
    first, second = tables(content).loads[:2]

    assert check(with_segment(content, tables(content).segments.index(first), memsz=second.vaddr + 1)) == (
        f"loadable segments at {first.vaddr:#x} and {second.vaddr:#x} overlap or are not in order",
    )


def test_a_dynamic_section_elsewhere(content):
    number = number_of(content, PT_DYNAMIC)
    segment = tables(content).segments[number]

    assert check(with_segment(content, number, vaddr=segment.vaddr + 8)) == (
        f"segment of type 0x2 at {segment.vaddr + 8:#x} is not where a loadable segment maps it",
    )


def test_two_dynamic_sections(content):
    image = tables(content)
    dynamic = image.segments[number_of(content, PT_DYNAMIC)]
    other = next(n for n, s in enumerate(image.segments) if s.type not in (PT_LOAD, PT_DYNAMIC))

    assert check(with_segment(content, other, **dynamic._asdict())) == ("it has two dynamic sections",)


def test_a_dynamic_section_without_end(content):
    size = len(tables(content).tags) * ENTRY.size

    assert check(with_segment(content, number_of(content, PT_DYNAMIC), filesz=size)) == (
        "its dynamic section has no end",
    )


def test_a_table_in_no_segment(content):
    assert check(with_value(content, DT_INIT_ARRAY, 1 << 40)) == (
        "INIT_ARRAY (16 bytes at 0x10000000000) lies in no loadable segment",
    )


def test_a_name_outside_the_string_table(content):
    assert check(with_value(content, DT_NEEDED, 1 << 20)) == (
        "NEEDED is string 1048576, which its string table does not have",
    )


def test_a_string_table_that_is_not_that_of_the_sections(content):
    number = [section.type for section in tables(content).sections].index(SHT_STRTAB)
    address = tables(content).value(DT_STRTAB)
    assert address is not None

    assert check(with_section(content, number, size=5)) == (
        f"sections {number} are not where a loadable segment maps them",
    )


def test_a_string_table_at_address_zero_is_not_that_of_the_sections_either(content):
    number = [section.type for section in tables(content).sections].index(SHT_STRTAB)

    assert check(with_value(content, DT_STRTAB, 0)) == (
        f"sections {number} are not where a loadable segment maps them",
    )


def test_sections_behind_the_file(content):
    number = [section.type for section in tables(content).sections].index(SHT_DYNSYM)

    assert check(with_section(content, number, offset=1 << 40)) == (f"sections {number} end behind the file",)


def test_a_section_that_a_segment_maps_elsewhere(content):
    number = [section.type for section in tables(content).sections].index(SHT_DYNSYM)

    assert check(with_section(content, number, offset=64)) == (
        f"sections {number} are not where a loadable segment maps them",
    )


def test_what_patchelf_makes_is_sound_too(library, patchelf):
    assert unsound(patchelf(library(), "/" + "x" * 500)) == ()


def test_slots_behind_the_end_mark_are_not_kept():
    image = tables(made_elf(slots=100_000))

    assert (len(image.tags), len(image.dynamic)) == (2, 4)


def test_more_dynamic_entries_than_any_library_has_are_not_read():
    assert check(made_elf(entries=[ENTRY.pack(0x6FFFF000, 0)] * 10_000)) == (
        "is a damaged ELF file: its dynamic section has more than 8192 entries",
    )


def test_more_segments_and_sections_than_can_be_compared():
    assert check(made_elf(sections=20_000, loads=1000)) == (
        "it has 21001 segments and sections, 1000 of them loadable: no linker makes so many",
    )


def test_names_are_looked_up_in_the_order_in_which_they_lie():
    names = ["a.so", "b.so", "c.so"]
    content = made_elf(names)
    image = tables(content)
    backwards = made_elf(names).replace(
        b"".join(ENTRY.pack(*entry) for entry in image.tags[2:]),
        b"".join(ENTRY.pack(*entry) for entry in reversed(image.tags[2:])),
    )
    file = Places(backwards)

    assert problems(file, len(backwards)) == ()
    assert file.places[-3:] == sorted(file.places[-3:])
