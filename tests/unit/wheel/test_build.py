"""Tests of tools.wheel.build: what a wheel is."""

from __future__ import annotations

import base64
import csv
import errno
import hashlib
import io
import json
import os
import random
import subprocess
import zipfile
from pathlib import Path

import pytest

from tests.support.contracts import text
from tests.support.project import Project, contents, names
from tools.errors import InputChanged, UserError
from tools.wheel.build import build_wheel
from tools.wheel.zip.output import Output

SMALL = {f"lib/{number}.h": f"#define N{number}\n".encode() * number for number in range(40)}
REPETITIVE = b"".join(b"%d " % (number * number) for number in range(200_000))
RANDOM = random.Random(0).randbytes(400_000)


def test_a_wheel_holds_every_member(project: Project) -> None:
    wheel = project.build(*(project.source(name, content) for name, content in SMALL.items()))

    assert contents(wheel) == {f"_demo/{name}": content for name, content in SMALL.items()}


def test_largest_members_lie_first_then_dist_info_and_record_last(project: Project) -> None:
    wheel = project.build(
        project.source("b", b"12"), project.source("a", b"12"), project.source("large", b"12345"), text("t", "")
    )

    with zipfile.ZipFile(wheel) as archive:
        assert archive.namelist() == [
            "_demo/large",
            "_demo/a",
            "_demo/b",
            "t",
            "demo-1.0.dist-info/METADATA",
            "demo-1.0.dist-info/WHEEL",
            "demo-1.0.dist-info/RECORD",
        ]


def test_members_have_their_modes_and_the_oldest_date(project: Project) -> None:
    wheel = project.build(project.source("tool", b"#!", mode=0o755), project.source("data", b""))

    with zipfile.ZipFile(wheel) as archive:
        facts = {i.filename: (i.create_system, i.external_attr >> 16, i.date_time) for i in archive.infolist()}
    assert facts["_demo/tool"] == (3, 0o100755, (1980, 1, 1, 0, 0, 0))
    assert facts["_demo/data"] == (3, 0o100644, (1980, 1, 1, 0, 0, 0))


def test_record_and_archive_say_the_same(project: Project) -> None:
    wheel = project.build(*(project.source(f'{name},"x"', content) for name, content in SMALL.items()))

    with zipfile.ZipFile(wheel) as archive:
        record = list(csv.reader(io.StringIO(archive.read("demo-1.0.dist-info/RECORD").decode(), newline="")))
        wanted = []
        for name in sorted(archive.namelist()):
            content = archive.read(name)
            digest = base64.urlsafe_b64encode(hashlib.sha256(content).digest()).decode().rstrip("=")
            is_record = name.endswith("/RECORD")
            wanted.append([name, "", ""] if is_record else [name, f"sha256={digest}", str(len(content))])
    assert record == wanted


def test_the_receipt_describes_the_wheel(project: Project) -> None:
    wheel = project.build(project.source("a", b"a" * 100))

    receipt = json.loads(project.receipt().read_bytes())
    content, metadata = wheel.read_bytes(), receipt["metadata"]
    assert receipt["filename"] == wheel.name
    assert (receipt["size"], receipt["sha256"]) == (len(content), hashlib.sha256(content).hexdigest())
    assert receipt["requires_python"] == ">=3.8"
    with zipfile.ZipFile(wheel) as archive:
        assert archive.read("demo-1.0.dist-info/METADATA").decode() == metadata
    assert receipt["metadata_sha256"] == hashlib.sha256(metadata.encode()).hexdigest()


def test_the_receipt_says_where_each_member_lies(project: Project) -> None:
    wheel = project.build(project.source("a", REPETITIVE), project.source("b", RANDOM))

    content = wheel.read_bytes()
    with zipfile.ZipFile(wheel) as archive:
        for row in json.loads(project.receipt().read_bytes())["members"]:
            path, _, sha256, crc32, size, compressed_size, offset, method, _, mode = row
            info = archive.getinfo(path)
            assert (info.CRC, info.file_size, info.compress_size) == (crc32, size, compressed_size)
            assert (info.compress_type, info.external_attr >> 16 & 0o777) == (method, mode)
            assert hashlib.sha256(archive.read(path)).hexdigest() == sha256
            assert content[offset - len(path) : offset] == path.encode()


def test_info_zip_finds_nothing_wrong(project: Project) -> None:
    wheel = project.build(*(project.source(name, content) for name, content in SMALL.items()), text("ü/é", "ß"))

    assert subprocess.run(["unzip", "-tqq", wheel], check=False).returncode == 0


def test_what_does_not_shrink_is_stored(project: Project) -> None:
    wheel = project.build(project.source("r", RANDOM), project.source("z", REPETITIVE), project.source("e", b""))

    with zipfile.ZipFile(wheel) as archive:
        methods = {info.filename: info.compress_type for info in archive.infolist()}
    assert methods["_demo/r"] == methods["_demo/e"] == zipfile.ZIP_STORED
    assert methods["_demo/z"] == zipfile.ZIP_DEFLATED


@pytest.mark.usefixtures("small_limits")
@pytest.mark.parametrize("content", [REPETITIVE, RANDOM, REPETITIVE + RANDOM, REPETITIVE[:120_000]], ids=range(4))
def test_a_large_member_is_one_stream(project: Project, content: bytes) -> None:
    wheel = project.build(project.source("large", content), project.source("small", b"small"))

    assert contents(wheel) == {"_demo/large": content, "_demo/small": b"small"}
    assert subprocess.run(["unzip", "-tqq", wheel], check=False).returncode == 0
    assert json.loads(project.receipt().read_bytes())["sha256"] == hashlib.sha256(wheel.read_bytes()).hexdigest()


@pytest.mark.usefixtures("small_limits")
def test_large_members_that_do_not_shrink_are_stored(project: Project) -> None:
    wheel = project.build(project.source("large", RANDOM))

    with zipfile.ZipFile(wheel) as archive:
        assert archive.getinfo("_demo/large").compress_type == zipfile.ZIP_STORED


@pytest.mark.usefixtures("small_limits")
def test_bytes_do_not_depend_on_threads_or_memory(project: Project) -> None:
    names = [("large", REPETITIVE), ("random", RANDOM), ("patterns", REPETITIVE[::-1]), *SMALL.items()]
    members = [project.source(name, content) for name, content in names]
    first = project.build(*members, name="demo").read_bytes()

    for threads, memory in ((1, 1), (5, 1), (5, 1 << 30)):
        project.receipt().unlink()
        project.forget(threads=threads, memory=memory)
        random.Random(threads).shuffle(members)
        assert project.build(*members).read_bytes() == first


def test_bytes_do_not_depend_on_umask_or_time_zone(project: Project, monkeypatch: pytest.MonkeyPatch) -> None:
    member = project.source("a", b"content")
    first = project.build(member).read_bytes()

    monkeypatch.setenv("TZ", "Pacific/Kiritimati")
    old = os.umask(0o077)
    try:
        assert project.build(member).read_bytes() == first
    finally:
        os.umask(old)


def test_a_higher_level_is_smaller_and_reads_the_same(project: Project) -> None:
    member = project.source("a", REPETITIVE)

    low, high = project.build(member, name="low", level=1), project.build(member, name="high", level=9)

    assert high.stat().st_size < low.stat().st_size
    assert contents(low) == contents(high)


def test_older_versions_are_removed_and_nothing_else(project: Project) -> None:
    old = project.build(version="1.0")
    (old.parent / "note.txt").touch()

    new = project.build(version="2.0")

    assert names(new.parent) == [new.name, "note.txt", "receipt.json"]


def test_what_a_killed_run_left_is_removed(project: Project) -> None:
    wheel = project.build()
    (wheel.parent / f".{wheel.name}.abc.part").touch()

    project.build(version="2.0")

    assert names(wheel.parent) == ["demo-2.0-py3-none-any.whl", "receipt.json"]


def test_generated_members_are_programs_and_libraries(project: Project) -> None:
    from tools.plan.model import Member

    wheel = project.build(
        Member(path="bin/tool", kind="stub", mode=0o755, argument="../lib/tool"),
        Member(path="lib/libx.so", kind="forwarder", mode=0o644, argument="libx.so.1"),
    )

    assert all(content.startswith(b"\x7fELF") for content in contents(wheel).values())
    assert b"../lib/tool" in contents(wheel)["bin/tool"]
    assert b"libx.so.1" in contents(wheel)["lib/libx.so"]


@pytest.mark.parametrize("limits", ["normal", "small"])
def test_an_rpath_is_set_on_the_way(project: Project, limits: str, request: pytest.FixtureRequest) -> None:
    from tools.elf.facts import read_elf_facts

    if limits == "small":
        request.getfixturevalue("small_limits")
    library = Path("/usr/lib/x86_64-linux-gnu/libz.so.1").read_bytes()
    member = project.source("libz.so.1", library, kind="rpath", argument="$ORIGIN/../there")

    content = contents(project.build(member))["_demo/libz.so.1"]

    facts = read_elf_facts(io.BytesIO(content), len(content))
    assert facts
    assert (facts.rpath, facts.soname) == ("$ORIGIN/../there", "libz.so.1")
    row = next(row for row in json.loads(project.receipt().read_bytes())["members"] if row[0] == member.path)
    assert row[2] == hashlib.sha256(content).hexdigest()


# What is refused, and what is left behind


def change(project: Project, how: str) -> None:
    file = project.root / "lib/a"
    match how:
        case "content":
            file.write_bytes(b"x" * file.stat().st_size)
        case "longer":
            file.write_bytes(file.read_bytes() + b"x")
        case "shorter":
            os.truncate(file, 10)
        case "gone":
            file.unlink()
        case "link":
            file.rename(project.root / "other")
            file.symlink_to("../other")
        case "fifo":
            file.unlink()
            os.mkfifo(file)


@pytest.mark.parametrize("how", ["content", "longer", "shorter", "gone", "link", "fifo"])
@pytest.mark.parametrize("limits", ["normal", "small"])
def test_a_source_that_changed_is_refused(
    project: Project, how: str, limits: str, request: pytest.FixtureRequest
) -> None:
    if limits == "small":
        request.getfixturevalue("small_limits")
    member = project.source("lib/a", REPETITIVE)
    change(project, how)

    with pytest.raises(InputChanged) as caught:
        project.build(member)

    assert str(caught.value) == (
        f"{project.root}/lib/a: is not the file that its catalog recorded: "
        "it was changed while the build ran; run again"
    )
    assert names(project.receipt().parent) == []


def test_a_failed_build_leaves_the_old_wheel_and_its_receipt(project: Project) -> None:
    member = project.source("lib/a", REPETITIVE)
    wheel = project.build(member)
    before = wheel.read_bytes(), project.receipt().read_bytes()
    new = project.source("lib/b", RANDOM)
    (project.root / "lib/b").unlink()

    with pytest.raises(InputChanged):
        project.build(member, new)

    assert (wheel.read_bytes(), project.receipt().read_bytes()) == before
    assert names(wheel.parent) == [wheel.name, "receipt.json"]


def test_after_a_failure_the_next_build_succeeds(project: Project) -> None:
    good, bad = project.source("good", REPETITIVE), project.source("bad", RANDOM)
    (project.root / "bad").unlink()
    with pytest.raises(InputChanged):
        project.build(good, bad)
    project.source("bad", RANDOM)

    assert contents(project.build(good, bad)) == {"_demo/good": REPETITIVE, "_demo/bad": RANDOM}


def test_a_file_that_may_not_be_read_is_named(project: Project, monkeypatch: pytest.MonkeyPatch) -> None:
    member = project.source("a", b"a")

    open_really = os.open

    def refuse(path: str, flags: int, *rest: int) -> int:
        if path == f"{project.root}/a":  # root may read everything, so the refusal is made up
            raise PermissionError(errno.EACCES, "Permission denied")
        return open_really(path, flags, *rest)

    monkeypatch.setattr(os, "open", refuse)

    with pytest.raises(UserError) as caught:
        project.build(member)

    assert str(caught.value) == f"{project.root}/a: cannot be read: Permission denied"


def test_a_full_disk_is_a_sentence(project: Project, monkeypatch: pytest.MonkeyPatch) -> None:
    member = project.source("a", REPETITIVE)

    def fail(*_: object) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(Output, "write", fail)

    with pytest.raises(UserError) as caught:
        project.build(member)

    directory = project.receipt().parent
    assert str(caught.value) == (
        f"{directory}: the disk is full; demo-1.0-py3-none-any.whl needs at most "
        f"{len(REPETITIVE) + (1 << 20):,} bytes more"
    )
    assert names(directory) == []


def test_a_path_is_there_once(project: Project) -> None:
    plan = project.plan(text("a", "1"), text("a", "2"), text("b", ""))

    with pytest.raises(UserError) as caught:
        build_wheel(project.request(plan), project.context)

    assert str(caught.value) == f"{plan}: a wheel can hold a path once only, twice are a"


def test_record_is_left_to_the_writer(project: Project) -> None:
    plan = project.plan(text("demo-1.0.dist-info/RECORD", ""))

    with pytest.raises(UserError) as caught:
        build_wheel(project.request(plan), project.context)

    assert str(caught.value) == f"{plan}: a wheel can hold a path once only, twice are demo-1.0.dist-info/RECORD"


def test_a_plan_without_metadata_is_refused(project: Project) -> None:
    plan = project.plan()
    plan.write_bytes(plan.read_bytes().replace(b"/METADATA", b"/METADATE"))

    with pytest.raises(UserError) as caught:
        build_wheel(project.request(plan), project.context)

    assert str(caught.value) == f"{plan}: has no text member demo-1.0.dist-info/METADATA, which every package needs"


def test_no_receipt_stands_beside_a_wheel_it_does_not_describe(
    project: Project, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A crash between the two replacements leaves the new wheel without any receipt."""
    wheel = project.build(project.source("a", b"old"))
    old = wheel.read_bytes()

    def crash(*_: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr("tools.wheel.build.write_json", crash)
    with pytest.raises(KeyboardInterrupt):
        project.build(project.source("a", b"new"))

    assert wheel.read_bytes() != old
    assert not project.receipt().exists()


def test_counters_say_what_was_done(project: Project) -> None:
    project.build(project.source("a", b"a" * 1000), project.source("b", b"b" * 2000))

    counts = project.counts()
    assert (counts.bytes_read, counts.members_compressed, counts.members_reused) == (3000, 5, 0)
    assert counts.bytes_written == (project.receipt().parent / "demo-1.0-py3-none-any.whl").stat().st_size
