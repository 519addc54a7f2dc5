"""What is said where Dask is not whole, or where something else listens at the scheduler's address."""

from __future__ import annotations

import socket
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest

pytest.importorskip("distributed", reason="needs the extra dask: requirements-dask.lock")

from rules.engines.scheduler import connect
from tests.support.places import ROOT
from tools.errors import UserError
from tools.extra import command_for

LACKING = """
import sys
sys.modules[sys.argv[1]] = None  # as if it were not installed
from rules.engines.scheduler import connect
connect("tcp://127.0.0.1:1", print)
"""


def silent() -> socket.socket:
    return socket.create_server(("127.0.0.1", 0))


@contextmanager
def web_server() -> Iterator[int]:
    class Quiet(BaseHTTPRequestHandler):
        def log_message(self, *_: object) -> None:
            pass

    with ThreadingHTTPServer(("127.0.0.1", 0), Quiet) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield server.server_port
        server.shutdown()


def refusal(port: int) -> str:
    with pytest.raises(UserError) as caught:
        connect(f"tcp://127.0.0.1:{port}", lambda key, counts: None, patience=1)
    return str(caught.value).replace(f":{port}", ":PORT")


NO_SCHEDULER = (
    "scheduler: something answers at tcp://127.0.0.1:PORT, but not as a Dask scheduler does; the scheduler's log names "
    "its address: the port of its dashboard is another one, and with TLS it begins with tls://"
)


def test_who_listens_and_says_nothing_is_no_scheduler():
    with silent() as server:
        assert refusal(server.getsockname()[1]) == NO_SCHEDULER


def test_a_web_server_such_as_the_dashboard_is_no_scheduler():
    with web_server() as port:
        assert refusal(port) == NO_SCHEDULER


@pytest.mark.parametrize(
    ("module", "lacks"), [("distributed", "which"), ("sortedcontainers", "of which sortedcontainers")]
)
def test_what_dask_lacks_is_told_with_the_command_that_installs_it(module, lacks):
    lacking = subprocess.run(
        [sys.executable, "-c", LACKING, module], cwd=ROOT, capture_output=True, text=True, check=False
    )

    assert lacking.stderr.splitlines()[-1] == (
        f"tools.errors.UserError: engine=dask needs Dask, {lacks} is not installed; run: {command_for('dask')}"
    )
