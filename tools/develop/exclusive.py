"""One run at a time in an environment, and a place there for files that have no name yet."""

from __future__ import annotations

import fcntl
import os
import shutil
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager, suppress
from pathlib import Path

from tools.develop.environment import Environment
from tools.errors import UserError

PARTS = ".rocm-develop"  # in the environment: on the disk that files are moved to
TREES = "_rocm_*devel*"  # in site-packages


@contextmanager
def exclusive(environment: Environment, *, wait: bool) -> Iterator[int]:
    """Hold the environment while the block runs; what a killed run left half written is removed before.

    The lock is the directory's own (flock(2)), so that no file of it stays behind. Yield its descriptor: a process
    that has inherited it keeps the environment held when this one was killed.

    :raises UserError: when another run is at work there and ``wait`` is false.
    """
    descriptor = os.open(environment.directory, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        _acquire(descriptor, environment, wait)
        parts = environment.directory / PARTS
        shutil.rmtree(parts, ignore_errors=True)
        try:
            yield descriptor
        finally:
            shutil.rmtree(parts, ignore_errors=True)
    finally:
        os.close(descriptor)


@contextmanager
def trees_held(environment: Environment) -> Iterator[None]:
    """Let no runtime make links of a devel tree while the block replaces what they lead to.

    This is the runtime's own lock, see ``_lock.py`` of rocm_sdk_core.
    """
    with ExitStack() as stack:
        for tree in sorted(environment.site.glob(TREES)):
            if tree.is_symlink():  # an alias of a tree that is here, too: its lock would be waited for forever
                continue
            with suppress(OSError):  # one that cannot be locked so
                descriptor = os.open(tree, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
                stack.callback(os.close, descriptor)
                fcntl.flock(descriptor, fcntl.LOCK_EX)
        yield


def parts_of(environment: Environment) -> Path:
    """Return the directory for files that have no name yet, made now.

    :raises UserError: when it cannot be made.
    """
    parts = environment.directory / PARTS
    try:
        parts.mkdir(exist_ok=True)
    except OSError as error:
        raise UserError(f"venv: {environment.directory}: cannot be written: {error.strerror}") from None
    return parts


def _acquire(descriptor: int, environment: Environment, wait: bool) -> None:
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | (0 if wait else fcntl.LOCK_NB))
    except BlockingIOError:
        raise UserError(f"venv: another develop is at work in {environment.directory}; run again after it") from None
