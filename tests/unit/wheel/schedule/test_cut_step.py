"""Tests of tools.wheel.schedule.cut_step: large members in pieces, by who has their bytes at the first step."""

from __future__ import annotations

import random
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import msgspec
import pytest

from tests.support.project import Project
from tests.support.writing import finished, payload, writing
from tools.errors import InputChanged
from tools.plan.model import Member
from tools.wheel.schedule.cut_step import cut_steps
from tools.wheel.schedule.steps import Memory, Step, Work, run_steps
from tools.wheel.sizes import Sizes
from tools.workers.budget import Budget
from tools.workers.reuse import Promise, Reuse

SIZES = Sizes(probe=500, whole=5_000, piece=3_000, batch=3_500, block=2_000)
WORDS = b"".join(b"%d " % number for number in range(3_000))  # 13,890 bytes: five pieces
NOISE = random.Random(1).randbytes(len(WORDS))
LIBRARY = Path("/usr/lib/x86_64-linux-gnu/libz.so.1")


@pytest.fixture(autouse=True)
def small(project: Project) -> None:
    project.sizes = SIZES


@pytest.fixture
def work(project: Project) -> Iterator[Work]:
    with writing(project) as work:
        yield work


def run(work: Work, project: Project, member: Member, memory: int = 1 << 20) -> None:
    run_steps(cut_steps(payload(project, member), work), Budget(memory))


def publish(project: Project, member: Member) -> Path:
    """Build another wheel of a member, which alone is known then, and nothing counted."""
    path = project.build(member, name="other")
    project.forget()
    project.context.reuse.add_receipt(project.receipt("other"))
    return path


@pytest.mark.parametrize("memory", [1, 7_000, 1 << 20])
@pytest.mark.parametrize(("content", "method"), [(WORDS, 8), (NOISE, 0)], ids=["words", "noise"])
def test_pieces_are_one_member_of_the_facts_that_it_has(
    project: Project, work: Work, memory: int, content: bytes, method: int
) -> None:
    member = project.source("large", content)

    run(work, project, member, memory)

    [row] = work.archive.rows
    assert (row.method, row.size, row.sha256, row.crc32) == (method, len(content), member.sha256, member.crc32)
    assert finished(project, work) == {"_demo/large": content}
    counts = project.counts()
    assert (counts.members_compressed, counts.bytes_read) == (1, len(content))
    assert (counts.bytes_compressed, counts.bytes_under_way) == (len(content), 0)


def test_a_library_with_another_rpath_is_hashed_anew(project: Project, work: Work) -> None:
    content = LIBRARY.read_bytes()
    member = project.source("a.so", content, kind="rpath", argument="$ORIGIN/" + "x" * 500)

    run(work, project, member)

    [row] = work.archive.rows
    assert row.size > len(content)
    assert row.sha256 != member.sha256
    assert len(finished(project, work)["_demo/a.so"]) == row.size


def test_a_finished_member_is_published(project: Project, work: Work) -> None:
    member = project.source("large", WORDS)

    run(work, project, member)

    located = project.context.reuse.find(payload(project, member).recipe)
    assert located is not None
    assert (located.wheel, located.row) == (work.file, work.archive.rows[0])


def test_what_another_wheel_has_is_copied_in_one_step(project: Project) -> None:
    member = project.source("large", WORDS)
    publish(project, member)
    with writing(project) as work:
        run(work, project, member)

        assert finished(project, work) == {"_demo/large": WORDS}
    counts = project.counts()
    assert (counts.members_reused, counts.members_compressed, counts.bytes_read) == (1, 0, 0)


def test_what_another_wheel_lost_is_compressed_after_all(project: Project) -> None:
    member = project.source("large", WORDS)
    publish(project, member).unlink()
    with writing(project) as work:
        run(work, project, member)

        assert finished(project, work) == {"_demo/large": WORDS}
    counts = project.counts()
    assert (counts.members_damaged, counts.members_compressed) == (1, 1)


def test_what_another_promised_is_waited_for_and_copied(project: Project, work: Work) -> None:
    member = project.source("large", WORDS)
    with writing(project, "first.whl") as first:
        ahead, behind = (cut_steps(payload(project, member), one) for one in (first, work))
        one, other = next(ahead), next(behind)
        one.start(Memory(0, Budget(0)))
        other.start(Memory(0, Budget(0)))
        assert not other.is_ready()
        run_steps((step for step in ahead), Budget(1 << 20))
        assert other.is_ready()
        other.write()
        assert list(behind) == []

        assert finished(project, first, "first.whl") == finished(project, work) == {"_demo/large": WORDS}
    counts = project.counts()
    assert (counts.members_compressed, counts.members_reused) == (1, 1)


def test_what_another_promised_and_gave_up_is_compressed_here(project: Project, work: Work) -> None:
    member, promise, reuse = project.source("large", WORDS), Promise(), project.context.reuse
    reuse.claim([payload(project, member).recipe], promise)
    steps = cut_steps(payload(project, member), work)
    begin = next(steps)
    begin.start(Memory(0, Budget(0)))

    reuse.release(promise)
    begin.write()

    assert finished(project, work) == {"_demo/large": WORDS}


@pytest.mark.parametrize("stop", ["before it is started", "after its beginning", "after a piece"])
def test_whatever_stops_the_steps_nobody_waits_for_the_member(project: Project, work: Work, stop: str) -> None:
    one = payload(project, project.source("large", WORDS))
    steps, budget, begun = cut_steps(one, work), Budget(1 << 20), list[Step]()
    for _ in range({"before it is started": 0, "after its beginning": 1, "after a piece": 2}[stop]):
        step = next(steps)
        assert budget.try_take(step.cost)
        step.start(Memory(step.cost, budget))
        begun.append(step)

    steps.close()
    for step in begun:
        step.abandon()

    assert not isinstance(project.context.reuse.claim([one.recipe], Promise())[0], Promise)
    budget.take(1 << 20)  # returns when the job of the piece has let go of its memory


def test_a_source_that_changes_is_refused_before_the_last_piece(project: Project, work: Work) -> None:
    member = project.source("large", WORDS)
    (project.root / "large").write_bytes(WORDS[::-1])

    with pytest.raises(InputChanged):
        run(work, project, member)

    assert work.archive.rows == []
    assert project.context.reuse.find(payload(project, member).recipe) is None


def test_a_row_that_does_not_fit_is_not_copied(project: Project) -> None:
    """A receipt that somebody changed says another size: the member is compressed."""
    member = project.source("large", WORDS)
    publish(project, member)
    known = project.context.reuse.find(payload(project, member).recipe)
    assert known is not None
    project.context = replace(project.context, reuse=Reuse(1000))

    project.context.reuse.publish(known.wheel, [msgspec.structs.replace(known.row, size=len(WORDS) + 1)])
    with writing(project) as work:
        run(work, project, member)

        assert finished(project, work) == {"_demo/large": WORDS}
    assert project.counts().members_compressed == 1
