from __future__ import annotations

import os
import random
import re
import subprocess
import tarfile
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.support.tars import (
    changed,
    contents,
    directory,
    extended,
    hard_link,
    link,
    member,
    mutated,
    sealed,
    tar_of,
    written,
)
from tools.artifact.tar import read_members
from tools.artifact.tar_tree import Member
from tools.errors import UserError

FORMS = [tarfile.PAX_FORMAT, tarfile.GNU_FORMAT, tarfile.USTAR_FORMAT]
LONG = "base/" + "d" * 90 + "/" + "n" * 90  # fits the prefix of the ustar form
LONGER = "base/" + "/".join("e" * 100 for _ in range(9))


def test_files_links_and_empty_directories_come_in_order_of_path(tmp_path):
    tar = written(
        tmp_path,
        tar_of(
            directory("b"),
            directory("b/empty"),
            directory("b/full"),
            member("b/full/program", b"#!/bin/sh\n", mode=0o755),
            link("b/full/alias", "program"),
            member("artifact_manifest.txt", b"b\n"),
        ),
    )

    assert read_members(tar) == [
        Member("artifact_manifest.txt", "file", 0o644, 2, "", 3584),
        Member("b/empty", "dir", 0o755, 0, "", 1024),
        Member("b/full/alias", "link", 0o644, 0, "program", 3072),
        Member("b/full/program", "file", 0o755, 10, "", 2048),
    ]


@pytest.mark.parametrize("form", FORMS, ids=["pax", "gnu", "ustar"])
def test_long_names_are_read(tmp_path, form):
    names = [LONG] if form == tarfile.USTAR_FORMAT else [LONG, LONGER, "base/ünï"]
    tar = written(tmp_path, tar_of(*(member(name, name.encode()) for name in names), form=form))

    assert contents(tar, read_members(tar)) == {name: name.encode() for name in sorted(names)}


@pytest.mark.parametrize("form", FORMS[:2], ids=["pax", "gnu"])
def test_long_targets_of_links_are_read(tmp_path, form):
    tar = written(tmp_path, tar_of(link("alias", LONGER), form=form))

    assert read_members(tar)[0].target == LONGER


def test_times_with_fractions_change_nothing(tmp_path):
    tar = written(tmp_path, tar_of(member("a", b"1", mtime=1.5), member("b", b"22", mtime=2.25)))

    assert contents(tar, read_members(tar)) == {"a": b"1", "b": b"22"}


def test_sizes_in_base_256_are_read(tmp_path):
    content = tar_of(member("a", b"12345"), form=tarfile.USTAR_FORMAT)
    tar = written(tmp_path, changed(content, 124, b"\x80" + (5).to_bytes(11, "big")))

    assert contents(tar, read_members(tar)) == {"a": b"12345"}


def test_sizes_of_extended_headers_come_first(tmp_path):
    content = tar_of(member("a", b"12345"), form=tarfile.USTAR_FORMAT)
    tar = written(tmp_path, extended(b"10 size=5\n") + changed(content, 124, b"00000000000\0"))

    assert contents(tar, read_members(tar)) == {"a": b"12345"}


def test_a_hard_link_is_the_span_of_its_file_across_base_dirs_and_in_any_order(tmp_path):
    tar = written(
        tmp_path,
        tar_of(
            hard_link("one/stage/first", "one/stage/second"),
            hard_link("one/stage/second", "two/stage/real"),
            member("two/stage/real", b"bytes", mode=0o755),
            hard_link("two/stage/third", "two/stage/real"),
        ),
    )

    members = read_members(tar)

    assert set(contents(tar, members).values()) == {b"bytes"}
    assert {row[1:] for row in members} == {("file", 0o755, 5, "", members[0].offset)}
    assert [row.path for row in members] == ["one/stage/first", "one/stage/second", "two/stage/real", "two/stage/third"]


def test_names_may_begin_with_the_directory_itself(tmp_path):
    tar = written(tmp_path, tar_of(directory("./"), directory("./b/"), member("./b/a"), hard_link("./c", "./b/a")))

    assert [row.path for row in read_members(tar)] == ["b/a", "c"]


def test_what_tar_itself_writes_is_read(tmp_path):
    (tmp_path / "tree" / "b" / "empty").mkdir(parents=True)
    (tmp_path / "tree" / "b" / "file").write_bytes(b"content")
    os.link(tmp_path / "tree" / "b" / "file", tmp_path / "tree" / "b" / "other")
    tar = tmp_path / "made.tar"
    subprocess.run(["tar", "-C", tmp_path / "tree", "-cf", tar, "."], check=True)

    members = read_members(tar)

    assert contents(tar, members) == {"b/file": b"content", "b/other": b"content"}
    assert [row.path for row in members] == ["b/empty", "b/file", "b/other"]


def test_what_follows_the_end_is_left_alone(tmp_path):
    tar = written(tmp_path, tar_of(member("a")) + tar_of(member("../b")))

    assert [row.path for row in read_members(tar)] == ["a"]


A = tar_of(member("a", b"12345"), form=tarfile.USTAR_FORMAT)
NAMES = "paths must be relative, without empty parts, . or ..: "
WRONG = {
    "absolute": (tar_of(member("/etc/passwd")), f"{NAMES}'/etc/passwd'"),
    "parent": (tar_of(member("b/../../x"), member("..")), f"{NAMES}'..', 'b/../../x'"),
    "dot": (tar_of(member("b/./x")), f"{NAMES}'b/./x'"),
    "empty part": (tar_of(member("b//x")), f"{NAMES}'b//x'"),
    "no name": (tar_of(member("")), f"{NAMES}''"),
    "NUL": (extended(b"12 path=b\0c\n") + A, f"{NAMES}'b\\x00c'"),
    "absolute by pax": (extended(b"11 path=/b\n") + A, f"{NAMES}'/b'"),
    "absolute by prefix": (changed(A, 345, b"/x"), f"{NAMES}'/x/a'"),
    "too long": (
        extended(b"5014 path=" + b"d/" * 2501 + b"xx"[:1] + b"\n") + A,
        None,
    ),
    "twice": (
        tar_of(member("b"), member("b"), link("c", "b"), member("c")),
        "members stand there more than once: 'b', 'c'",
    ),
    "twice in two ways": (tar_of(directory("b"), member("b")), "members stand there more than once: 'b'"),
    "below a link": (tar_of(link("b", "/etc"), member("b/x")), "members lie below what is no directory: 'b/x'"),
    "below a file": (tar_of(member("b/x/y"), member("b")), "members lie below what is no directory: 'b/x/y'"),
    "hard link to nothing": (tar_of(hard_link("b", "c")), "'b' is a hard link to 'c', which is no file of the archive"),
    "hard link outside": (
        tar_of(hard_link("b", "/etc/passwd")),
        "'b' is a hard link to '/etc/passwd', which is no file of the archive",
    ),
    "hard link to itself": (tar_of(hard_link("b", "b")), "'b' is a hard link to 'b', which is no file of the archive"),
    "hard links in a circle": (
        tar_of(hard_link("b", "c"), hard_link("c", "b")),
        "'c' is a hard link to 'b', which is no file of the archive",
    ),
    "hard link to a link": (tar_of(link("b", "c"), hard_link("d", "b")), "'d' is a hard link to 'b', which is a link"),
    "link to nowhere": (tar_of(link("b", "")), "links lead nowhere: 'b'"),
    "device": (tar_of(member("b", type=tarfile.CHRTYPE)), "'b' is a device"),
    "disk": (tar_of(member("b", type=tarfile.BLKTYPE)), "'b' is a device"),
    "FIFO": (tar_of(member("b", type=tarfile.FIFOTYPE)), "'b' is a FIFO"),
    "FIFO with a long name": (tar_of(member("b/" * 80 + "c", type=tarfile.FIFOTYPE)), f"'{'b/' * 80}c' is a FIFO"),
    "sparse": (tar_of(member("b", type=tarfile.GNUTYPE_SPARSE)), "'b' is a sparse file"),
    "sparse by pax": (
        extended(b"22 GNU.sparse.major=1\n") + A,
        "'PaxHeader' is a sparse file (GNU.sparse.major)",
    ),
    "unknown": (tar_of(member("b", type=b"Z")), "'b' is of a type ('Z') that no artifact holds"),
    "negative size": (changed(A, 124, b"-0000000005\0"), "'a' has b'-0000000005\\x00', a negative number"),
    "negative size in base 256": (
        changed(A, 124, b"\xff" * 12),
        f"'a' has {bytes([255] * 12)!r} where an octal number belongs",
    ),
    "no number": (changed(A, 100, b"rwxr-xr\0"), "'a' has b'rwxr-xr\\x00' where an octal number belongs"),
    "size behind the end": (
        changed(A, 124, b"00000030000\0"),
        "'a' goes on for 2,560 bytes behind the archive's end",
    ),
    "enormous size": (
        changed(A, 124, b"\x80" + b"\xff" * 11),
        None,
    ),
    "size of a directory's name": (
        changed(A, 0, b"a/"),
        "'a/' has the name of a directory and 5 bytes of content",
    ),
    "pax without length": (
        extended(b"path=b\n") + A,
        "'PaxHeader' has an extended header whose records have no length",
    ),
    "pax with a wrong length": (
        extended(b"99 path=b\n") + A,
        "'PaxHeader' has an extended header whose records have a wrong length",
    ),
    "pax with a length of many digits": (
        extended(b"9" * 5000 + b" path=b\n") + A,
        "'PaxHeader' has an extended header whose records have a wrong length",
    ),
    "pax size": (extended(b"11 size=-5\n") + A, "'a' has an extended header with the size b'-5'"),
    "pax for all": (
        extended(b"10 path=b\n", b"g") + A,
        "'PaxHeader' is a header for all members that follow, and sets path",
    ),
    "pax twice": (
        extended(b"10 path=b\n") + extended(b"10 path=c\n") + A,
        "'PaxHeader' has two extended headers with path",
    ),
    "pax bomb": (
        extended(b"10 path=b\n" + b"0" * (1 << 20)) + A,
        "'PaxHeader' has an extended header of 1,048,586 bytes; 65,536 are allowed",
    ),
    "pax for nobody": (
        extended(b"10 path=b\n") + bytes(1024),
        "ends with an extended header that belongs to no member",
    ),
    "no checksum": (
        b"\1" * 512 + A,
        "the block at byte 0 has b'\\x01\\x01\\x01\\x01\\x01\\x01\\x01\\x01' where an octal number belongs",
    ),
    "wrong checksum": (b"b" + A[1:], "the block at byte 0 is no header of a tar member: its checksum is wrong"),
    "empty": (b"", "is cut short: it ends at byte 0, where a header should follow"),
    "cut in a header": (A[:300], "is cut short: it ends at byte 300, where a header should follow"),
    "cut in a member": (A[:514], "'a' goes on for 3 bytes behind the archive's end"),
    "cut before the end": (A[:1024], "is cut short: it ends at byte 1,024, where a header should follow"),
    "zstd": (b"\x28\xb5\x2f\xfd" + bytes(600), None),
}


@pytest.mark.parametrize("name", WRONG)
def test_an_archive_that_is_wrong_is_refused_with_a_sentence(tmp_path, name):
    content, problem = WRONG[name]
    tar = written(tmp_path, content)

    with pytest.raises(UserError) as error:
        read_members(tar)

    if problem is not None:
        assert str(error.value) == f"{tar}: {problem}; it must be made again"
    assert str(error.value).startswith(f"{tar}: ")


@pytest.mark.parametrize("target", ["/etc/passwd", "../../../x", "a\nb"], ids=["absolute", "parents", "line"])
def test_a_link_is_only_told_where_it_leads(tmp_path, target):
    tar = written(tmp_path, tar_of(link("b", target)))

    assert read_members(tar) == [Member("b", "link", 0o644, 0, target, 512)]


def test_bytes_that_are_not_utf_8_are_lone_surrogates(tmp_path):
    tar = written(tmp_path, changed(A, 0, b"\xe9"))

    assert [row.path for row in read_members(tar)] == ["\udce9"]


def test_a_missing_archive_is_said(tmp_path):
    with pytest.raises(UserError) as error:
        read_members(tmp_path / "gone.tar")

    assert str(error.value) == f"{tmp_path}/gone.tar: cannot be read: No such file or directory"


def test_a_directory_of_that_name_is_said(tmp_path):
    with pytest.raises(UserError) as error:
        read_members(tmp_path)

    assert str(error.value) == f"{tmp_path}: is no file; an archive must be one"


def test_a_fifo_of_that_name_does_not_hang(tmp_path):
    os.mkfifo(tmp_path / "a.tar")

    with pytest.raises(UserError) as error:
        read_members(tmp_path / "a.tar")

    assert str(error.value) == f"{tmp_path}/a.tar: is no file; an archive must be one"


def test_a_long_chain_of_hard_links_takes_no_time(tmp_path):
    chain = [hard_link(f"n{number}", f"n{number + 1}") for number in range(5_000)]
    tar = written(tmp_path, tar_of(*chain, member("n5000", b"x")))

    assert len({row.offset for row in read_members(tar)}) == 1


NAMES_OF_PARTS = st.sampled_from(["a", "b", "lib", "x" * 60, "ü", "a b", "\udce9"])
PATHS = st.lists(NAMES_OF_PARTS, min_size=1, max_size=5).map("/".join)
KINDS = st.sampled_from(["file", "dir", "link", "hard link"])


@given(
    rows=st.dictionaries(PATHS, st.tuples(KINDS, st.binary(max_size=700), st.integers(0, 0o777)), max_size=8),
    form=st.sampled_from(FORMS[:2]),
    time=st.sampled_from([0, 1.5, 1e9]),
)
@settings(max_examples=150, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_every_tree_is_read_as_tarfile_reads_it(tmp_path, rows, form, time):
    members = [_made(path, row, min(rows), time) for path, row in rows.items()]
    tar = written(tmp_path, tar_of(*members, form=form))
    expected = _by_tarfile(tar)

    if expected is None:
        with pytest.raises(UserError):
            read_members(tar)
    else:
        assert read_members(tar) == expected


def _made(path, row, target, time):
    kind, content, mode = row
    match kind:
        case "file":
            return member(path, content, mode=mode, mtime=time)
        case "dir":
            return member(path, type=tarfile.DIRTYPE, mode=mode, mtime=time)
        case "link":
            return member(path, type=tarfile.SYMTYPE, linkname="../" + path, mode=mode, mtime=time)
    return member(path, type=tarfile.LNKTYPE, linkname=target, mode=mode, mtime=time)


def _by_tarfile(tar: Path) -> list[Member] | None:
    """Return what the standard library makes of it, None where it is nothing that we take."""
    with tarfile.open(tar) as archive:
        infos = {info.name: info for info in archive.getmembers()}
    found = []
    for name, info in infos.items():
        source = infos[info.linkname] if info.islnk() else info
        below = any(other.startswith(f"{name}/") for other in infos)
        if (info.islnk() and not source.isreg()) or (below and not info.isdir()):
            return None
        if info.isdir():
            found += [] if below else [Member(name, "dir", info.mode, 0, "", info.offset_data)]
        elif info.issym():
            found.append(Member(name, "link", info.mode, 0, info.linkname, info.offset_data))
        else:
            found.append(Member(name, "file", source.mode, source.size, "", source.offset_data))
    return sorted(found)


SEEDS = [
    tar_of(directory("b"), member("b/a", b"x" * 600, mtime=1.5), link("c", "b/a"), hard_link("d", "b/a")),
    tar_of(member(LONGER, b"x"), link("alias", LONGER), hard_link("z", LONGER), form=tarfile.GNU_FORMAT),
    tar_of(member(LONG, b"x"), directory("q/"), form=tarfile.USTAR_FORMAT),
]


def _mutated(chance: random.Random) -> bytes:
    content = bytearray(mutated(chance.choice(SEEDS), chance, changes=chance.randint(1, 6)) or b"\0")
    if chance.random() < 0.8:  # headers that are right but for what was changed get further
        for at in range(0, len(content) - 511, 512):
            if re.match(rb"[0-7]{6}\0 ", content[at + 148 : at + 156]):
                content[at : at + 512] = sealed(bytes(content[at : at + 512]))
    return bytes(content)


@pytest.mark.parametrize("count", [2_000, pytest.param(100_000, marks=pytest.mark.slow)], ids=["some", "very many"])
def test_a_mutated_archive_is_read_or_refused_and_never_leads_outside(tmp_path, count):
    chance = random.Random(13)
    refused = 0
    for _ in range(count):
        tar = written(tmp_path, _mutated(chance))
        try:
            members = read_members(tar)
        except UserError:
            refused += 1
            continue
        size = tar.stat().st_size
        for row in members:
            assert not {"", ".", ".."} & set(row.path.split("/")), row
            assert row.kind in {"file", "link", "dir"}, row
            assert 0 <= row.offset <= row.offset + row.size <= size, row
        assert len({row.path for row in members}) == len(members)
    assert count * 0.2 < refused < count * 0.95
