# ruff: noqa: PTH118, PTH119
# Locks are taken on descriptors.
"""One process at a time in a devel tree; the system frees the lock of a process that is killed."""

from __future__ import annotations

import os
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from rocm_sdk_core._site import LINKS

if sys.platform != "win32":
    import fcntl

RETRY = 0.05  # seconds
FAR = 1 << 30  # where a byte of a file is locked: behind its end, so that nobody's reading is in the way


@contextmanager
def locked(root: str, waiting: Callable[[], None]) -> Iterator[None]:
    """Hold the lock of the directory ``root``; ``waiting`` is called once if another process has it."""
    descriptor, take = _lockable(root)
    try:
        told = False
        while not take():
            if not told:
                waiting()
                told = True
            time.sleep(RETRY)
        yield
    finally:
        os.close(descriptor)


def _lock_file(root: str) -> tuple[int, Callable[[], bool]]:
    """Lock the link table where directories cannot be locked: on Windows, on some network file systems.

    A file made for it would stay when a process is killed before RECORD names the root.
    """
    table = os.path.join(root, os.path.basename(root)[1:] + LINKS)
    descriptor = os.open(table, os.O_RDONLY if sys.platform == "win32" else os.O_RDWR)  # POSIX wants it to be writable
    os.lseek(descriptor, FAR, os.SEEK_SET)
    if sys.platform == "win32":
        return descriptor, lambda: _try_range(descriptor)
    try:
        _try_range(descriptor)
    except OSError:  # Lustre without flock, NFS without lockd: steps are renames, so two at once do no harm
        return descriptor, lambda: True
    return descriptor, lambda: _try_range(descriptor)


if sys.platform == "win32":
    import msvcrt

    _lockable = _lock_file

    def _try_range(descriptor: int) -> bool:
        try:
            msvcrt.locking(descriptor, msvcrt.LK_NBLCK, 1)
        except OSError:
            return False
        return True

else:

    def _lockable(root: str) -> tuple[int, Callable[[], bool]]:
        descriptor = os.open(root, os.O_RDONLY | os.O_CLOEXEC)
        try:
            _try_flock(descriptor)
        except OSError:
            os.close(descriptor)
            return _lock_file(root)
        return descriptor, lambda: _try_flock(descriptor)

    def _try_flock(descriptor: int) -> bool:
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            return False
        return True

    def _try_range(descriptor: int) -> bool:
        try:
            fcntl.lockf(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB, 1, FAR)
        except BlockingIOError:
            return False
        except PermissionError:  # POSIX allows EACCES for a lock that is taken
            return False
        return True
