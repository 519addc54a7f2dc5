"""Tests of tools.wheel.schedule.whole_step: what becomes of members, by who has their bytes when the step starts.

A step finds each recipe fresh, promised by another wheel, promised by itself (a second member of equal content), or
located in another wheel; until it writes, the promise may be kept or given up, and the other wheel lost.
"""

from __future__ import annotations

import random
import threading
from collections.abc import Iterator
from dataclasses import replace

import pytest

from tests.support.project import Project
from tests.support.writing import finished, payload, writing
from tools.plan.model import Member
from tools.wheel.schedule.steps import Memory, Work
from tools.wheel.schedule.whole_step import WholeStep
from tools.wheel.sizes import STANDARD
from tools.workers.budget import Budget
from tools.workers.pool import Pool
from tools.workers.reuse import Promise, Reuse, WheelFile

CONTENTS = {name: name.encode() * 500 for name in "abc"}


@pytest.fixture
def members(project: Project) -> list[Member]:
    return [project.source(name, content) for name, content in CONTENTS.items()]


@pytest.fixture
def work(project: Project) -> Iterator[Work]:
    with writing(project) as work:
        yield work


class Stepped:
    """One step on its way, with memory of its own."""

    def __init__(self, project: Project, work: Work, members: list[Member]) -> None:
        self.payloads = [payload(project, member) for member in members]
        self.step = WholeStep(self.payloads, work)
        self.budget = Budget(self.step.cost)
        assert self.budget.try_take(self.step.cost)

    def start(self) -> WholeStep:
        self.step.start(Memory(self.step.cost, self.budget))
        return self.step

    def has_all_memory(self) -> bool:
        return self.budget.try_take(self.step.cost)


def read(contents: dict[str, bytes]) -> dict[str, bytes]:
    return {f"_demo/{name}": content for name, content in contents.items()}


def publish(project: Project, members: list[Member]) -> WheelFile:
    """Build another wheel of members, which stays known; forget what that counted."""
    path = project.build(*members, name="other")
    project.context = replace(project.context, reuse=Reuse(1000))
    project.context.reuse.add_receipt(project.receipt("other"))
    return WheelFile(path)


def test_what_is_fresh_is_compressed_and_published(project: Project, work: Work, members: list[Member]) -> None:
    stepped = Stepped(project, work, members)

    stepped.start().write()

    assert finished(project, work) == read(CONTENTS)
    assert project.counts().members_compressed == 3
    for one, row in zip(stepped.payloads, work.archive.rows, strict=True):
        located = project.context.reuse.find(one.recipe)
        assert located is not None
        assert (located.wheel, located.row) == (work.file, row)
    assert stepped.has_all_memory()


def test_equal_contents_are_compressed_once(project: Project, work: Work, members: list[Member]) -> None:
    twice = [members[0], project.source("again", CONTENTS["a"])]

    Stepped(project, work, twice).start().write()

    assert finished(project, work) == {"_demo/a": CONTENTS["a"], "_demo/again": CONTENTS["a"]}
    assert project.counts().members_compressed == 1


def test_what_another_wheel_has_is_copied(project: Project, members: list[Member]) -> None:
    publish(project, members)
    before = project.counts()
    with writing(project) as work:
        stepped = Stepped(project, work, members)
        step = stepped.start()
        assert step.is_ready()
        assert stepped.has_all_memory()  # nothing is to be compressed
        step.write()

        assert finished(project, work) == read(CONTENTS)
    counts = project.counts()
    assert counts.members_compressed == before.members_compressed
    assert counts.members_reused - before.members_reused == 3


def test_what_is_lost_meanwhile_is_compressed_after_all(project: Project, members: list[Member]) -> None:
    publish(project, members)
    before = project.counts()
    with writing(project) as work:
        step = Stepped(project, work, members).start()
        next((project.tmp_path / "wheels/other").glob("*.whl")).unlink()
        step.write()

        assert finished(project, work) == read(CONTENTS)
    counts = project.counts()
    assert counts.members_damaged - before.members_damaged == 3
    assert counts.members_compressed - before.members_compressed == 3


@pytest.mark.parametrize("block", [STANDARD.block, 100], ids=["whole", "block by block"])
@pytest.mark.parametrize("lost", [False, True])
def test_one_large_member_is_copied_or_compressed(project: Project, block: int, lost: bool) -> None:
    project.sizes = replace(STANDARD, block=block)
    noise = random.Random(1).randbytes(2000)
    member = project.source("large", noise)
    publish(project, [member])
    with writing(project) as work:
        step = Stepped(project, work, [member]).start()
        if lost:
            next((project.tmp_path / "wheels/other").glob("*.whl")).unlink()
        step.write()

        assert finished(project, work) == {"_demo/large": noise}
    assert project.counts().members_damaged == int(lost)


def test_what_another_promised_is_waited_for_and_copied(project: Project, work: Work, members: list[Member]) -> None:
    with writing(project, "first.whl") as first:
        ahead, behind = Stepped(project, first, members), Stepped(project, work, members)
        one, other = ahead.start(), behind.start()
        assert not other.is_ready()
        one.write()
        assert other.is_ready()
        other.write()

        assert finished(project, first, "first.whl") == finished(project, work) == read(CONTENTS)
    counts = project.counts()
    assert (counts.members_compressed, counts.members_reused) == (3, 3)


def test_what_another_promised_and_gave_up_is_compressed_here(
    project: Project, work: Work, members: list[Member]
) -> None:
    reuse = project.context.reuse
    stepped, promise = Stepped(project, work, members), Promise()
    reuse.claim([one.recipe for one in stepped.payloads], promise)
    step = stepped.start()
    assert not step.is_ready()

    reuse.release(promise)
    step.write()

    assert finished(project, work) == read(CONTENTS)
    assert project.counts().members_compressed == 3


def test_some_of_each_kind_in_one_step(project: Project, members: list[Member]) -> None:
    a, b, c = members
    publish(project, [a])
    reuse, promise = project.context.reuse, Promise()
    reuse.claim([payload(project, b).recipe], promise)
    before = project.counts()
    with writing(project) as work:
        step = Stepped(project, work, [a, b, c]).start()
        reuse.release(promise)
        step.write()

        assert finished(project, work) == read(CONTENTS)
    counts = project.counts()
    assert counts.members_reused - before.members_reused == 1
    assert counts.members_compressed - before.members_compressed == 2


def test_writing_waits_for_the_one_who_promised(project: Project, work: Work, members: list[Member]) -> None:
    reuse = project.context.reuse
    stepped, promise = Stepped(project, work, members), Promise()
    reuse.claim([stepped.payloads[0].recipe], promise)
    step = stepped.start()
    thread = threading.Thread(target=step.write, daemon=True)
    thread.start()
    thread.join(0.1)
    assert thread.is_alive()

    reuse.release(promise)
    thread.join(10)

    assert finished(project, work) == read(CONTENTS)


def test_a_step_that_is_abandoned_gives_up_promise_and_memory(
    project: Project, work: Work, members: list[Member]
) -> None:
    project.context = replace(project.context, pool=Pool(0))  # the job never begins
    work = replace(work, context=project.context)
    stepped, waiting = Stepped(project, work, members), Promise()
    stepped.start().abandon()

    found = project.context.reuse.claim([one.recipe for one in stepped.payloads], waiting)

    assert not any(isinstance(one, Promise) for one in found)
    assert stepped.has_all_memory()


def test_a_source_that_is_gone_is_an_error_of_writing_and_leaves_no_row(
    project: Project, work: Work, members: list[Member]
) -> None:
    (project.root / "b").unlink()
    step = Stepped(project, work, members).start()

    with pytest.raises(Exception, match="it was changed while the build ran"):
        step.write()

    assert (work.archive.rows, work.archive.output.position) == ([], 0)
