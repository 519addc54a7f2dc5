"""What a browser shows of a dist, as PNG."""

from __future__ import annotations

import os
import shutil
import subprocess
import tempfile
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from tools.dist.serve import ServeRequest, make_server
from tools.errors import UserError
from tools.extra import command_for

PROGRAMS = ("chromium", "chromium-browser", "google-chrome")
HOST = "wheels.example"  # in the commands that the page shows: RFC 2606
COLOURS = 64
_PATIENCE = 60  # seconds


def check_browser() -> None:
    """Find out whether a page can be photographed.

    :raises UserError: without Chromium or Pillow.
    """
    _program()
    try:
        import PIL.Image  # noqa: F401 - whether it is there
    except ImportError:
        command = command_for("pictures")
        raise UserError(f"pictures need Pillow, which is not installed; run: {command}") from None


def photograph(dist: Path, path: Path, *, fragment: str, width: int, height: int) -> None:
    """Write a picture of the page of a dist, in a window of that size in CSS pixels and a light theme.

    :raises UserError: without Chromium, or when it gives no picture.
    """
    with _served(dist) as port, tempfile.TemporaryDirectory() as profile:
        shot = Path(profile) / "shot.png"
        command = [_program(), "--headless=new", "--disable-gpu", "--hide-scrollbars", f"--user-data-dir={profile}"]
        command += [f"--host-resolver-rules=MAP {HOST} 127.0.0.1:{port}", f"--window-size={width},{height}"]
        command += ["--force-device-scale-factor=1", f"--screenshot={shot}"]
        command += ["--no-sandbox"] * (os.geteuid() == 0)  # Chromium refuses to run as root with it
        done = subprocess.run(
            [*command, f"http://{HOST}/index.html#{fragment}"],
            capture_output=True,
            text=True,
            timeout=_PATIENCE,
            check=False,
            env={**os.environ, "HOME": profile},
        )
        if not shot.exists():
            raise UserError(f"{command[0]}: made no picture: {done.stderr.strip()[-500:]}")
        _make_small(shot, path)


def _program() -> str:
    found = next(filter(None, map(shutil.which, PROGRAMS)), None)
    if found is None:
        raise UserError("the picture of a page needs Chromium, which is not installed; on Debian: apt install chromium")
    return found


@contextmanager
def _served(dist: Path) -> Iterator[int]:
    with make_server(ServeRequest(dist_dir=dist, port=0)) as server:
        thread = threading.Thread(target=server.serve_forever, daemon=True)
        thread.start()
        try:
            yield server.server_address[1]
        finally:
            server.shutdown()
            thread.join()


def _make_small(shot: Path, path: Path) -> None:
    from PIL import Image

    with Image.open(shot) as image:
        few = image.convert("RGB").quantize(COLOURS, dither=Image.Dither.NONE)
        few.save(path, format="PNG", optimize=True)
