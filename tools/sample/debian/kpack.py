"""Takes device code out of host libraries, into one archive a GPU target (the kpack-split layout)."""

from __future__ import annotations

import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from struct import Struct
from typing import BinaryIO

from tools.errors import UserError
from tools.files import atomic_write
from tools.sample.debian.fill import ArtifactSet

FATBIN = ".hip_fatbin"  # section of the offload bundles (LLVM, clang-offload-bundler)
BUNDLE = b"__CLANG_OFFLOAD_BUNDLE__"
ALIGNMENT = 4096  # bytes: every bundle begins on a page
BLOCK = 1 << 20  # bytes read or written at a time
_COUNT = Struct("<Q")  # entries of a bundle
_ENTRY = Struct("<QQQ")  # offset of the code in the bundle, its size, size of the name that follows
_NAME_LIMIT = 256  # bytes of an entry's name; real ones have some forty
_ENTRY_LIMIT = 1024  # entries of a bundle; real ones have some eight


@dataclass(frozen=True, slots=True, kw_only=True)
class CodeObject:
    """Where the code of one target lies in the file."""

    target: str
    offset: int
    size: int  # bytes


def split_device_code(artifact_set: ArtifactSet) -> None:
    """Move the device code of every library that has some into ``.kpack`` files of its targets' artifacts.

    The format of a ``.kpack`` belongs to ROCm: here it is a zlib stream of the code objects, opaque and as
    incompressible as the real one. The host library keeps its section, zeroed, so that its addresses stay.
    """
    for artifact in sorted(name for name, row in artifact_set.table.artifacts.items() if row.per == "family"):
        root = artifact_set.root / f"{artifact}_lib_generic"
        for library in sorted(path for path in root.rglob("*.so*") if path.is_file() and not path.is_symlink()):
            with library.open("r+b") as file:
                if section := _section(file):
                    _split(artifact_set, library.relative_to(artifact_set.root), file, section)


def code_objects(file: BinaryIO, offset: int, size: int) -> Iterator[CodeObject]:
    """Yield the code objects of all bundles in the ``size`` bytes at ``offset``, in the file's order.

    :raises UserError: when a bundle is damaged.
    """
    end = offset + size
    while offset < end:
        file.seek(offset)
        if file.read(len(BUNDLE)) != BUNDLE:
            offset += ALIGNMENT
            continue
        found = list(_bundle(file, offset, end))
        yield from (code for code in found if code.size and code.target)
        last = max((code.offset + code.size for code in found), default=offset)
        offset += max(1, -(-(last - offset) // ALIGNMENT)) * ALIGNMENT


def _bundle(file: BinaryIO, start: int, end: int) -> Iterator[CodeObject]:
    (count,) = _COUNT.unpack(_read(file, _COUNT.size))
    if count > _ENTRY_LIMIT:
        raise UserError(f"an offload bundle claims {count} entries, {_ENTRY_LIMIT} are allowed")
    for _ in range(count):
        offset, size, length = _ENTRY.unpack(_read(file, _ENTRY.size))
        if length > _NAME_LIMIT or start + offset + size > end:
            raise UserError("an offload bundle leads out of its section")
        name = _read(file, length).decode("ascii", "replace")
        target = name.partition("--")[2] if "amdgcn" in name else ""
        yield CodeObject(target=target, offset=start + offset, size=size)


def _read(file: BinaryIO, size: int) -> bytes:
    content = file.read(size)
    if len(content) != size:
        raise UserError("an offload bundle is cut off")
    return content


def _section(file: BinaryIO) -> tuple[int, int] | None:
    from elftools.elf.elffile import ELFFile

    section = ELFFile(file).get_section_by_name(FATBIN)
    return (section["sh_offset"], section["sh_size"]) if section else None


def _split(artifact_set: ArtifactSet, library: Path, file: BinaryIO, section: tuple[int, int]) -> None:
    codes = list(code_objects(file, *section))
    host, *inside = library.parts
    stage = Path(*inside[: inside.index("stage") + 1])
    name = library.name.removeprefix("lib").partition(".so")[0]
    for theirs, ours in artifact_set.table.targets.items():
        for target in ours if (code := [code for code in codes if code.target == theirs]) else ():
            artifact = artifact_set.root / f"{host.removesuffix('generic')}{target}"
            _pack(file, code, artifact / stage / ".kpack" / f"{name}_{target}.kpack")
    _zero(file, *section)


def _pack(file: BinaryIO, codes: list[CodeObject], archive: Path) -> None:
    compressor = zlib.compressobj(1)
    with atomic_write(archive) as packed:
        for code in codes:
            file.seek(code.offset)
            for done in range(0, code.size, BLOCK):
                packed.write(compressor.compress(file.read(min(BLOCK, code.size - done))))
        packed.write(compressor.flush())
    archive.chmod(0o644)


def _zero(file: BinaryIO, offset: int, size: int) -> None:
    file.seek(offset)
    for done in range(0, size, BLOCK):
        file.write(bytes(min(BLOCK, size - done)))
