"""Damaged files: the reader, the editor and the check answer with a result or a sentence, quickly."""

from __future__ import annotations

import functools
import io
import os
import random
from functools import partial

import msgspec
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.support.elf_files import DEPENDENCY, LIBRARIES, PROGRAM, patched, with_headers_at_end, without_sections
from tests.support.watched_files import Bounded
from tools.elf.check import problems
from tools.elf.facts import read_elf_facts
from tools.elf.image import ENTRY, SECTION, SEGMENT, read_image
from tools.elf.model import ElfFacts
from tools.elf.rpath import plan_rpath
from tools.errors import UserError

READS_LIMIT = 40_000  # calls; a loop over a table of a damaged file must end
RPATHS = ["", "$ORIGIN", "$ORIGIN/" + "long/" * 60]
ROUNDS = int(os.environ.get("ELF_FUZZ_ROUNDS", "0"))  # more of the same, for a long night
VALUES = [
    0,
    1,
    2,
    7,
    8,
    0x7F,
    0x80,
    0xFF,
    0x1000,
    0xFFFF,
    0x7FFFFFFF,
    0xFFFFFFFF,
    1 << 32,
    (1 << 63) - 1,
    (1 << 64) - 1,
]


bounded = partial(Bounded, reads=READS_LIMIT, largest=1 << 26)


def facts(content: bytes) -> ElfFacts | None:
    return read_elf_facts(bounded(content), len(content))


def examine(content: bytes, rpath: str) -> None:
    """Try everything on a file that may be damaged; what succeeds must be right."""
    unsound = problems(bounded(content), len(content))
    assert all(unsound)
    try:
        before = facts(content)
    except UserError:
        before = None
    try:
        patch = plan_rpath(bounded(content), len(content), rpath)
    except UserError:
        return
    if before is None:
        return
    assert patch.size < len(content) * 3 + (1 << 28)
    result = patched(content, patch)
    assert len(result) == patch.size
    assert unsound or not problems(io.BytesIO(result), len(result))
    assert facts(result) == msgspec.structs.replace(before, rpath=rpath or None, runpath=None)


@pytest.fixture(scope="module")
def files(library, build) -> list[bytes]:
    """Real files of several shapes, with the offsets that matter in each."""
    paths = [
        library("-rpath,/opt/rocm/lib"),
        library("--hash-style=both", "-rpath,/" + "x" * 400),
        library("--spare-dynamic-tags=1"),
        build("fuzzed", PROGRAM + DEPENDENCY, "-pie"),
        LIBRARIES / "libz.so.1",
    ]
    content = [path.read_bytes() for path in paths]
    return [*content, content[0] + b"appended", with_headers_at_end(content[0]), without_sections(content[0])]


CHANGES = st.lists(
    st.tuples(
        st.integers(0, 1 << 16), st.sampled_from([1, 2, 4, 8]), st.sampled_from(VALUES) | st.integers(0, (1 << 64) - 1)
    ),
    min_size=1,
    max_size=4,
)
BOUNDED = {"suppress_health_check": list(HealthCheck)}


@settings(max_examples=max(250, ROUNDS), **BOUNDED)
@given(number=st.integers(0, 7), changes=CHANGES, rpath=st.sampled_from(RPATHS))
def test_changed_fields(files, number, changes, rpath):
    examine(changed(files[number], changes), rpath)


@settings(max_examples=max(60, ROUNDS // 4), **BOUNDED)
@given(number=st.integers(0, 7), end=st.integers(0, 300) | st.integers(0, 20_000), rpath=st.sampled_from(RPATHS))
def test_cut_files(files, number, end, rpath):
    examine(files[number][:end], rpath)


@settings(max_examples=max(60, ROUNDS // 4), **BOUNDED)
@given(noise=st.binary(max_size=4096), rpath=st.sampled_from(RPATHS))
def test_noise_behind_the_magic_number(noise, rpath):
    examine(b"\x7fELF\x02\x01\x01" + noise, rpath)


@pytest.mark.loop
def test_thousands_of_random_changes(files):
    generator = random.Random(20261123)
    for _ in range(max(10_000, ROUNDS)):
        changes = [
            (
                generator.getrandbits(16),
                generator.choice([1, 2, 4, 8]),
                generator.choice([*VALUES, generator.getrandbits(64), generator.getrandbits(12)]),
            )
            for _ in range(generator.randint(1, 4))
        ]
        examine(changed(generator.choice(files), changes), generator.choice(RPATHS))


def changed(content: bytes, changes: list[tuple[int, int, int]]) -> bytes:
    """Return the file after each (place, size, value) was written to a field of its tables."""
    places, result = interesting(content), bytearray(content)
    for place, size, value in changes:
        at = places[place % len(places)]
        result[at : at + size] = (value & ((1 << size * 8) - 1)).to_bytes(size, "little")
    return bytes(result)


@functools.cache
def interesting(content: bytes) -> list[int]:
    """Return the offsets of the fields of all tables that the engine reads."""
    tables = read_image(io.BytesIO(content), len(content))
    dynamic = tables.dynamic_segment
    assert dynamic is not None
    places = [*range(16, 64, 2)]
    places += range(tables.phoff, tables.phoff + len(tables.segments) * SEGMENT.size, 4)
    places += range(dynamic.offset, dynamic.offset + len(tables.tags) * ENTRY.size, 8)
    places += range(tables.shoff, tables.shoff + len(tables.sections) * SECTION.size, 8)
    for tag in (4, 5, 6, 0x6FFFFEF5, 0x6FFFFFFE, 0x6FFFFFFC):  # hashes, strings, symbols, versions
        address = tables.value(tag)
        offset = None if address is None else tables.offset(address)
        places += [] if offset is None else range(offset, offset + 64, 2)
    return places
