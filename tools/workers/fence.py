"""A file that lets jobs be at work on other machines for one run at a time: it lies where they write.

A run opens the fence, and each of its jobs holds a shared lock on it (flock(2)). Who closes the fence waits until the
last job is over, and from then on none begins: not even one that was under way to its machine. The kernel lets go of a
lock when its holder dies, also through NFS.
"""

from __future__ import annotations

import fcntl
import os
import secrets
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from tools.errors import UserError
from tools.files import make_directory

FENCE = "elsewhere"  # the file's name, in the build directory
_POLL = 0.05  # seconds between two tries


class Closed(UserError):
    """The run that a job belongs to is over."""


def open_fence(file: Path) -> str:
    """Let jobs that know the word that is returned begin, and no others. Wait for those of earlier runs.

    :raises UserError: when the file cannot be written or locked.
    """
    word = secrets.token_hex(8)
    make_directory(file.parent)
    descriptor = _opened(file, os.O_RDWR | os.O_CREAT)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX)
        os.ftruncate(descriptor, 0)
        os.pwrite(descriptor, word.encode(), 0)
    finally:
        os.close(descriptor)
    return word


def close_fence(file: Path, patience: float) -> bool:
    """Let no job begin any more; say whether none is at work, at the latest after ``patience`` seconds.

    If one still is, the fence stays as it was. A fence that is not there is closed.
    """
    deadline = time.monotonic() + patience
    try:
        descriptor = os.open(file, os.O_RDWR | os.O_CLOEXEC)
    except FileNotFoundError:
        return True
    try:
        while True:
            try:
                fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                if time.monotonic() >= deadline:
                    return False
                time.sleep(_POLL)
            else:
                os.ftruncate(descriptor, 0)
                return True
    finally:
        os.close(descriptor)


@contextmanager
def within(file: Path, word: str) -> Iterator[None]:
    """Hold the fence while a job runs.

    :raises Closed: when it is not open for those who know ``word``.
    :raises UserError: when the file is not there.
    """
    descriptor = _opened(file, os.O_RDWR)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_SH)
        if os.pread(descriptor, 100, 0) != word.encode():
            raise Closed(f"{file}: the run that this job belongs to is over")
        yield
    finally:
        os.close(descriptor)


def _opened(file: Path, flags: int) -> int:
    try:
        return os.open(file, flags | os.O_CLOEXEC, 0o666)
    except OSError as error:
        raise UserError(f"{file}: cannot be opened: {error.strerror}") from None
