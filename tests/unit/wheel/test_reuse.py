"""Tests of what is not compressed again, and of what must be."""

from __future__ import annotations

import json
import random
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.support.contracts import text
from tests.support.project import Project, contents, rows
from tests.support.together import build_all
from tools.errors import InputChanged
from tools.plan.model import Member
from tools.workers.progress import Counts
from tools.workers.reuse import Located, WheelFile

LARGE = b"".join(b"%d " % (number * number) for number in range(40_000))
RANDOM = random.Random(1).randbytes(300_000)
SIZES = (10, 100, 1_000, 5_000, 30_000)


def members(project: Project, prefix: str = "") -> list[Member]:
    """Return members of every kind: small, large, stored, without a source."""
    small = [project.source(f"{prefix}s{size}", RANDOM[:size] + LARGE[:size]) for size in SIZES]
    large = [project.source(f"{prefix}large", LARGE), project.source(f"{prefix}random", RANDOM)]
    return [*small, *large, text("t", "text" * 100)]


def counts_of(project: Project, build: Callable[[], object]) -> Counts:
    """Return what one build counted, in a process that knows nothing."""
    project.forget()
    build()
    return project.counts()


pytestmark = pytest.mark.usefixtures("small_limits")


def test_a_new_version_compresses_no_payload_and_reads_no_source(project: Project) -> None:
    every = members(project)
    first = project.build(*every, version="1.0")
    before = contents(first)
    for member in every:
        if member.source:
            (project.root.parent / member.source).unlink()

    counts = counts_of(project, lambda: project.build(*every, version="2.0"))

    assert contents(project.receipt().parent / "demo-2.0-py3-none-any.whl") == before
    assert (counts.bytes_read, counts.members_damaged) == (0, 0)
    assert counts.members_reused == len(every) + 1  # WHEEL is the same
    assert counts.members_compressed == 2  # METADATA and RECORD


def test_reused_and_fresh_members_give_the_same_wheel(project: Project) -> None:
    every = members(project)
    fresh = project.build(*every, name="demo").read_bytes()
    project.build(*every, version="2.0")
    project.forget()

    again = project.build(*every, version="1.0")

    assert again.read_bytes() == fresh


def test_one_changed_member_is_the_only_one_compressed(project: Project) -> None:
    project.build(*members(project))
    changed = [*members(project)[:-1], project.source("new", b"new" * 500)]

    counts = counts_of(project, lambda: project.build(*changed))

    assert counts.bytes_read == 1500
    assert counts.members_compressed == 2  # and RECORD


def test_another_wheel_helps(project: Project) -> None:
    every = members(project)
    project.build(*every, name="one")

    counts = counts_of(project, lambda: project.build(*every, name="two", reuse=(project.receipt("one"),)))

    assert counts.bytes_read == 0
    assert contents(project.receipt("one").parent / "one-1.0-py3-none-any.whl") == contents(
        project.receipt("two").parent / "two-1.0-py3-none-any.whl"
    )


def test_a_wheel_of_the_same_process_helps_without_its_receipt(project: Project) -> None:
    every = members(project)
    project.build(*every, name="one")
    before = project.counts().bytes_read

    project.build(*every, name="two")

    assert project.counts().bytes_read == before


def test_another_level_is_another_recipe(project: Project) -> None:
    every = members(project)
    project.build(*every, level=1)

    counts = counts_of(project, lambda: project.build(*every, level=9))

    assert counts.members_reused == 0


def test_equal_members_are_compressed_once(project: Project) -> None:
    copies = [project.source(f"{number}", content) for number, content in enumerate([LARGE, LARGE, b"x", b"x", b"x"])]

    counts = counts_of(project, lambda: project.build(*copies))

    assert counts.bytes_read == len(LARGE) + 1
    assert contents(project.receipt().parent / "demo-1.0-py3-none-any.whl") == {
        f"_demo/{number}": content for number, content in enumerate([LARGE, LARGE, b"x", b"x", b"x"])
    }


# Bytes that cannot be trusted


def test_its_own_older_wheel_comes_before_another_that_may_be_replaced_meanwhile(project: Project) -> None:
    every = members(project)
    project.build(*every)
    other = project.build(*every, name="other")
    project.forget()
    recipes = [row[1] for row in rows(project.receipt("other")).values()]
    project.context.reuse.add_receipt(project.receipt("other"), recipes)
    other.unlink()

    project.build(*every, version="2.0")

    assert (project.counts().bytes_read, project.counts().members_damaged) == (0, 0)


def test_a_member_whose_wheel_was_replaced_a_moment_ago_is_looked_for_again(
    project: Project, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whoever asks first where a member is hears of a wheel that is gone."""
    every = members(project)
    project.build(*every)
    reuse = project.context.reuse
    find, gone, asked = reuse.find, WheelFile(project.root / "gone"), set()

    def find_late(recipe: str) -> Located | None:
        located = find(recipe)
        is_first = recipe not in asked
        asked.add(recipe)
        return Located(gone, located.row) if located and is_first else located

    monkeypatch.setattr("tools.wheel.build._missing", lambda members, reuse: [])
    monkeypatch.setattr(reuse, "find", find_late)
    before = project.counts()

    project.build(*every, name="other")

    assert project.counts().bytes_read == before.bytes_read
    assert project.counts().members_damaged == len(every) + 1  # WHEEL is the same


def flip(path: Path, offset: int) -> None:
    content = bytearray(path.read_bytes())
    content[offset] ^= 1
    path.write_bytes(content)


@pytest.mark.parametrize("name", ["s1000", "large", "random"])
def test_a_damaged_member_is_compressed_again(project: Project, name: str) -> None:
    every = members(project)
    wheel = project.build(*every)
    good = wheel.read_bytes()
    flip(wheel, rows(project.receipt())[f"_demo/{name}"][6])

    counts = counts_of(project, lambda: project.build(*every))

    assert wheel.read_bytes() == good
    assert counts.members_damaged == 1
    assert counts.bytes_read == next(member.size for member in every if member.path == f"_demo/{name}")


@pytest.mark.parametrize("how", ["truncated", "gone", "receipt damaged", "receipt of another wheel", "receipt lies"])
def test_what_does_not_agree_is_not_used(project: Project, how: str) -> None:
    every = members(project)
    wheel = project.build(*every)
    good, receipt = wheel.read_bytes(), project.receipt()
    match how:
        case "truncated":
            wheel.write_bytes(good[: len(good) // 2])
        case "gone":
            wheel.unlink()
        case "receipt damaged":
            receipt.write_bytes(receipt.read_bytes()[:-9])
        case "receipt of another wheel":
            wheel.write_bytes(bytes(len(good)))
        case "receipt lies":
            value = json.loads(receipt.read_bytes())
            for row in value["members"]:
                row[2], row[3], row[6] = "0" * 64, 1, -5
            receipt.write_text(json.dumps(value))

    counts = counts_of(project, lambda: project.build(*every))

    assert wheel.read_bytes() == good
    assert counts.bytes_read == sum(member.size for member in every)


def test_a_receipt_that_does_not_exist_teaches_nothing(project: Project) -> None:
    member = project.source("a", b"a")

    wheel = project.build(member, reuse=(project.tmp_path / "never.json",))

    assert contents(wheel) == {"_demo/a": b"a"}


# Wheels that are built at the same time


def different(project: Project, number: int) -> list[Member]:
    """Return members that several wheels share, in an order of paths that differs."""
    shared = [project.source(f"shared{n}", bytes([n]) * 40_000 + LARGE[n:110_000]) for n in range(12)]
    turned = [Member(**{**_fields(m), "path": f"d{(n * 7 + number * 5) % 12:02}/x"}) for n, m in enumerate(shared)]
    small = [project.source(f"small{n}", b"%d" % n * 500) for n in range(200)]
    return [*turned, *small, project.source(f"own{number}", bytes([number]) * 9 + RANDOM)]


def _fields(member: Member) -> dict[str, object]:
    return {name: getattr(member, name) for name in member.__struct_fields__}


@pytest.mark.parametrize("memory", [1, 300_000, 1 << 29])
def test_wheels_built_together_compress_each_content_once(project: Project, memory: int) -> None:
    project.forget(memory=memory)
    wheels = {f"w{number}": different(project, number) for number in range(5)}
    plans = [project.plan(*every, name=name) for name, every in wheels.items()]

    failed = build_all(project, [project.request(plan) for plan in plans])

    assert failed == {}
    assert project.counts().bytes_read == sum(
        size for _, size in {(member.sha256, member.size) for every in wheels.values() for member in every}
    )
    for name, every in wheels.items():
        read = contents(project.receipt(name).parent / f"{name}-1.0-py3-none-any.whl")
        assert read == {member.path: (project.root.parent / member.source).read_bytes() for member in every}


def test_a_wheel_does_not_depend_on_those_built_beside_it(project: Project) -> None:
    every = {f"w{number}": different(project, number) for number in range(3)}
    alone = {name: project.build(*members, name=name).read_bytes() for name, members in every.items()}
    for name in every:
        project.receipt(name).unlink()
    project.forget()

    requests = [project.request(project.plan(*members, name=name)) for name, members in every.items()]

    assert build_all(project, requests) == {}

    assert {name: next(project.receipt(name).parent.glob("*.whl")).read_bytes() for name in every} == alone


def test_a_wheel_goes_on_when_one_that_it_waits_for_fails(project: Project) -> None:
    for attempt in range(5):
        project.forget()
        bad = [*different(project, attempt), project.source("bad", b"bad")]
        (project.root / "bad").unlink()
        good = different(project, attempt + 50)
        plans = [project.plan(*bad, name="bad"), project.plan(*good, name="good"), project.plan(*good, name="fine")]

        failed = build_all(project, [project.request(plan) for plan in plans])

        assert {name: type(failure) for name, failure in failed.items()} == {"bad": InputChanged}
        for name in ("good", "fine"):
            read = contents(project.receipt(name).parent / f"{name}-1.0-py3-none-any.whl")
            assert read == {member.path: (project.root.parent / member.source).read_bytes() for member in good}
        assert not project.receipt("bad").exists()
