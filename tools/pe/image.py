"""The headers of a PE file, and its bytes by address. Microsoft, "PE Format"; offsets below are that text's."""

from __future__ import annotations

import struct
from bisect import bisect_right
from collections.abc import Sequence
from typing import Any, BinaryIO, NamedTuple

from tools.errors import UserError

EXPORT, IMPORT, RESOURCE, SECURITY, DELAY_IMPORT = 0, 1, 2, 4, 13  # indexes of data directories
PE32, PE32_PLUS = 0x10B, 0x20B  # magic numbers of the optional header

_BLOCK = 1 << 14  # bytes read at a time
_KEPT = 16  # blocks
_READ_LIMIT = 1 << 27  # bytes read of one file; torch_cpu.dll, with 70,000 symbols, takes 11 MiB
_SECTIONS_LIMIT = 96  # "the Windows loader limits the number of sections to 96"
_STRING_LIMIT = 1 << 16  # bytes of one string
_SECTION = struct.Struct("<8sIIII16x")  # name, virtual size, address, raw size, raw pointer


class Directory(NamedTuple):
    """Where a table lies: an address, but for SECURITY an offset in the file; and its size. 0, 0: there is none."""

    address: int
    size: int


class Section(NamedTuple):
    """Bytes of the file that are mapped at ``address``."""

    address: int
    offset: int
    size: int  # of the bytes in the file


class Image:
    """An open PE file of ``size`` bytes.

    :raises UserError: from everything, when the file is truncated or damaged; the message does not name the file.
    """

    def __init__(self, file: BinaryIO, size: int, start: int) -> None:
        self._file, self._size = file, size
        self._blocks: dict[int, bytes] = {}
        self._read_bytes = 0
        self.machine, sections, optional_size, self.characteristics = self.unpack("<HH12xHH", start + 4)
        self._header = start + 24  # of the optional header
        self.magic: int = self.unpack("<H", self._header)[0]
        if self.magic not in (PE32, PE32_PLUS):
            raise damaged(f"its optional header has the magic number {self.magic:#x}")
        self.base: int = self.unpack("<Q", self._header + 24)[0] if self.is_plus else self._number(28)
        self._headers_size = self._number(60)
        self.subsystem: int = self.unpack("<H", self._header + 68)[0]
        self._directories = self._read_directories(optional_size)
        self.sections = self._read_sections(self._header + optional_size, sections)
        self._addresses = [section.address for section in self.sections]
        self._check_extent()

    @property
    def is_plus(self) -> bool:
        """Say whether addresses have 64 bits."""
        return self.magic == PE32_PLUS

    @property
    def end(self) -> int:
        """Return where the last section, or else the headers, end in the file."""
        return max([self._headers_size, *(section.offset + section.size for section in self.sections)])

    @property
    def size(self) -> int:
        """Return the size of the file in bytes."""
        return self._size

    def directory(self, index: int) -> Directory:
        """Return the data directory ``index``."""
        return self._directories[index] if index < len(self._directories) else Directory(0, 0)

    def offset(self, address: int) -> int:
        """Return where in the file the byte lies that is loaded to ``address``, relative to the image's base."""
        position = bisect_right(self._addresses, address) - 1
        if position >= 0:
            section = self.sections[position]
            if address - section.address < section.size:
                return section.offset + address - section.address
        elif 0 <= address < min(self._headers_size, self._size):
            return address
        raise damaged(f"address {address:#x} lies in no section")

    def unpack(self, form: str, offset: int) -> Sequence[Any]:
        """Return the numbers at ``offset`` of the file."""
        return struct.unpack(form, self.read(offset, struct.calcsize(form)))

    def unpack_at(self, form: str, address: int) -> Sequence[Any]:
        """Return the numbers that are loaded to ``address``."""
        return self.unpack(form, self.offset(address))

    def text_at(self, address: int) -> str:
        """Return the string that is loaded to ``address``."""
        start, content = self.offset(address), b""
        while len(content) < _STRING_LIMIT and start + len(content) < self._size:
            position = start + len(content)
            head, end, _ = self._block(position // _BLOCK)[position % _BLOCK :].partition(b"\0")
            content += head
            if end:
                return _decoded(content)
        raise damaged(f"the string at address {address:#x} has no end")

    def read(self, offset: int, length: int) -> bytes:
        """Return ``length`` bytes from ``offset`` of the file."""
        if offset < 0 or offset + length > self._size:
            raise UserError(f"is a truncated PE file: {self._size} bytes, {length} wanted at {offset}")
        first, last = offset // _BLOCK, max(offset, offset + length - 1) // _BLOCK
        content = b"".join(self._block(number) for number in range(first, last + 1))
        start = offset - first * _BLOCK
        return content[start : start + length]

    def _block(self, number: int) -> bytes:
        block = self._blocks.get(number)
        if block is None:
            self._read_bytes += _BLOCK
            if self._read_bytes > _READ_LIMIT:
                raise damaged(f"its tables are scattered over more than {_READ_LIMIT >> 20} MiB")
            self._file.seek(number * _BLOCK)
            block = self._blocks[number] = self._file.read(_BLOCK)
            if len(self._blocks) > _KEPT:
                del self._blocks[next(iter(self._blocks))]
            if len(block) < min(_BLOCK, self._size - number * _BLOCK):
                raise UserError(f"is a truncated PE file: {self._size} bytes were told, fewer are there")
        return block

    def _number(self, offset: int) -> int:
        number: int = self.unpack("<I", self._header + offset)[0]
        return number

    def _read_directories(self, optional_size: int) -> list[Directory]:
        start = 112 if self.is_plus else 96
        room = max(0, optional_size - start) // 8
        count = min(self._number(start - 4), room, 16)
        return [Directory(*self.unpack("<II", self._header + start + 8 * n)) for n in range(count)]

    def _read_sections(self, start: int, count: int) -> list[Section]:
        if count > _SECTIONS_LIMIT:
            raise damaged(f"{count} sections")
        rows = [_SECTION.unpack(self.read(start + n * _SECTION.size, _SECTION.size)) for n in range(count)]
        sections = [Section(address, pointer, raw if pointer else 0) for _, _, address, raw, pointer in rows]
        if sections != sorted(sections, key=lambda section: section.address):
            raise damaged("its sections are not in the order of their addresses")
        return sections

    def _check_extent(self) -> None:
        signature = self.directory(SECURITY)
        ends = [section.offset + section.size for section in self.sections if section.size]
        end = max([*ends, signature.address + signature.size])
        if end > self._size:
            raise UserError(f"is a truncated PE file: {self._size} bytes, its headers tell of {end}")


def damaged(reason: str) -> UserError:
    """Return the error for a file that no loader would take."""
    return UserError(f"is a damaged PE file: {reason}")


def _decoded(content: bytes) -> str:
    try:
        return content.decode()
    except UnicodeDecodeError:
        raise damaged(f"the name {content!r} is not UTF-8") from None
