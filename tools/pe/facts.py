"""What a PE file says of itself: machine, imports, exports, forwarders, signature, version.

Files come from outside: every table is bounded before it is read, so that a damaged file is a sentence, not a hang.
"""

from __future__ import annotations

import struct
from collections.abc import Iterable, Iterator
from typing import BinaryIO

from tools.pe.image import DELAY_IMPORT, EXPORT, IMPORT, SECURITY, Image, damaged
from tools.pe.model import PeFacts, PeImport
from tools.pe.version import file_version

MAGIC = b"MZ"
_DLL = 0x2000  # IMAGE_FILE_DLL
_LIBRARIES_LIMIT = 1 << 12  # DLLs that one file imports from; real ones have some dozens
_SYMBOLS_LIMIT = 1 << 18  # symbols that one file imports; torch_python.dll has 9,000
_FUNCTIONS_LIMIT = 1 << 16  # an ordinal's index has 16 bits
_NAMES_LIMIT = 1 << 17  # exported names; torch_cpu.dll has 62,000
_BY_ADDRESS = 1  # Attributes of a delay import: its fields are relative addresses


def read_pe_facts(file: BinaryIO, size: int) -> PeFacts | None:
    """Return the facts of the PE file of ``size`` bytes, or None when it is no PE file.

    Reads the tables wherever they lie, never the file; of a file of another kind, 64 bytes. A file for DOS and what
    only begins with "MZ" are no PE files.

    :raises UserError: when the file is truncated or damaged; the message does not name the file.
    """
    file.seek(0)
    head = file.read(64)
    if len(head) < 64 or not head.startswith(MAGIC):
        return None
    start: int = struct.unpack_from("<I", head, 60)[0]  # e_lfanew
    file.seek(start)
    if start + 24 > size or file.read(4) != b"PE\0\0":
        return None
    return _facts(Image(file, size, start))


def _facts(image: Image) -> PeFacts:
    exports = _Exports(image)
    signature = image.directory(SECURITY).size
    return PeFacts(
        machine=image.machine,
        bits=64 if image.is_plus else 32,
        library=bool(image.characteristics & _DLL),
        subsystem=image.subsystem,
        name=exports.name,
        imports=tuple(_imports(image)),
        delayed=tuple(_delayed(image)),
        exports=tuple(sorted(exports.names)),
        ordinals=tuple(_ranges(exports.ordinals)),
        forwards=tuple(sorted(exports.forwards())),
        signature=signature,
        overlay=max(0, image.size - image.end - signature),
        version=file_version(image),
    )


def _imports(image: Image) -> Iterator[PeImport]:
    table, _ = image.directory(IMPORT)
    for n in range(_LIBRARIES_LIMIT) if table else ():
        lookup, _, _, name, addresses = image.unpack_at("<5I", table + 20 * n)
        if not name or not addresses:
            return
        yield PeImport(image.text_at(name), tuple(_symbols(image, lookup or addresses, 0)))
    if table:
        raise damaged("its import table has no end")


def _delayed(image: Image) -> Iterator[PeImport]:
    table, size = image.directory(DELAY_IMPORT)
    for n in range(_LIBRARIES_LIMIT) if table and size else ():
        attributes, name, _, addresses, names = image.unpack_at("<5I", table + 32 * n)
        if not name:
            return
        base = 0 if attributes & _BY_ADDRESS else image.base  # before Visual C++ 7 they were whole addresses
        yield PeImport(image.text_at(name - base), tuple(_symbols(image, (names or addresses) - base, base)))
    if table and size:
        raise damaged("its table of delayed imports has no end")


def _symbols(image: Image, table: int, base: int) -> Iterator[str]:
    form, width = ("<Q", 8) if image.is_plus else ("<I", 4)
    for n in range(_SYMBOLS_LIMIT):
        value: int = image.unpack_at(form, table + width * n)[0]
        if not value:
            return
        if value >> (8 * width - 1):
            yield f"#{value & 0xFFFF}"
        else:
            yield image.text_at((value & 0xFFFFFFFF) - base + 2)  # behind the hint
    raise damaged("a table of imported symbols has no end")


class _Exports:
    """The export directory; everything is empty where there is none."""

    def __init__(self, image: Image) -> None:
        self.image, self.directory = image, image.directory(EXPORT)
        self.name: str | None = None
        self.base, self.functions, self.names = 0, (), {}  # type: int, tuple[int, ...], dict[str, int]
        if self.directory.address and self.directory.size:
            self._read()

    @property
    def ordinals(self) -> Iterator[int]:
        """Yield the exported ordinals, in order."""
        return (self.base + index for index, address in enumerate(self.functions) if address)

    def forwards(self) -> Iterator[tuple[str, str]]:
        """Yield each export that is another DLL's, and what it leads to."""
        named = set(self.names.values())
        rows = [*self.names.items(), *((f"#{self.base + n}", n) for n in range(len(self.functions)) if n not in named)]
        for name, index in rows:
            address = self.functions[index]
            if 0 <= address - self.directory.address < self.directory.size:
                yield name, self.image.text_at(address)

    def _read(self) -> None:
        form = "<12xIIIIIII"
        name, self.base, functions, names, *tables = self.image.unpack_at(form, self.directory.address)
        if functions > _FUNCTIONS_LIMIT or names > _NAMES_LIMIT:
            raise damaged(f"it exports {functions} functions under {names} names")
        self.name = self.image.text_at(name) if name else None
        self.functions = self._array("I", functions, tables[0])
        indexes = self._array("H", names, tables[2])
        self.names = {
            self.image.text_at(address): index
            for address, index in zip(self._array("I", names, tables[1]), indexes, strict=True)
        }
        if any(index >= functions for index in indexes):
            raise damaged("it exports a name that no function belongs to")

    def _array(self, form: str, length: int, address: int) -> tuple[int, ...]:
        return tuple(self.image.unpack_at(f"<{length}{form}", address)) if length else ()


def _ranges(numbers: Iterable[int]) -> Iterator[tuple[int, int]]:
    """Yield first and last of each run of numbers that follow each other."""
    first = last = None
    for number in numbers:
        if last is not None and number == last + 1:
            last = number
            continue
        if first is not None and last is not None:
            yield first, last
        first = last = number
    if first is not None and last is not None:
        yield first, last
