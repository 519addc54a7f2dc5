"""One at a time, among threads and processes, for each file that somebody makes."""

from __future__ import annotations

import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from tools.errors import UserError
from tools.files import make_directory, remove_leftovers_of


@contextmanager
def alone_with(file: Path) -> Iterator[None]:
    """Hold a lock beside ``file`` while the block runs, whoever else waits for it; remove what a killed holder left.

    It lies in ``.{name}.lock``, stays there, and is let go of by the kernel when its holder dies (flock(2)). Each
    entry opens it anew, so that threads of one process exclude each other, too.

    :raises UserError: where the file system has no locks, or the directory cannot be written.
    """
    lock = file.with_name(f".{file.name}.lock")
    make_directory(lock.parent)
    try:
        descriptor = os.open(lock, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o666)
    except OSError as error:
        raise UserError(f"{lock}: cannot be written: {error.strerror}") from None
    try:
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX)
        except OSError as error:
            raise UserError(
                f"{lock}: cannot be locked: {error.strerror}; set build_dir to a file system that has locks (flock)"
            ) from None
        remove_leftovers_of(file)
        yield
    finally:
        os.close(descriptor)
