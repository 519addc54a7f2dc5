# ruff: noqa: PTH118
# Locks are taken on descriptors.
"""One process at a time in a devel tree; the system frees the lock of a process that is killed."""

from __future__ import annotations

import os
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

if sys.platform != "win32":
    import fcntl

LOCK_FILE = ".rocm-sdk-lock"  # only where directories cannot be locked: Windows, some network file systems
RETRY = 0.05  # seconds


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
    descriptor = os.open(os.path.join(root, LOCK_FILE), os.O_RDWR | os.O_CREAT, 0o666)
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
            fcntl.lockf(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            return False
        except PermissionError:  # POSIX allows EACCES for a lock that is taken
            return False
        return True
