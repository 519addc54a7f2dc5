"""The members of a plain tar, read off its headers; contents are not read."""

from __future__ import annotations

import os
import stat
from collections.abc import Iterator
from pathlib import Path

from tools.artifact.tar_header import BLOCK, ZEROS, Damaged, check, link_of, name_of, number, records, size_of
from tools.artifact.tar_tree import Member, shown, tree
from tools.errors import UserError

WINDOW = 4096  # bytes read at a time: an extended header, its records and the header it belongs to, and more
LONGEST_EXTENSION = 1 << 16  # bytes of an extended header or a long name; a path has 4,096 at most (PATH_MAX)
MOST_MEMBERS = 1 << 21  # fifty times what a whole tree of artifacts has; each takes half a kilobyte of memory

FILE, HARD_LINK, LINK, DIRECTORY = "file", "hard link", "link", "dir"
_KINDS = {0x30: FILE, 0x00: FILE, 0x37: FILE, 0x31: HARD_LINK, 0x32: LINK, 0x35: DIRECTORY}  # "0", NUL, "7", "1" ...
_REFUSED = {0x33: "a device", 0x34: "a device", 0x36: "a FIFO", 0x53: "a sparse file", 0x4D: "a part of a volume"}
_EXTENDED, _GLOBAL, _LONG_NAME, _LONG_LINK = 0x78, 0x67, 0x4C, 0x4B  # "x", "g", "L", "K"
_TELLING = (b"path=", b"size=", b"GNU.sparse.")  # what an extended header of interest has; most have a time alone
_MEANT_FOR_ONE = {b"path", b"linkpath", b"size"}  # keys that cannot be right for all members that follow


def read_members(tar: Path) -> list[Member]:
    """Return what the archive holds, in order of path: files, links, and the directories that are empty.

    A hard link is a file at the offset of what it names, which may come later.

    :raises UserError: when the file is no tar, is cut short, or holds a member that has no place in an artifact.
    """
    try:
        descriptor = os.open(tar, os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC)
    except OSError as error:
        raise UserError(f"{tar}: cannot be read: {error.strerror}") from None
    try:
        facts = os.fstat(descriptor)
        if not stat.S_ISREG(facts.st_mode):
            raise UserError(f"{tar}: is no file; an archive must be one")
        return tree(list(_Reader(descriptor, facts.st_size).members()))
    except Damaged as error:
        raise UserError(f"{tar}: {error}; it must be made again") from None
    except OSError as error:
        raise UserError(f"{tar}: cannot be read: {error.strerror}") from None
    finally:
        os.close(descriptor)


class _Reader:
    """Goes from header to header."""

    def __init__(self, descriptor: int, size: int) -> None:
        self._descriptor, self._size = descriptor, size
        self._window, self._start = b"", 0  # what was read last, and where it begins
        self._extended: dict[bytes, bytes] = {}  # for the next member

    def members(self) -> Iterator[Member]:
        """Yield every member in the archive's order; hard links have the kind and target of one.

        :raises Damaged: naming the member.
        """
        position, count = 0, 0
        while (block := self._read(position, BLOCK)) != ZEROS:
            try:
                check(block)
            except Damaged as error:
                raise Damaged(f"the block at byte {position:,} {error}") from None
            kind = _KINDS.get(block[156])
            if kind is None:
                position = self._special(block, position + BLOCK)
                continue
            member = self._member(block, kind, position + BLOCK)
            yield member
            self._extended = {}
            position = member.offset + _padded(member.size)
            count += 1
            if count > MOST_MEMBERS:
                raise Damaged(f"holds more than {MOST_MEMBERS:,} members")
        if self._extended:
            raise Damaged("ends with an extended header that belongs to no member")

    def _member(self, block: bytes, kind: str, offset: int) -> Member:
        extended = self._extended
        name = extended.get(b"path") or name_of(block)
        path = _text(name)
        try:
            size = size_of(extended, block) if kind == FILE else 0
            mode = number(block[100:108]) & 0o7777
        except Damaged as error:
            raise Damaged(f"{shown(path)} {error}") from None
        if path.endswith("/"):
            if size:
                raise Damaged(f"{shown(path)} has the name of a directory and {size:,} bytes of content")
            kind, path = (DIRECTORY if kind == FILE else kind), path.rstrip("/")
        if path.startswith("./"):
            path = path.removeprefix("./")  # as `tar -c .` writes it
        if offset + size > self._size:
            raise Damaged(f"{shown(path)} goes on for {offset + size - self._size:,} bytes behind the archive's end")
        if kind in (LINK, HARD_LINK):
            return Member(path, kind, mode, 0, _text(extended.get(b"linkpath") or link_of(block)), offset)
        return Member(path, kind, mode, size, "", offset)

    def _special(self, block: bytes, offset: int) -> int:
        """Take in a header that says something of the next one, and return where that is."""
        flag, name = block[156], _text(name_of(block))
        if flag not in (_EXTENDED, _GLOBAL, _LONG_NAME, _LONG_LINK):
            path = _text(self._extended.get(b"path", b"")) or name
            raise Damaged(f"{shown(path)} is {_REFUSED.get(flag, f'of a type ({chr(flag)!r}) that no artifact holds')}")
        try:
            size = number(block[124:136])
            if size > LONGEST_EXTENSION:
                raise Damaged(f"has an extended header of {size:,} bytes; {LONGEST_EXTENSION:,} are allowed")
            self._extend(flag, self._read(offset, size))
        except Damaged as error:
            raise Damaged(f"{shown(name)} {error}") from None
        return offset + _padded(size)

    def _extend(self, flag: int, content: bytes) -> None:
        if flag in (_LONG_NAME, _LONG_LINK):
            key = b"path" if flag == _LONG_NAME else b"linkpath"
            self._note({key: content.partition(b"\0")[0]})
            return
        if not any(key in content for key in _TELLING):
            return
        found = records(content)
        if flag == _EXTENDED:
            if sparse := [key for key in found if key.startswith(b"GNU.sparse.")]:
                raise Damaged(f"is a sparse file ({_text(sparse[0])})")
            self._note({key: value for key, value in found.items() if key in _MEANT_FOR_ONE})
        elif wrong := _MEANT_FOR_ONE & set(found):
            keys = ", ".join(sorted(map(_text, wrong)))
            raise Damaged(f"is a header for all members that follow, and sets {keys}")

    def _note(self, found: dict[bytes, bytes]) -> None:
        if twice := self._extended.keys() & found.keys():
            raise Damaged(f"has two extended headers with {', '.join(sorted(map(_text, twice)))}")
        self._extended |= found

    def _read(self, position: int, size: int) -> bytes:
        begin = position - self._start
        part = self._window[begin : begin + size] if begin >= 0 else b""
        if len(part) < size:
            self._window = os.pread(self._descriptor, max(size, WINDOW), position)
            self._start = position
            part = self._window[:size]
            if len(part) < size:
                raise Damaged(f"is cut short: it ends at byte {self._size:,}, where a header should follow")
        return part


def _padded(size: int) -> int:
    return -(-size // BLOCK) * BLOCK


def _text(name: bytes) -> str:
    return name.decode("utf-8", "surrogateescape")
