"""Tests of tools.wheel.compress.packing: members read, checked and compressed whole."""

from __future__ import annotations

import random
import zlib
from hashlib import sha256
from pathlib import Path

import pytest
import xxhash

from tests.support.contracts import text
from tests.support.project import Project
from tests.support.writing import LEVEL, payload
from tools.errors import InputChanged
from tools.plan.model import Member
from tools.wheel.compress.deflating import DEFLATED, STORED
from tools.wheel.compress.packing import Packer
from tools.wheel.zip.writer import Packed

WORDS = b"".join(b"%d " % number for number in range(3000))
NOISE = random.Random(2).randbytes(5000)
LIBRARY = Path("/usr/lib/x86_64-linux-gnu/libz.so.1")


def pack(project: Project, *members: Member, probe: int = 1 << 20) -> list[Packed]:
    packer = Packer(project.spans, LEVEL, probe, project.context, project.context.progress)
    return packer.pack_all([payload(project, member) for member in members])


def installed(packed: Packed) -> bytes:
    """Return the bytes of a member as an installer gets them."""
    return zlib.decompress(packed.data, -15) if packed.facts.method == DEFLATED else bytes(packed.data)


def test_facts_are_those_of_the_bytes(project: Project) -> None:
    [packed] = pack(project, project.source("a", WORDS))

    assert installed(packed) == WORDS
    facts = packed.facts
    assert (facts.method, facts.size, facts.compressed_size) == (DEFLATED, len(WORDS), len(packed.data))
    assert (facts.crc32, facts.sha256) == (zlib.crc32(WORDS), sha256(WORDS).hexdigest())
    assert facts.digest == xxhash.xxh3_128_hexdigest(packed.data)


@pytest.mark.parametrize("content", [b"", b"x", NOISE], ids=["empty", "one byte", "noise"])
def test_what_does_not_shrink_is_stored(project: Project, content: bytes) -> None:
    [packed] = pack(project, project.source("a", content))

    assert (packed.facts.method, bytes(packed.data)) == (STORED, content)


def test_a_large_member_whose_samples_do_not_shrink_is_stored_untried(project: Project) -> None:
    """Its first and only sample is noise, though the end of it would shrink."""
    content = random.Random(3).randbytes(16 << 10) + bytes(8 << 10)

    [tried], [sampled] = (pack(project, project.source("a", content), probe=size) for size in (1 << 20, 1000))

    assert (tried.facts.method, sampled.facts.method) == (DEFLATED, STORED)
    assert installed(tried) == installed(sampled) == content


def test_members_keep_their_order(project: Project) -> None:
    members = [project.source(name, name.encode()) for name in ("c", "a", "b")]

    assert [installed(packed) for packed in pack(project, *members)] == [b"c", b"a", b"b"]


def test_a_text_needs_no_source(project: Project) -> None:
    [packed] = pack(project, text("a", "ü"))

    assert installed(packed) == "ü".encode()
    assert packed.facts.sha256 == sha256("ü".encode()).hexdigest()
    assert project.counts().bytes_read == 0


def test_a_library_with_another_rpath_has_facts_of_its_own(project: Project) -> None:
    content = LIBRARY.read_bytes()

    [packed] = pack(project, project.source("a.so", content, kind="rpath", argument="$ORIGIN/" + "x" * 500))

    new = installed(packed)
    assert len(new) > len(content)
    assert (packed.facts.sha256, packed.facts.crc32) == (sha256(new).hexdigest(), zlib.crc32(new))


def test_what_was_done_is_counted(project: Project) -> None:
    pack(project, project.source("a", WORDS), text("b", "text"))

    counts = project.counts()
    assert (counts.members_compressed, counts.bytes_read) == (2, len(WORDS))
    assert (counts.bytes_compressed, counts.bytes_under_way) == (len(WORDS) + 4, 0)


def test_a_source_that_is_another_is_refused_and_nothing_is_left_under_way(project: Project) -> None:
    member = project.source("a", WORDS)
    (project.root / "a").write_bytes(WORDS[::-1])

    with pytest.raises(InputChanged):
        pack(project, member)

    counts = project.counts()
    assert (counts.members_compressed, counts.bytes_under_way) == (0, 0)
