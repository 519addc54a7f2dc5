"""What an ELF file says of itself: type, machine, SONAME, NEEDED, RPATH, highest glibc version.

Files come from outside: every table is bounded before it is read, so that a damaged file is a sentence, not a
hang.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any, BinaryIO

from tools.elf.model import ElfFacts
from tools.errors import UserError

if TYPE_CHECKING:
    from elftools.elf.elffile import ELFFile

MAGIC = b"\x7fELF"
_LOADABLE = (2, 3)  # e_type ET_EXEC and ET_DYN: the ones that have program headers a loader reads
_HEADERS_LIMIT = 1 << 16  # bytes of program headers (Linux, fs/binfmt_elf.c, load_elf_phdrs)
_DYNAMIC_LIMIT = 1 << 13  # entries of the dynamic section; real ones have some dozens
_VERSIONS_LIMIT = 1 << 12  # version records; real files have some dozens
_STRING_LIMIT = 1 << 16  # bytes of one string
_PIE = 0x08000000  # DF_1_PIE in DT_FLAGS_1
_GLIBC = re.compile(rb"GLIBC_(\d{1,4}(?:\.\d{1,4}){1,3})")
_IMPLIED = {b"GLIBC_ABI_DT_RELR": b"GLIBC_2.36"}  # glibc's NEWS for 2.36: loads packed relative relocations


def read_elf_facts(file: BinaryIO, size: int) -> ElfFacts | None:
    """Return the facts of the ELF file of ``size`` bytes, or None when it is no ELF file.

    Reads some kilobytes wherever they lie, whatever the size; of a file of another kind, 64 bytes.

    :raises UserError: when the file is truncated or damaged; the message does not name the file.
    """
    file.seek(0)
    if not file.read(64).startswith(MAGIC):
        return None
    return _Reader(file, size).facts()


class _Reader:
    def __init__(self, file: BinaryIO, size: int) -> None:
        from elftools.elf.elffile import ELFFile

        self.file, self.size = file, size
        try:
            self.elf: ELFFile = ELFFile(file)
        except Exception as error:  # pyelftools lets KeyError, AssertionError and others through
            raise _damaged(f"its header cannot be read: {error or type(error).__name__}") from None
        self.structs = self.elf.structs
        self.segments = self._segments()

    def facts(self) -> ElfFacts:
        self._check_extent()
        dynamic = self._dynamic()
        names = self._names(dynamic)
        flags = dict(dynamic).get("DT_FLAGS_1", 0)
        return ElfFacts(
            type=self._number(16),
            machine=self._number(18),
            bits=self.elf.elfclass,
            interpreter=next(self._with_bytes("PT_INTERP"), None) is not None,
            dynamic=bool(dynamic),
            pie=bool(flags & _PIE),
            soname=_last(names, "DT_SONAME"),
            needed=tuple(name for tag, name in names if tag == "DT_NEEDED"),
            rpath=_last(names, "DT_RPATH"),
            runpath=_last(names, "DT_RUNPATH"),
            glibc=self._glibc(dict(dynamic)),
        )

    def _number(self, offset: int) -> int:
        return int.from_bytes(self._read(offset, 2), "little" if self.elf.little_endian else "big")

    def _segments(self) -> list[Any]:
        header, form = self.elf.header, self.structs.Elf_Phdr
        if self._number(16) not in _LOADABLE or not header.e_phnum:
            return []
        if header.e_phentsize != form.sizeof() or header.e_phnum * form.sizeof() > _HEADERS_LIMIT:
            raise _damaged(f"{header.e_phnum} program headers of {header.e_phentsize} bytes")
        return [self._parse(form, header.e_phoff + n * form.sizeof()) for n in range(header.e_phnum)]

    def _check_extent(self) -> None:
        header = self.elf.header
        ends = [header.e_shoff + header.e_shnum * header.e_shentsize if header.e_shoff else 0]
        ends += [segment.p_offset + segment.p_filesz for segment in self._with_bytes("PT_LOAD")]
        if max(ends) > self.size:
            raise UserError(f"is a truncated ELF file: {self.size} bytes, its headers tell of {max(ends)}")

    def _with_bytes(self, kind: str) -> Iterator[Any]:
        # A file that holds split debug information keeps the program headers, without their bytes.
        return (segment for segment in self.segments if segment.p_type == kind and segment.p_filesz)

    def _dynamic(self) -> list[tuple[str | int, int]]:
        segment = next(self._with_bytes("PT_DYNAMIC"), None)
        if segment is None:
            return []
        form = self.structs.Elf_Dyn
        entries: list[tuple[str | int, int]] = []
        for n in range(min(segment.p_filesz // form.sizeof(), _DYNAMIC_LIMIT)):
            entry = self._parse(form, segment.p_offset + n * form.sizeof())
            if entry.d_tag == "DT_NULL":
                return entries
            entries.append((entry.d_tag, entry.d_val))
        raise _damaged("its dynamic section has no end")

    def _names(self, dynamic: list[tuple[str | int, int]]) -> list[tuple[str | int, str]]:
        wanted = {"DT_SONAME", "DT_NEEDED", "DT_RPATH", "DT_RUNPATH"}
        entries, values = [(tag, value) for tag, value in dynamic if tag in wanted], dict(dynamic)
        # as they lie in the file: a member of a wheel is unpacked on the way
        texts = {value: self._text(self._string(values, value)) for value in sorted({value for _, value in entries})}
        return [(tag, texts[value]) for tag, value in entries]

    def _glibc(self, dynamic: dict[str | int, int]) -> str | None:
        if "DT_VERNEED" not in dynamic:
            return None
        names = (self._string(dynamic, offset) for offset in sorted({*self._version_names(dynamic["DT_VERNEED"])}))
        matches = (_GLIBC.fullmatch(_IMPLIED.get(name, name)) for name in names)
        versions = (tuple(map(int, match[1].split(b"."))) for match in matches if match)
        return ".".join(map(str, max(versions, default=()))) or None

    def _version_names(self, address: int) -> Iterator[int]:
        """Yield the string offsets of the versions needed (LSB Core, 10.7.4: .gnu.version_r)."""
        offset, records = self._offset(address), 0
        while True:
            need = self._parse(self.structs.Elf_Verneed, offset)
            records += 1 + need.vn_cnt
            if records > _VERSIONS_LIMIT:
                raise _damaged("its version table has no end")
            item = offset + need.vn_aux
            for _ in range(need.vn_cnt):
                version = self._parse(self.structs.Elf_Vernaux, item)
                yield version.vna_name
                item += version.vna_next
            if not need.vn_next:
                return
            offset += need.vn_next

    def _string(self, dynamic: dict[str | int, int], offset: int) -> bytes:
        if "DT_STRTAB" not in dynamic or offset >= dynamic.get("DT_STRSZ", 0):
            raise _damaged(f"string {offset} lies outside its string table")
        start, text = self._offset(dynamic["DT_STRTAB"]) + offset, b""
        while len(text) < _STRING_LIMIT and start + len(text) < self.size:
            block = self._read(start + len(text), min(256, self.size - start - len(text)))
            head, end, _ = block.partition(b"\0")
            text += head
            if end:
                return text
        raise _damaged(f"string {offset} has no end")

    def _text(self, name: bytes) -> str:
        try:
            return name.decode()
        except UnicodeDecodeError:
            raise _damaged(f"the name {name!r} is not UTF-8") from None

    def _offset(self, address: int) -> int:
        for segment in self._with_bytes("PT_LOAD"):
            if 0 <= address - segment.p_vaddr < segment.p_filesz:
                return int(segment.p_offset + address - segment.p_vaddr)
        raise _damaged(f"address {address:#x} lies in no loadable segment")

    def _parse(self, form: Any, offset: int) -> Any:
        return form.parse(self._read(offset, form.sizeof()))

    def _read(self, offset: int, length: int) -> bytes:
        if offset + length <= self.size:
            self.file.seek(offset)
            content = self.file.read(length)
            if len(content) == length:
                return content
        raise UserError(f"is a truncated ELF file: {self.size} bytes, {length} wanted at {offset}")


def _last(names: list[tuple[str | int, str]], tag: str) -> str | None:
    return dict(names).get(tag)  # the loader, too, takes the last of several


def _damaged(reason: str) -> UserError:
    return UserError(f"is a damaged ELF file: {reason}")
