from __future__ import annotations

import hashlib
import lzma
import os
import random
import subprocess
import sys
from pathlib import Path

import pytest

from tests.support.places import ROOT
from tests.support.tars import member, tar_of
from tools.artifact.decompress import Unpacked, blocks_of, decompress
from tools.artifact.zstd import zstd
from tools.errors import UserError

TAR = tar_of(*(member(f"lib/{number}", random.Random(number).randbytes(9_000) + bytes(90_000)) for number in range(30)))


def zstd_of(content: bytes) -> bytes:
    return zstd.compress(content, 3)


def xz_of(content: bytes) -> bytes:
    return lzma.compress(content, preset=1)


def plain(content: bytes) -> bytes:
    return content


PACKERS = {".tar.zst": zstd_of, ".tar.xz": xz_of, ".tar": plain}
COMPRESSED = [".tar.zst", ".tar.xz"]


def unpacked(archive: bytes, tar: Path, form: str, sha256: str | None = None, told=None) -> Unpacked:
    blocks = [archive[start : start + 70_000] for start in range(0, len(archive), 70_000)]
    return decompress(blocks, tar, form=form, place="PLACE", size=len(archive), sha256=sha256, told=told)


@pytest.mark.parametrize("form", PACKERS)
def test_an_archive_becomes_its_tar(tmp_path, form):
    archive = PACKERS[form](TAR)
    told: list[int] = []

    result = unpacked(archive, tmp_path / "a.tar", form, told=told.append)

    assert (tmp_path / "a.tar").read_bytes() == TAR
    assert result == Unpacked(sha256=hashlib.sha256(archive).hexdigest(), size=len(archive), tar_size=len(TAR))
    assert sum(told) == len(TAR)
    assert list(tmp_path.iterdir()) == [tmp_path / "a.tar"]


@pytest.mark.parametrize("form", COMPRESSED)
def test_all_frames_are_read(tmp_path, form):
    pack = PACKERS[form]
    archive = b"".join(pack(TAR[start : start + 100_000]) for start in range(0, len(TAR), 100_000))

    unpacked(archive, tmp_path / "a.tar", form)

    assert (tmp_path / "a.tar").read_bytes() == TAR


def test_frames_that_hold_nothing_are_no_damage(tmp_path):
    skippable = b"\x50\x2a\x4d\x18\x04\0\0\0abcd"  # RFC 8878, 3.1.2

    unpacked(skippable + zstd_of(TAR) + zstd_of(b"") + skippable, tmp_path / "a.tar", ".tar.zst")

    assert (tmp_path / "a.tar").read_bytes() == TAR


def test_padding_of_xz_is_no_damage(tmp_path):
    unpacked(xz_of(TAR) + bytes(8) + xz_of(b"more") + bytes(4), tmp_path / "a.tar", ".tar.xz")

    assert (tmp_path / "a.tar").read_bytes() == TAR + b"more"


@pytest.mark.parametrize("form", COMPRESSED)
@pytest.mark.parametrize("part", [0, 1, 5, 1_000, 30_000, -1, -9])
def test_an_archive_that_is_cut_short_is_refused(tmp_path, form, part):
    archive = PACKERS[form](TAR)[:part] if part else b""

    with pytest.raises(UserError) as error:
        unpacked(archive, tmp_path / "a.tar", form)

    assert str(error.value) == (
        f"PLACE: is damaged (it ends after {len(archive):,} bytes, in the middle); fetch or make it again"
    )
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize("form", COMPRESSED)
def test_an_archive_of_another_form_is_refused(tmp_path, form):
    with pytest.raises(UserError) as error:
        unpacked(b"<html>" * 100, tmp_path / "a.tar", form)

    assert str(error.value).startswith("PLACE: is damaged (")
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize("form", PACKERS)
@pytest.mark.parametrize("damage", ["flipped", "cut", "nothing"])
def test_a_wrong_digest_is_refused_whatever_else_is_wrong(tmp_path, form, damage):
    archive = PACKERS[form](TAR)
    damaged = {"flipped": archive[:5_000] + b"\xaa" + archive[5_001:], "cut": archive[:-3_000], "nothing": archive}[
        damage
    ]
    expected = "0" * 64

    with pytest.raises(UserError) as error:
        unpacked(damaged, tmp_path / "a.tar", form, sha256=expected)

    assert str(error.value) == (
        f"PLACE: has the SHA-256 {hashlib.sha256(damaged).hexdigest()}, its sidecar says {expected}; it is damaged, or "
        f"one of the two is of another build: fetch or make both again"
    )
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize("form", PACKERS)
def test_the_right_digest_is_accepted(tmp_path, form):
    archive = PACKERS[form](TAR)

    unpacked(archive, tmp_path / "a.tar", form, sha256=hashlib.sha256(archive).hexdigest())

    assert (tmp_path / "a.tar").read_bytes() == TAR


@pytest.mark.parametrize("count", [300, pytest.param(10_000, marks=pytest.mark.slow)], ids=["some", "many"])
def test_no_flipped_bit_gets_past_the_digest(tmp_path, count):
    chance = random.Random(5)
    archive = zstd_of(TAR[:300_000])
    right = hashlib.sha256(archive).hexdigest()
    for _ in range(count):
        damaged = bytearray(archive)
        damaged[chance.randrange(len(damaged))] ^= 1 << chance.randrange(8)

        with pytest.raises(UserError):
            unpacked(bytes(damaged), tmp_path / "a.tar", ".tar.zst", sha256=right)

        assert not list(tmp_path.iterdir())


@pytest.mark.parametrize("form", COMPRESSED)
def test_a_bomb_is_refused_before_it_fills_the_disk(tmp_path, form):
    bomb = PACKERS[form](bytes(300 << 20))
    told: list[int] = []

    with pytest.raises(UserError) as error:
        unpacked(bomb, tmp_path / "a.tar", form, told=told.append)

    assert str(error.value) == (
        "PLACE: holds more than 268,435,456 bytes, 200 times its own, which no artifact does; pack it as .tar if it is "
        "right"
    )
    assert sum(told) <= 256 << 20
    assert not list(tmp_path.iterdir())


def test_a_failure_of_whoever_gives_the_bytes_leaves_nothing(tmp_path):
    def blocks():
        yield zstd_of(TAR)[:20_000]
        raise UserError("the network is gone")

    with pytest.raises(UserError, match=r"^the network is gone$"):
        decompress(blocks(), tmp_path / "a.tar", form=".tar.zst", place="PLACE", size=99, sha256=None)

    assert not list(tmp_path.iterdir())


FULL = """
import sys, subprocess
from pathlib import Path
from tools.artifact.decompress import blocks_of, decompress
from tools.errors import UserError
disk, archive = map(Path, sys.argv[1:])
try:
    decompress(blocks_of(archive), disk / "a.tar", form=".tar.zst", place="P", size=archive.stat().st_size, sha256=None)
except UserError as error:
    print(error)
print([path.name for path in disk.iterdir()])
"""


def test_a_full_disk_says_what_is_needed(tmp_path):
    disk, archive = tmp_path / "disk", tmp_path / "a.tar.zst"
    disk.mkdir()
    archive.write_bytes(zstd_of(TAR))
    command = 'mount -t tmpfs -o size=1m none "$0" && exec "$1" -c "$2" "$0" "$3"'
    done = subprocess.run(
        ["unshare", "-rm", "sh", "-c", command, disk, sys.executable, FULL, archive],
        capture_output=True,
        text=True,
        check=False,
        cwd=ROOT,
    )
    if "unshare" in done.stderr or "mount" in done.stderr:
        pytest.skip("no file system may be mounted here")

    assert done.stdout == (
        f"{disk}/a.tar: no space left: it takes {len(TAR):,} bytes, and 1,048,576 are free; make room, remove tars in "
        f"{disk} while no build is under way, or set build_dir to a larger disk\n[]\n"
    )


def test_the_bytes_of_a_file_come_in_blocks(tmp_path):
    content = os.urandom((1 << 20) + 5)
    (tmp_path / "a").write_bytes(content)

    assert [len(block) for block in blocks_of(tmp_path / "a")] == [1 << 20, 5]
    assert b"".join(blocks_of(tmp_path / "a")) == content


def test_a_file_that_is_gone_is_said(tmp_path):
    with pytest.raises(UserError) as error:
        list(blocks_of(tmp_path / "a"))

    assert str(error.value) == f"{tmp_path}/a: cannot be read: No such file or directory"
