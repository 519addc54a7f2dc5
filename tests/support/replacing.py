"""What may become of a file between two looks at it."""

from __future__ import annotations

import os
import socket
from pathlib import Path


def become_a_link(file: Path) -> None:
    """Put a link to it in its place."""
    file.rename(file.with_name("moved"))
    file.symlink_to("moved")


def become_a_fifo(file: Path) -> None:
    file.unlink()
    os.mkfifo(file)


def become_a_socket(file: Path) -> None:
    file.unlink()
    with socket.socket(socket.AF_UNIX) as one:
        one.bind(str(file))


def become_a_directory(file: Path) -> None:
    file.unlink()
    file.mkdir()


def become_an_equal_one(file: Path) -> None:
    """Put another file with the same bytes in its place."""
    content = file.read_bytes()
    file.rename(file.with_name("old"))
    file.write_bytes(content)
