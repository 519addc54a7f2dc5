from __future__ import annotations

import os
import random
import subprocess
import sys
import threading
import time
from dataclasses import replace
from pathlib import Path

import pytest

from tests.support.places import ROOT
from tests.support.tars import member, tar_of
from tools.artifact.sidecar import sha256_of
from tools.artifact.unpack import local_archive, made_of, unpack
from tools.artifact.zstd import zstd
from tools.errors import InputChanged, UserError

TAR = tar_of(member("artifact_manifest.txt", b"b\n"), member("b/x", os.urandom(3_000_000)))
OTHER = tar_of(member("artifact_manifest.txt", b"b\n"))


@pytest.fixture
def archive(tmp_path) -> Path:
    archive = tmp_path / "in" / "rand_lib_generic.tar.zst"
    archive.parent.mkdir()
    return packed(archive, TAR)


def packed(archive: Path, tar: bytes) -> Path:
    archive.write_bytes(zstd.compress(tar))
    archive.with_name(archive.name + ".sha256sum").write_text(sha256_of(archive))
    return archive


def test_an_archive_is_unpacked_once(archive, tmp_path):
    told: list[int] = []
    tar, stamp = unpack(local_archive(archive), tmp_path / "out", told=told.append)

    again = unpack(local_archive(archive), tmp_path / "out", told=told.append)

    assert again == (tar, stamp)
    assert tar == tmp_path / "out" / "rand_lib_generic.tar"
    assert tar.read_bytes() == TAR
    assert sum(told) == len(TAR) == stamp.tar_size
    assert (stamp.verified, stamp.sha256) == (True, sha256_of(archive))


def test_a_tar_that_was_removed_is_made_again(archive, tmp_path):
    tar, _ = unpack(local_archive(archive), tmp_path / "out")
    tar.unlink()

    unpack(local_archive(archive), tmp_path / "out")

    assert tar.read_bytes() == TAR


def test_a_tar_of_another_size_is_made_again(archive, tmp_path):
    tar, _ = unpack(local_archive(archive), tmp_path / "out")
    tar.write_bytes(TAR[:-512])

    unpack(local_archive(archive), tmp_path / "out")

    assert tar.read_bytes() == TAR


def test_another_archive_is_unpacked(archive, tmp_path):
    unpack(local_archive(archive), tmp_path / "out")
    packed(archive, OTHER)

    tar, _ = unpack(local_archive(archive), tmp_path / "out")

    assert tar.read_bytes() == OTHER


def test_another_sidecar_is_noticed(archive, tmp_path):
    tar, _ = unpack(local_archive(archive), tmp_path / "out")
    sidecar = archive.with_name(archive.name + ".sha256sum")
    sidecar.write_text("0" * 64)

    with pytest.raises(UserError) as error:
        unpack(local_archive(archive), tmp_path / "out")

    assert str(error.value) == (
        f"{archive}: has the SHA-256 {sha256_of(archive)}, its sidecar says {'0' * 64}; it is damaged, or one of the "
        f"two is of another build: fetch or make both again"
    )
    assert not tar.exists()


def test_a_damaged_stamp_counts_for_nothing(archive, tmp_path):
    tar, stamp = unpack(local_archive(archive), tmp_path / "out")
    file = tar.with_name(f"{tar.name}.json")
    file.write_bytes(b"\xff{")

    assert made_of(tar, file, stamp.state) is None
    assert unpack(local_archive(archive), tmp_path / "out") == (tar, stamp)


def test_without_a_sidecar_nothing_is_verified(archive, tmp_path):
    archive.with_name(archive.name + ".sha256sum").unlink()

    _, stamp = unpack(local_archive(archive), tmp_path / "out")

    assert not stamp.verified


def test_strictness_refuses_an_archive_without_a_sidecar(archive, tmp_path):
    archive.with_name(archive.name + ".sha256sum").unlink()

    with pytest.raises(UserError) as error:
        unpack(local_archive(archive), tmp_path / "out", strict=True)

    assert str(error.value) == (
        f"{archive}: has no rand_lib_generic.tar.zst.sha256sum beside it, and without one damage cannot be seen; add "
        f"it, or set strict=no"
    )


def test_an_archive_that_changes_while_it_is_read_is_refused(archive, tmp_path):
    asked = local_archive(archive)

    def blocks():
        reading = iter(asked.blocks())
        yield next(reading)
        os.utime(archive, (1, 1))
        yield from reading

    with pytest.raises(InputChanged) as error:
        unpack(replace(asked, blocks=blocks), tmp_path / "out")

    assert str(error.value) == f"{archive}: changed while it was read; run again"
    assert not list((tmp_path / "out").glob("r*"))


def test_many_threads_make_one_tar(archive, tmp_path):
    told: list[int] = []
    results = []
    threads = [
        threading.Thread(
            target=lambda: results.append(unpack(local_archive(archive), tmp_path / "out", told=told.append))
        )
        for _ in range(8)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert len(results) == 8
    assert sum(told) == len(TAR)


def test_many_processes_make_one_tar(archive, tmp_path):
    code = (
        "import sys; from pathlib import Path; from tools.artifact.unpack import *; told = [];"
        "unpack(local_archive(Path(sys.argv[1])), Path(sys.argv[2]), told=told.append); print(sum(told))"
    )
    command = [sys.executable, "-c", code, archive, tmp_path / "out"]
    processes = [subprocess.Popen(command, stdout=subprocess.PIPE, text=True, cwd=ROOT) for _ in range(4)]
    told = [int(process.communicate()[0]) for process in processes]

    assert sorted(told) == [0, 0, 0, len(TAR)]


def test_a_plain_tar_is_read_where_it_is(tmp_path):
    archive = tmp_path / "rand_lib_generic.tar"
    archive.write_bytes(TAR)
    archive.with_name(archive.name + ".sha256sum").write_text(sha256_of(archive))

    tar, stamp = unpack(local_archive(archive), tmp_path / "out")

    assert tar == archive
    assert (stamp.verified, stamp.sha256, stamp.tar_size) == (True, sha256_of(archive), len(TAR))
    assert [path.suffix for path in sorted((tmp_path / "out").iterdir())] == [".lock", ".json"]
    assert unpack(local_archive(archive), tmp_path / "out") == (tar, stamp)


def test_a_plain_tar_with_a_wrong_digest_is_refused(tmp_path):
    archive = tmp_path / "rand_lib_generic.tar"
    archive.write_bytes(TAR)
    archive.with_name(archive.name + ".sha256sum").write_text("0" * 64)

    with pytest.raises(UserError) as error:
        unpack(local_archive(archive), tmp_path / "out")

    assert str(error.value) == (
        f"{archive}: has the SHA-256 {sha256_of(archive)}, its sidecar says {'0' * 64}; it is damaged, or one of the "
        f"two is of another build: fetch or make both again"
    )
    assert archive.read_bytes() == TAR


def test_a_missing_archive_is_said(tmp_path):
    with pytest.raises(UserError) as error:
        local_archive(tmp_path / "a.tar")

    assert str(error.value) == f"{tmp_path}/a.tar: cannot be read: No such file or directory"


SLOWLY = """
import sys, time
from dataclasses import replace
from pathlib import Path
from tools.artifact.unpack import *
asked = local_archive(Path(sys.argv[1]))
def blocks():
    for block in asked.blocks():
        for start in range(0, len(block), 100_000):
            time.sleep(0.001)
            yield block[start:start + 100_000]
unpack(replace(asked, blocks=blocks), Path(sys.argv[2]))
"""


@pytest.mark.parametrize("count", [8, pytest.param(100, marks=pytest.mark.loop)], ids=["some", "many"])
def test_a_killed_run_leaves_nothing_that_counts(archive, tmp_path, count):
    chance = random.Random(3)
    for number in range(count):
        out = tmp_path / f"out{number}"
        with subprocess.Popen([sys.executable, "-c", SLOWLY, archive, out], cwd=ROOT) as process:
            while not out.exists() and process.poll() is None:
                time.sleep(0.002)
            time.sleep(chance.random() * 0.06)
            process.kill()
        tar, file = out / "rand_lib_generic.tar", out / "rand_lib_generic.tar.json"
        state = local_archive(archive).state

        assert not tar.exists() or tar.read_bytes() == TAR
        assert made_of(tar, file, state) is None or tar.exists()

        made, _ = unpack(local_archive(archive), out)

        assert made.read_bytes() == TAR


def test_what_a_killed_run_was_writing_goes_and_what_others_write_stays(archive, tmp_path):
    (tmp_path / "out").mkdir()
    for name in (".rand_lib_generic.tar.0a1b2c3d.part", ".rand_lib_generic.tar.json.0a1b2c3d.part"):
        (tmp_path / "out" / name).touch()
    (tmp_path / "out/.rand_lib_generic.tar.places.0a1b2c3d.part").touch()

    unpack(local_archive(archive), tmp_path / "out")

    assert [path.name for path in (tmp_path / "out").glob(".*.part")] == [".rand_lib_generic.tar.places.0a1b2c3d.part"]
