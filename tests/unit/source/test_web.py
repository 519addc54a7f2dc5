from __future__ import annotations

import subprocess
import sys
import threading
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime

import pytest

from tests.support.servers import breaking, fill, refusing, serving
from tools.errors import UserError
from tools.source.patience import Passing
from tools.source.web import Web, _name_below, _seconds

BASE = "https://host/runs/77-linux/"


@pytest.mark.parametrize(
    ("link", "name"),
    [
        ("a_lib_generic.tar.zst", "a_lib_generic.tar.zst"),
        ("./a_lib_generic.tar.zst", "a_lib_generic.tar.zst"),
        ("/runs/77-linux/a_lib_generic.tar.zst", "a_lib_generic.tar.zst"),
        ("https://host/runs/77-linux/a_lib_generic.tar.zst?version=3#x", "a_lib_generic.tar.zst"),
        ("a_lib_gfx942%3Axnack%2B.tar.zst", "a_lib_gfx942:xnack+.tar.zst"),
        ("../", ""),
        ("logs/", ""),
        ("logs/a.tar", ""),
        ("?C=M;O=A", ""),
        ("https://other/runs/77-linux/a.tar", ""),
        ("https://[bad/a.tar", ""),
        ("..%2Fa.tar", ""),
        ("mailto:a@b", ""),
    ],
)
def test_a_link_is_a_file_of_the_folder_or_nothing(link, name):
    assert _name_below(BASE, link) == name


@pytest.mark.parametrize(
    ("asked", "seconds"), [(None, None), ("7", 7.0), (" 120 ", 120.0), ("soon", None), ("-1", None), ("", None)]
)
def test_retry_after_is_seconds(asked, seconds):
    assert _seconds(asked) == seconds


def test_retry_after_is_a_date():
    soon = datetime.now(UTC) + timedelta(seconds=60)

    assert 50 < (_seconds(format_datetime(soon, usegmt=True)) or 0) <= 60
    assert _seconds("Wed, 21 Oct 2015 07:28:00 GMT") == 0.0


@pytest.fixture
def server(tmp_path):
    fill(tmp_path / "run", {"a_lib_generic.tar": b"tar", "listing.html": b'<a href="a_lib_generic.tar">a</a>'})
    with serving(tmp_path / "run") as server:
        yield server


def web(url: str) -> Web:
    return Web(url, timeout=5.0, connections=4)


def test_a_page_in_the_folder_may_list_it(server):
    place = web(f"{server.url}/listing.html")

    assert [file.name for file in place.list()] == ["a_lib_generic.tar"]
    assert place.url == server.url
    assert place.look("a_lib_generic.tar").size == 3


def test_the_server_of_the_standard_library_is_one(tmp_path):
    fill(tmp_path / "in", {"a_lib_gfx942:xnack+.tar": b"tar", "ü.txt": b""})
    command = [sys.executable, "-u", "-m", "http.server", "0", "--bind", "127.0.0.1", "--directory", tmp_path / "in"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True) as process:
        port = process.stdout.readline().split(" port ")[1].split()[0]
        place = web(f"http://127.0.0.1:{port}/")

        assert [file.name for file in place.list()] == ["a_lib_gfx942:xnack+.tar", "ü.txt"]
        assert b"".join(place.blocks(place.look("a_lib_gfx942:xnack+.tar"), 1)) == b"ar"

        process.terminate()


def test_what_may_not_be_read_is_said(server):
    server.faults = [refusing(403)]

    with pytest.raises(UserError) as error:
        web(server.url).read("a_lib_generic.tar", 9)

    assert str(error.value) == (
        f"{server.url}/a_lib_generic.tar: cannot be fetched: HTTP 403 Forbidden: it may not be read; look at the "
        f"address and the rights"
    )


def test_a_small_file_that_breaks_off_is_read_again(server):
    server.faults = [breaking(1, reset=False)]

    with pytest.raises(Passing, match="ended after 1 of 3 bytes"):
        web(server.url).read("a_lib_generic.tar", 9)


def test_a_connection_is_free_again_after_whatever_happens(server):
    place = Web(server.url, timeout=5.0, connections=1)
    found = place.look("a_lib_generic.tar")
    server.faults = [refusing(503), breaking(1)]
    for _ in range(2):
        with pytest.raises(Passing):
            list(place.blocks(found, 0))
    left = place.blocks(found, 0)
    next(left)
    left.close()
    done = threading.Thread(target=lambda: list(place.blocks(found, 0)))
    done.start()
    done.join(10)

    assert not done.is_alive()
