"""Tests of tools.wheel.schedule.copying: compressed bytes out of another wheel, checked on the way."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import msgspec
import pytest

from tests.support.contracts import text, written
from tests.support.project import Project
from tests.support.writing import finished, payload, writing
from tools.receipt import Receipt, WrittenMember
from tools.values import read_json
from tools.wheel.payload import Payload
from tools.wheel.schedule.copying import Copier, fits
from tools.wheel.schedule.steps import Work
from tools.wheel.sizes import STANDARD, Sizes
from tools.workers.reuse import Located, Reuse, WheelFile

CONTENTS = {name: name.encode() * size for name, size in (("a", 40), ("b", 3000), ("c", 0), ("d", 700))}


class Other:
    """A finished wheel with a member for each of CONTENTS, and where they are in it."""

    def __init__(self, project: Project) -> None:
        self.project = project
        members = [project.source(name, content) for name, content in CONTENTS.items()]
        self.path = project.build(*members, name="other")
        self.wheel = WheelFile(self.path)
        self.rows = {row.path: row for row in read_json(project.receipt("other"), Receipt).members}
        self.payloads = {member.path: payload(project, member) for member in members}

    def located(self, path: str, **changes: object) -> Located:
        return Located(self.wheel, msgspec.structs.replace(self.rows[path], **changes))

    def copier(self, sizes: Sizes = STANDARD) -> Copier:
        return Copier(Reuse(1000), sizes, self.project.context.progress)


@pytest.fixture
def other(project: Project) -> Other:
    made = Other(project)
    project.forget()
    return made


@pytest.fixture
def work(project: Project, other: Other) -> Iterator[Work]:
    with writing(project) as work:
        yield work


PATHS = [f"_demo/{name}" for name in CONTENTS]


def test_members_are_copied_and_counted(other: Other) -> None:
    payloads = [other.payloads[path] for path in PATHS]

    copied = other.copier().copies(payloads, [other.located(path) for path in PATHS])

    assert copied.keys() == {one.recipe for one in payloads}
    assert [bytes(copied[one.recipe].data) for one in payloads] == [
        other.wheel.read(other.rows[path].offset, other.rows[path].compressed_size) for path in PATHS
    ]
    counts = other.project.counts()
    assert (counts.members_reused, counts.members_damaged) == (4, 0)
    assert counts.bytes_reused == sum(map(len, CONTENTS.values()))


def test_a_member_that_nobody_has_is_left_out(other: Other) -> None:
    payloads = [other.payloads[path] for path in PATHS[:2]]

    copied = other.copier().copies(payloads, [None, other.located(PATHS[1])])

    assert list(copied) == [payloads[1].recipe]


@pytest.mark.parametrize(
    ("sizes", "reads"),
    [
        (STANDARD, 1),
        (replace(STANDARD, gap=0), 3),
        (replace(STANDARD, span=20), 3),
    ],
    ids=["neighbours", "a gap between", "too much at once"],
)
def test_neighbours_are_read_at_once(other: Other, sizes: Sizes, reads: int) -> None:
    """Headers lie between members, so without a gap each is read by itself; b, d, a, c is their order in the file."""
    asked: list[tuple[int, int]] = []

    class Watched(WheelFile):
        def read(self, offset: int, length: int) -> bytes | None:
            asked.append((offset, length))
            return super().read(offset, length)

    other.wheel = Watched(other.path)
    order = ["_demo/b", "_demo/d", "_demo/a"]

    copied = other.copier(sizes).copies([other.payloads[path] for path in order], [other.located(p) for p in order])

    assert (len(copied), len(asked)) == (3, reads)


def damage(path: Path, row: WrittenMember) -> None:
    content = bytearray(path.read_bytes())
    content[row.offset] ^= 1
    path.write_bytes(content)


def test_a_damaged_member_is_forgotten_and_its_neighbours_are_taken(other: Other) -> None:
    damage(other.path, other.rows["_demo/d"])
    copier, payloads = other.copier(), [other.payloads[path] for path in PATHS]
    copier.reuse.publish(other.wheel, other.rows.values())

    copied = copier.copies(payloads, [copier.reuse.find(one.recipe) for one in payloads])

    bad = other.payloads["_demo/d"].recipe
    assert copied.keys() == {other.payloads[path].recipe for path in PATHS} - {bad}
    assert copier.reuse.find(bad) is None
    assert copier.reuse.find(other.payloads["_demo/a"].recipe) is not None
    assert other.project.counts().members_damaged == 1


def test_of_a_wheel_that_is_gone_nothing_is_taken(other: Other) -> None:
    other.path.unlink()

    copied = other.copier().copies([other.payloads[path] for path in PATHS], [other.located(path) for path in PATHS])

    assert copied == {}
    assert other.project.counts().members_damaged == 4


@pytest.mark.parametrize("block", [1, 7, 1 << 20])
def test_a_large_member_is_copied_block_by_block(project: Project, other: Other, work: Work, block: int) -> None:
    copier = other.copier(replace(STANDARD, block=block))

    assert copier.copy_large(work.archive, other.payloads["_demo/b"], other.located("_demo/b"))

    assert finished(project, work) == {"_demo/b": CONTENTS["b"]}
    assert project.counts().members_reused == 1


@pytest.mark.parametrize("damaged", ["changed", "gone", "another digest"])
def test_a_large_member_that_is_damaged_leaves_nothing(
    project: Project, other: Other, work: Work, damaged: str
) -> None:
    located = other.located("_demo/b", **({"digest": "0" * 32} if damaged == "another digest" else {}))
    copier = other.copier(replace(STANDARD, block=7))
    if damaged == "changed":
        damage(other.path, located.row)
    elif damaged == "gone":
        other.path.unlink()

    assert not copier.copy_large(work.archive, other.payloads["_demo/b"], located)

    assert (work.archive.output.position, work.archive.rows) == (0, [])
    assert finished(project, work) == {}
    assert project.counts().members_damaged == 1


def of_kind(project: Project, **fields: object) -> Payload:
    """Return a member of 100 bytes, such as the rows below are of."""
    return payload(project, project.source("x", b"x" * 100, **fields))


@pytest.mark.parametrize(
    ("changes", "agrees"),
    [
        pytest.param({}, True, id="the same"),
        pytest.param({"size": 99}, False, id="another size"),
        pytest.param({"sha256": "0" * 64}, False, id="another digest"),
        pytest.param({"crc32": 1}, False, id="another CRC"),
        pytest.param({"compressed_size": 165}, False, id="larger than deflate makes anything"),
    ],
)
def test_a_row_fits_a_copy_if_it_says_the_same(project: Project, changes: dict[str, object], agrees: bool) -> None:
    found = of_kind(project)
    row = written(
        "x", 100, recipe=found.recipe, sha256=found.key, crc32=found.member.crc32, compressed_size=10, method=8
    )

    assert fits(found, Located(WheelFile(Path()), msgspec.structs.replace(row, **changes))) == agrees


@pytest.mark.parametrize(("size", "agrees"), [(100, True), (4196, True), (99, False)])
def test_a_library_never_becomes_smaller_by_its_rpath(project: Project, size: int, agrees: bool) -> None:
    found = of_kind(project, kind="rpath", argument="$ORIGIN")
    row = msgspec.structs.replace(Other(project).rows["_demo/a"], size=size, compressed_size=10)

    assert fits(found, Located(WheelFile(Path()), row)) == agrees


@pytest.mark.parametrize("agrees", [True, False])
def test_a_text_fits_by_its_bytes(project: Project, agrees: bool) -> None:
    found = payload(project, text("t", "text"))
    row = msgspec.structs.replace(
        Other(project).rows["_demo/a"], size=4, compressed_size=4, sha256=found.key if agrees else "0" * 64
    )

    assert fits(found, Located(WheelFile(Path()), row)) == agrees
