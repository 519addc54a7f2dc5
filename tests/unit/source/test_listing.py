from __future__ import annotations

import hashlib
import os
import random
import threading
import time
from pathlib import Path

import pytest

from tests.support.listings import read_listing
from tests.support.servers import Faulty, breaking, fill, refusing, serving, silent
from tools.artifact.unpack import unpack
from tools.artifact.zstd import zstd
from tools.errors import InputChanged, UserError
from tools.source.listing import Listing, fetch, keep_listing, kept_listing, remote_archive
from tools.source.patience import Patience
from tools.source.place import Place, local_directory, open_place

QUICK = Patience(attempts=5, first=0.01, longest=0.05, timeout=5.0)
TAR = os.urandom(3_000_000)
ARCHIVE = zstd.compress(TAR)
DIGEST = hashlib.sha256(ARCHIVE).hexdigest()
BLAS, RAND = "blas_lib_gfx942.tar.zst", "rand_lib_generic.tar.xz"
FILES = {
    BLAS: ARCHIVE,
    f"{BLAS}.sha256sum": f"{DIGEST}  {BLAS}\n".encode(),
    RAND: b"xz",
    "README.txt": b"hello",
    "index.html": b"",
}


@pytest.fixture
def server(tmp_path):
    fill(tmp_path / "run", FILES)
    (tmp_path / "run" / "logs.tar").mkdir()
    with serving(tmp_path / "run") as server:
        yield server


def everything(artifact: str) -> bool:
    return True


def opened(server: Faulty, patience: Patience = QUICK) -> Place:
    return open_place(server.url, patience=patience)


def listing_of(server: Faulty, wanted=everything, known: Listing | None = None) -> Listing:
    return read_listing(opened(server), wanted, patience=QUICK, known=known)


def fetched(server: Faulty, patience: Patience = QUICK, **options) -> bytes:
    archive = listing_of(server).find("blas_lib_gfx942")
    server.asked.clear()
    return b"".join(fetch(opened(server, patience), archive.file, patience=patience, **options))


def test_archives_are_listed_with_states_and_digests(server):
    listing = listing_of(server)

    assert [(archive.artifact, archive.file.size, archive.sha256) for archive in listing.archives] == [
        ("blas_lib_gfx942", len(ARCHIVE), DIGEST),
        ("rand_lib_generic", 2, None),
    ]
    assert all(archive.file.version for archive in listing.archives)


def test_only_what_is_wanted_is_asked_for(server):
    listing = listing_of(server, lambda artifact: artifact == "rand_lib_generic")

    assert server.asked == ["GET", f"HEAD {RAND}"]
    assert [archive.artifact for archive in listing.archives] == ["blas_lib_gfx942", "rand_lib_generic"]


def test_a_sidecar_that_is_as_it_was_is_not_read_again(server):
    known = listing_of(server)
    server.asked.clear()

    assert listing_of(server, known=known) == known
    assert sorted(server.asked) == ["GET", f"HEAD {BLAS}", f"HEAD {BLAS}.sha256sum", f"HEAD {RAND}"]


@pytest.mark.parametrize("name", [BLAS, f"{BLAS}.sha256sum"])
def test_a_change_changes_the_state(server, name):
    known = listing_of(server)
    digest = "0" * 64 if name != BLAS else DIGEST
    content = digest.encode() if name != BLAS else ARCHIVE[:-1]
    (server.root / name).write_bytes(content)

    changed = listing_of(server, known=known)

    assert changed.archives[0].state != known.archives[0].state
    assert changed.archives[1].state == known.archives[1].state


def test_a_listing_is_kept(server, tmp_path):
    listing = listing_of(server)
    keep_listing(tmp_path / "kept.json", listing)

    assert kept_listing(tmp_path / "kept.json", f"{server.url}/") == listing
    assert kept_listing(tmp_path / "kept.json", "https://elsewhere/run-linux") is None
    assert kept_listing(tmp_path / "no.json", server.url) is None


def test_a_damaged_listing_is_none(tmp_path):
    (tmp_path / "kept.json").write_bytes(b"\xff")

    assert kept_listing(tmp_path / "kept.json", "https://a/b") is None


def test_a_page_without_archives_is_said(server):
    for path in server.root.glob("*_*"):
        path.unlink()

    with pytest.raises(UserError) as error:
        listing_of(server)

    assert str(error.value) == (
        f"{server.url}/: holds no archive of an artifact; their names are like blas_lib_generic.tar.zst"
    )


def test_an_artifact_in_two_forms_is_said(server):
    fill(server.root, {"blas_lib_gfx942.tar": b""})

    with pytest.raises(UserError) as error:
        listing_of(server)

    assert str(error.value) == (
        f"{server.url}/: artifacts stand there in more than one form: blas_lib_gfx942; remove all but one"
    )


def test_a_wrong_sidecar_is_said(server):
    fill(server.root, {f"{BLAS}.sha256sum": b"no"})

    with pytest.raises(UserError) as error:
        listing_of(server)

    assert str(error.value) == (
        f"{server.url}/{BLAS}.sha256sum: must hold one line, a SHA-256 digest of 64 hexadecimal digits, alone or "
        f"before the name {BLAS}; write it anew with sha256sum"
    )


def test_a_server_that_tells_no_version_is_refused(server):
    server.headers = {"Content-Length"}

    with pytest.raises(UserError, match="neither ETag nor Last-Modified, so no change could be noticed; fetch"):
        listing_of(server)


def test_a_file_is_fetched_and_its_bytes_are_told(server):
    told: list[int] = []

    assert fetched(server, told=told.append) == ARCHIVE
    assert sum(told) == len(ARCHIVE)
    assert server.asked == [f"GET {BLAS}"]


def starts(server: Faulty) -> list[int]:
    """Return where each request for a file's bytes began."""
    return [int(line.partition("bytes=")[2].rstrip("-") or 0) for line in server.asked]


def test_a_connection_that_ends_early_is_resumed_where_it_ended(server):
    server.faults = [breaking(1_200_000, reset=False), breaking(700_000, reset=False)]
    told: list[int] = []

    assert fetched(server, told=told.append) == ARCHIVE
    assert sum(told) == len(ARCHIVE)
    assert starts(server) == [0, 1_200_000, 1_900_000]


def test_a_connection_that_is_reset_is_resumed_behind_what_came(server):
    """A reset throws away what lies unread in the receiver's buffer (RFC 9293, 3.10.7.4)."""
    server.faults = [breaking(1_200_000), breaking(700_000)]
    told: list[int] = []

    assert fetched(server, told=told.append) == ARCHIVE
    assert sum(told) == len(ARCHIVE)
    assert len(starts(server)) == 3
    assert starts(server) == sorted(starts(server))


def test_a_server_without_ranges_begins_anew_and_no_byte_comes_twice(server):
    server.ranges = False
    server.faults = [breaking(1_200_000), breaking(2_000_000), breaking(100)]

    assert fetched(server) == ARCHIVE


@pytest.mark.parametrize("status", [429, 500, 502, 503, 504])
def test_what_passes_is_waited_for_and_told(server, status):
    server.faults = [refusing(status), refusing(status)]
    waits: list[str] = []

    assert fetched(server, waits=waits.append) == ARCHIVE
    assert len(waits) == 2
    assert waits[1].startswith(f"{server.url}/{BLAS}: HTTP {status} ")
    assert "; attempt 3 of 5 in 0.0 s" in waits[1]


def test_a_server_says_how_long_to_wait(server):
    server.faults = [refusing(503, "1")]
    begun = time.monotonic()

    assert fetched(server) == ARCHIVE
    assert time.monotonic() - begun >= 1.0


def test_patience_ends_with_a_sentence(server):
    server.faults = [refusing(503)] * 5

    with pytest.raises(UserError) as error:
        fetched(server)

    assert str(error.value) == (
        f"{server.url}/{BLAS}: cannot be fetched: HTTP 503 Service Unavailable (5 attempts in 0 s without a byte); run "
        f"again to go on"
    )


def test_progress_renews_patience(server):
    server.faults = [fault for _ in range(8) for fault in (refusing(503), breaking(300_000))]

    assert fetched(server) == ARCHIVE


def test_silence_is_said(server):
    server.faults = [silent(1.5)] * 3
    patience = Patience(attempts=2, first=0.01, timeout=0.3)

    with pytest.raises(UserError) as error:
        fetched(server, patience)

    assert str(error.value) == (
        f"{server.url}/{BLAS}: cannot be fetched: silent for 0 s (2 attempts in 0 s without a byte); run again to go on"
    )


def test_a_file_that_is_gone_is_said_at_once(server):
    file = listing_of(server).archives[0].file
    (server.root / BLAS).unlink()

    with pytest.raises(UserError) as error:
        list(fetch(opened(server), file, patience=QUICK))

    assert str(error.value) == (
        f"{server.url}/{BLAS}: cannot be fetched: HTTP 404 Not Found: it is not there; look at the address"
    )


def test_a_file_that_changes_between_two_parts_is_noticed(server):
    file = listing_of(server).archives[0].file
    server.faults = [breaking(1_500_000)]
    blocks = fetch(opened(server), file, patience=QUICK)
    next(blocks)
    (server.root / BLAS).write_bytes(bytes(len(ARCHIVE)))

    with pytest.raises(InputChanged) as error:
        list(blocks)

    assert str(error.value) == f"{server.url}/{BLAS}: changed since it was listed; run again"


def test_a_server_that_is_not_there_is_said(tmp_path):
    place = open_place("http://127.0.0.1:9/run-linux", patience=QUICK)

    with pytest.raises(UserError) as error:
        read_listing(place, everything, patience=QUICK)

    assert str(error.value) == (
        "http://127.0.0.1:9/run-linux/: cannot be fetched: Connection refused (5 attempts in 0 s without a byte); run "
        "again to go on"
    )


def test_a_host_that_is_unknown_is_said_at_once():
    place = open_place("http://nowhere.invalid/run-linux", patience=Patience())

    with pytest.raises(UserError, match=r"^http://nowhere\.invalid/run-linux/: cannot be fetched: "):
        read_listing(place, everything, patience=QUICK)


def test_connections_are_capped(server):
    server.faults = [silent(0.2)] * 6
    file = listing_of(server).archives[0].file
    place = open_place(server.url, patience=QUICK, connections=2)
    server.most = 0
    threads = [threading.Thread(target=lambda: list(fetch(place, file, patience=QUICK))) for _ in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert server.most <= 4  # two, and two whose client has the whole answer before the server counts them out


@pytest.mark.parametrize("seed", range(5))
def test_a_run_of_random_faults_gives_the_right_tar(server, tmp_path, seed):
    chance = random.Random(seed)
    server.faults = [
        chance.choice([refusing(503), breaking(chance.randrange(900_000)), breaking(5, reset=False), silent(0.05)])
        for _ in range(12)
    ]
    archive = listing_of(server).archives[0]
    patient = Patience(attempts=20, first=0.01, longest=0.02, timeout=5.0)

    tar, stamp = unpack(
        remote_archive(server.url, lambda: opened(server), archive, patience=patient), tmp_path / "out", strict=True
    )

    assert tar.read_bytes() == TAR
    assert stamp.verified


def test_an_archive_that_is_not_what_its_sidecar_says_leaves_nothing(server, tmp_path):
    fill(server.root, {f"{BLAS}.sha256sum": b"0" * 64})
    archive = listing_of(server).archives[0]

    with pytest.raises(UserError) as error:
        unpack(remote_archive(server.url, lambda: opened(server), archive, patience=QUICK), tmp_path / "out")

    assert str(error.value) == (
        f"{server.url}/{BLAS}: has the SHA-256 {DIGEST}, its sidecar says {'0' * 64}; it is damaged, or one of the two "
        f"is of another build: fetch or make both again"
    )
    assert [path.name for path in (tmp_path / "out").iterdir()] == [".blas_lib_gfx942.tar.json.lock"]


@pytest.mark.parametrize(
    ("url", "path"),
    [
        ("file:///a/b%20c", Path("/a/b c")),
        ("/a/b", Path("/a/b")),
        ("s3://bucket/run-linux", None),
        ("https://host/run-linux", None),
    ],
)
def test_a_directory_of_this_machine_is_told_from_what_is_elsewhere(url, path):
    assert local_directory(url) == path


def test_a_file_of_another_machine_is_refused():
    with pytest.raises(ValueError, match=r"^names another machine; file:///PATH names this one$"):
        local_directory("file://host/a")


def test_an_unknown_kind_of_place_is_refused():
    with pytest.raises(UserError, match=r"^artifact_dir: 'floppy://a' cannot be read: Protocol not known: floppy"):
        open_place("floppy://a", patience=QUICK)
