"""One build at a time in a build directory."""

from __future__ import annotations

import fcntl
import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from tools.errors import UserError
from tools.workers.fence import FENCE, close_fence

LOCK_FILE = "lock"
PATIENCE = 60.0  # seconds for jobs on other machines, which end within two of their run's end if the network is sound
_held: list[int] = []  # descriptors of the locks that this process holds


@contextmanager
def build_lock(directory: Path, *, wait: bool) -> Iterator[bool]:
    """Hold the lock of ``directory`` while the block runs; yield whether the last holder died with it in hand.

    The kernel lets go of it when the process dies (flock(2)). When another
    process holds it, say which on stderr and wait, or give up if ``wait`` is false.

    :raises UserError: when it is held and ``wait`` is false, or when the lock file cannot be written.
    """
    path = directory / LOCK_FILE
    try:
        directory.mkdir(parents=True, exist_ok=True)
        descriptor = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o666)
    except OSError as error:
        raise UserError(f"{path}: cannot be written: {error.strerror}") from None
    try:
        _acquire(descriptor, path, wait)
        _wait_for_jobs(directory / FENCE)
        died = os.fstat(descriptor).st_size > 0
        os.ftruncate(descriptor, 0)
        os.pwrite(descriptor, str(os.getpid()).encode(), 0)
        _held.append(descriptor)
        yield died
        let_go()
    finally:
        if descriptor in _held:
            _held.remove(descriptor)  # the block was left by an exception: the next holder must learn of it
        os.close(descriptor)


def let_go() -> None:
    """Release the lock before its block ends: what is left to do builds nothing."""
    while _held:
        descriptor = _held.pop()
        os.ftruncate(descriptor, 0)
        fcntl.flock(descriptor, fcntl.LOCK_UN)


def held() -> tuple[int, ...]:
    """Return the descriptors of the locks that this process holds. Whoever has one open keeps the lock held."""
    return tuple(_held)


def is_held() -> bool:
    """Say whether this process holds a lock."""
    return bool(_held)


def _wait_for_jobs(fence: Path) -> None:
    """Wait for what an earlier run, which was killed, had other machines do: a killed job lets go of the fence."""
    if close_fence(fence, 0.0):
        return
    print(f"waiting for jobs of an earlier run on other machines (they hold {fence})", file=sys.stderr, flush=True)
    if not close_fence(fence, PATIENCE):
        raise UserError(
            f"{fence}: jobs of an earlier run are still at work on other machines; end the workers of Dask there"
        )


def _acquire(descriptor: int, path: Path, wait: bool) -> None:
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError as error:
        if not isinstance(error, BlockingIOError):  # Lustre without flock, NFS without lockd
            raise UserError(
                f"build_dir: {path.parent}: its file system has no locks ({error.strerror}); name a directory on a "
                "local disk, such as build_dir=/tmp/rocm-wheels"
            ) from None
        holder = os.pread(descriptor, 20, 0).decode("ascii", "replace") or "unknown"
        if not wait:
            raise UserError(f"another build is at work here (process {holder} holds {path})") from None
        print(f"waiting for another build (process {holder} holds {path})", file=sys.stderr, flush=True)
        fcntl.flock(descriptor, fcntl.LOCK_EX)
