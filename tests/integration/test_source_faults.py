"""What goes wrong on the way from an archive to a wheel: a sentence, no file under a final name, then all is well."""

from __future__ import annotations

import random
import shutil
import subprocess
from collections import Counter
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path

import pytest

from tests.support.doit_process import Doit, tree_of
from tests.support.killing import kill_and_finish
from tests.support.places import ROOT
from tests.support.servers import Fault, Handler, breaking, refusing, serving, silent
from tools.artifact.sidecar import sha256_of
from tools.source.patience import PATIENCE

BROKEN = "rand_lib_gfx94X-dcgpu"
SECONDS = 3.0  # what a build of the sample from archives takes at most, give or take


@pytest.fixture
def archives(packed: Path, tmp_path: Path) -> Path:
    """Return archives that a test may break."""
    return Path(shutil.copytree(packed / ".tar.zst", tmp_path / "archives"))


@pytest.fixture
def local(doit: Doit, archives: Path) -> Doit:
    return doit.of(str(archives))


def flip(archive: Path) -> None:
    content = bytearray(archive.read_bytes())
    content[len(content) // 2] ^= 4
    archive.write_bytes(content)


def cut(archive: Path) -> None:
    archive.write_bytes(archive.read_bytes()[:-20])
    archive.with_name(f"{archive.name}.sha256sum").unlink()


def write(text: str, archive: Path) -> None:
    archive.with_name(f"{archive.name}.sha256sum").write_text(text)


ANOTHER = "0" * 64
MISTAKES = {
    "flipped bit": (flip, "has the SHA-256 "),
    "cut, no sidecar": (cut, "is damaged (it ends after "),
    "wrong digest": (partial(write, ANOTHER), f"its sidecar says {ANOTHER}; it is damaged, or one of the two"),
    "empty": (partial(write, ""), "must hold one line, a SHA-256 digest of 64 hexadecimal digits"),
    "another name": (partial(write, f"{ANOTHER}  x.tar.zst"), "is the digest of 'x.tar.zst', not of "),
    "two lines": (partial(write, f"{ANOTHER}\n{ANOTHER}\n"), "must hold one line, "),
    "no digest": (partial(write, "404: Not Found"), "must hold one line, "),
}


@pytest.mark.parametrize(("damage", "problem"), MISTAKES.values(), ids=MISTAKES)
def test_damage_is_told_and_the_right_archive_heals_it(
    local: Doit, archives: Path, expected: dict[str, bytes], damage: Callable[[Path], None], problem: str
) -> None:
    archive = archives / f"{BROKEN}.tar.zst"
    whole = {file: file.read_bytes() for file in archives.glob(f"{BROKEN}*")}
    damage(archive)

    finished = local("index")

    assert finished.code == 1
    line = finished.err.splitlines()[0]
    assert line.startswith(f"failed  catalog:{BROKEN}: {archive}")
    assert problem in line
    assert not list((local.build / "archives").glob(f"{BROKEN}.tar*"))
    assert not (local.build / "catalog" / f"{BROKEN}.json").exists()

    for file, content in whole.items():
        file.write_bytes(content)

    finished = local("index")
    assert (finished.code, finished.err) == (0, "")
    assert tree_of(local.dist) == expected


def test_archives_without_a_digest_are_told_in_one_line(local, archives, expected):
    for name in ("base_lib_generic", BROKEN):
        (archives / f"{name}.tar.zst.sha256sum").unlink()

    finished = local("index")

    notes = [line for line in finished.lines if "sha256sum" in line]
    places = ", ".join(f"{archives}/{name}.tar.zst" for name in ("base_lib_generic", BROKEN))
    assert notes == [f"note: archives without .sha256sum, so no damage could be seen: {places}"]
    assert tree_of(local.dist) == expected


def test_from_a_url_an_archive_without_a_digest_needs_strict_no(doit, archives, expected):
    (archives / f"{BROKEN}.tar.zst.sha256sum").unlink()

    with serving(archives) as server:
        finished = doit.of(server.url)("index")

        assert finished.code == 1
        assert finished.err.splitlines()[0] == (
            f"failed  catalog:{BROKEN}: {server.url}/{BROKEN}.tar.zst: has no {BROKEN}.tar.zst.sha256sum beside it, "
            "and without one damage cannot be seen; add it, or set strict=no"
        )

        finished = doit.of(server.url, strict="no")("index")

        assert finished.code == 0
        assert f"so no damage could be seen: {server.url}/{BROKEN}.tar.zst" in finished.out
        assert tree_of(doit.dist) == expected


def sparing(fault: Fault, met: Counter[str]) -> Fault:
    """Return a fault that no archive meets once ``met`` says that it had as many as a run gets over in any order."""

    def maybe(handler: Handler, content: bytes) -> bool:
        met[handler.path] += 1
        return met[handler.path] < PATIENCE.attempts and fault(handler, content)

    return maybe


def test_a_whole_run_over_a_network_that_fails_at_random(doit, archives, expected):
    chance, met = random.Random(5), Counter[str]()
    ways: list[Callable[[], Fault]] = [
        lambda: refusing(503),
        lambda: refusing(429, "0"),
        lambda: breaking(chance.randrange(900)),
        lambda: breaking(chance.randrange(900), reset=False),
        lambda: silent(0.3),
    ]
    with serving(archives) as server:
        server.faults.extend(sparing(chance.choice(ways)(), met) for _ in range(60))
        finished = doit.of(server.url)("index")

        assert (finished.code, finished.err, server.faults) == (0, "", [])
    assert tree_of(doit.dist) == expected


def test_two_runs_at_once_unpack_each_archive_once(local, expected):
    runs = [local.start("index") for _ in range(2)]
    ends = [run.communicate() for run in runs]

    assert [run.returncode for run in runs] == [0, 0], ends
    assert sum("wheels: 9 built" in out for out, _ in ends) == 1
    assert tree_of(local.dist) == expected


def test_tars_that_were_deleted_are_made_again_for_the_wheel_that_needs_them(local, expected):
    assert local("index").code == 0
    shutil.rmtree(local.build / "archives")
    shutil.rmtree(local.build / "wheel")

    assert local("index").code == 0
    assert tree_of(local.dist) == expected


def kill_one(doit: Doit, expected: dict[str, bytes], seed: int) -> None:
    """Kill a run that fetches or builds at a random moment, and compare what the next one makes."""
    chance = random.Random(seed)
    for directory in (doit.build, doit.dist):
        shutil.rmtree(directory, ignore_errors=True)
    kill_and_finish(doit, expected, after=chance.random() * SECONDS, told=seed)


@pytest.fixture
def remote(doit: Doit, archives: Path) -> Iterator[Doit]:
    with serving(archives) as server:
        yield doit.of(server.url, engine="processes")


@pytest.mark.parametrize("seed", range(3))
def test_a_killed_run_is_finished_by_the_next_one(remote, expected, seed):
    kill_one(remote, expected, seed)


@pytest.mark.slow
@pytest.mark.parametrize("tens", range(10))
def test_a_hundred_kills_while_archives_are_fetched(remote, expected, tens):
    for seed in range(100 + 10 * tens, 110 + 10 * tens):
        kill_one(remote, expected, seed)


FULL = """
mount -t tmpfs -o size=1m none "$0" && shift 0 && exec "$@"
"""


@pytest.mark.skipif(not shutil.which("unshare"), reason="needs unshare(1)")
def test_a_full_disk_says_how_much_is_needed_and_where(local, archives):
    tars = local.build / "archives"
    tars.mkdir(parents=True)
    (archives / "base_lib_generic.tar.zst").stat()
    command = ["unshare", "--user", "--map-root-user", "--mount", "sh", "-c", FULL, str(tars), *local.command("index")]
    process = subprocess.run(command, capture_output=True, text=True, check=False, cwd=ROOT)
    if "Operation not permitted" in process.stderr:
        pytest.skip("needs user namespaces")

    assert process.returncode == 1
    assert "no space left: it takes " in process.stderr
    assert f"make room, remove tars in {tars} while no build is under way, or set build_dir to" in process.stderr

    assert local("index").code == 0


def test_an_archive_that_is_replaced_is_read_anew(local, archives, packed):
    assert local("index").code == 0
    archive = archives / f"{BROKEN}.tar.zst"
    other = packed / ".tar.zst" / "rand_lib_gfx120X-all.tar.zst"
    shutil.copy(other, archive)
    write(sha256_of(archive), archive)

    assert "rand_lib_gfx94X-dcgpu" in local("why", f"catalog:{BROKEN}").out
    assert local(f"catalog:{BROKEN}").last == "steps: 1 done, 0 up to date, 0 failed"
