# ruff: noqa: PTH101, PTH102, PTH113, PTH116, PTH118
# Calls relative to an open directory exist in os alone.
"""The changes that init makes on disk, each in one step: a kill leaves the old state or the new one."""

from __future__ import annotations

import errno
import os
import shutil
import stat
from contextlib import suppress
from pathlib import Path
from typing import BinaryIO

from rocm_sdk_core._errors import NoLinks
from rocm_sdk_core._tree import Place, Tree
from rocm_sdk_core._wanted import Found, Wanted

PART = "part"  # the one temporary name, in the state directory; who holds the lock owns it
OLD = "old"  # there, what a link takes the place of, if that is a directory
FATAL = (errno.ENOSPC, errno.EDQUOT, errno.EROFS, errno.ENOENT, errno.EEXIST, errno.EIO)  # a copy would fail, too
NO_SYMLINK = (errno.EPERM, errno.EOPNOTSUPP, errno.ENOSYS, errno.EINVAL)  # symlink(2); EPERM: FAT and exFAT


def make_link(tree: Tree, state: Tree, link: Wanted, found: Found) -> None:
    """Make ``link``, or put it in the place of what we made there before.

    Where nothing is, the link is made under its final name: that is one step too, and it never overwrites.
    """
    place = tree.place(link.path, create=True)
    part = state.place(PART)
    assert place is not None
    assert part is not None
    direct = found is Found.NOTHING
    aim = place if direct else _emptied(part)
    if not link.is_real:
        _symlink(tree.root, link, aim)
    elif not _hard_link(link.source, aim):
        _copy(link, _emptied(part))
        direct = False
    if not direct:
        _exchange(place, part, state)


def write_state(state: Tree, name: str, text: str) -> None:
    """Write a file of the state directory in one step."""
    part, place = state.place(PART), state.place(name)
    assert part is not None
    assert place is not None
    with _opened(_emptied(part)) as file:
        file.write(text.encode())
    os.chmod(part.name, mode_of(state.root) & 0o666, dir_fd=part.fd)
    part.rename_to(place)


def remove(tree: Tree, path: str) -> None:
    """Remove the link at ``path`` and the directories above it that have nothing else."""
    place = tree.place(path)
    if place is not None:
        place.unlink()
    parent = path.rpartition("/")[0]
    while parent:
        place = tree.place(parent)
        if place is None:
            return
        try:
            os.rmdir(place.name, dir_fd=place.fd)
        except OSError:  # not empty
            return
        parent = parent.rpartition("/")[0]


def state_tree(root: str, name: str) -> Tree:
    """Return the state directory of a devel tree, made if needed, cleaned of what a killed process left."""
    directory = os.path.join(root, name)
    with suppress(FileExistsError):
        os.mkdir(directory)
        os.chmod(directory, mode_of(root))
    shutil.rmtree(os.path.join(directory, OLD), ignore_errors=True)
    state = Tree(directory)
    part = state.place(PART)
    assert part is not None
    part.unlink()
    return state


def mode_of(root: str) -> int:
    """Return the mode of the root: who may read what the wheel brought may read what init makes, whatever its umask."""
    return os.stat(root).st_mode & 0o777


def _symlink(root: str, link: Wanted, aim: Place) -> None:
    try:
        os.symlink(link.claim.text, aim.name, target_is_directory=not os.path.isfile(link.source), dir_fd=aim.fd)
    except OSError as error:
        if error.errno not in NO_SYMLINK:
            raise
        raise NoLinks(
            f"{root}: this file system cannot hold symbolic links ({error.strerror}), of which a devel tree is made; "
            "install into a directory of another file system"
        ) from None


def _exchange(place: Place, part: Place, state: Tree) -> None:
    """Put ``part`` into the place of what is there. A directory is moved away first: nothing can be renamed over it."""
    status = place.status()
    if status is not None and stat.S_ISDIR(status.st_mode):
        old = state.place(OLD)
        assert old is not None
        place.rename_to(old)
        part.rename_to(place)
        shutil.rmtree(os.path.join(state.root, OLD), ignore_errors=True)
    else:
        part.rename_to(place)


def _hard_link(source: str, aim: Place) -> bool:
    try:
        os.link(source, aim.name, dst_dir_fd=aim.fd)
    except OSError as error:
        if error.errno in FATAL:
            raise
        return False  # another file system, one without hard links, or one that does not say so clearly, as Windows
    return True


def _copy(link: Wanted, part: Place) -> None:
    with Path(link.source).open("rb") as source, _opened(part) as file:
        shutil.copyfileobj(source, file, 1 << 20)
    os.chmod(part.name, link.mode, dir_fd=part.fd)
    status = os.stat(link.source)
    os.utime(part.name, ns=(status.st_atime_ns, status.st_mtime_ns), dir_fd=part.fd)


def _opened(place: Place) -> BinaryIO:
    flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL | getattr(os, "O_BINARY", 0) | getattr(os, "O_CLOEXEC", 0)
    return os.fdopen(os.open(place.name, flags, 0o666, dir_fd=place.fd), "wb")


def _emptied(place: Place) -> Place:
    place.unlink()
    return place
