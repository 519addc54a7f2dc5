"""Tars for tests, made by the standard library, also such as it would never make by itself."""

from __future__ import annotations

import io
import random
import tarfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any


def member(name: str, content: bytes = b"", **facts: Any) -> tuple[tarfile.TarInfo, bytes]:
    info = tarfile.TarInfo(name)
    info.size = len(content)
    for key, value in facts.items():
        setattr(info, key, value)
    return info, content


def link(name: str, target: str, kind: bytes = tarfile.SYMTYPE) -> tuple[tarfile.TarInfo, bytes]:
    return member(name, type=kind, linkname=target)


def hard_link(name: str, target: str) -> tuple[tarfile.TarInfo, bytes]:
    return link(name, target, tarfile.LNKTYPE)


def directory(name: str) -> tuple[tarfile.TarInfo, bytes]:
    return member(name, type=tarfile.DIRTYPE, mode=0o755)


def tar_of(*members: tuple[tarfile.TarInfo, bytes], form: int = tarfile.PAX_FORMAT, **options: Any) -> bytes:
    file = io.BytesIO()
    with tarfile.open(fileobj=file, mode="w", format=form, errors="surrogateescape", **options) as tar:
        for info, content in members:
            tar.addfile(info, io.BytesIO(content))
    return file.getvalue()


def sealed(block: bytes) -> bytes:
    """Return a header with the checksum that it must have."""
    total = sum(block[:148]) + sum(block[156:512]) + 8 * ord(" ")
    return block[:148] + b"%06o\0 " % total + block[156:]


def changed(tar: bytes, at: int, field: bytes) -> bytes:
    """Return a tar whose first header has ``field`` at byte ``at``."""
    return sealed(tar[:at] + field + tar[at + len(field) : 512]) + tar[512:]


def extended(records: bytes, kind: bytes = b"x") -> bytes:
    """Return an extended header with these records."""
    block = tarfile.TarInfo("PaxHeader")
    block.type, block.size = kind, len(records)
    return block.tobuf(tarfile.USTAR_FORMAT) + records + bytes(-len(records) % 512)


def mutated(content: bytes, chance: random.Random, *, changes: int) -> bytes:
    """Return the bytes with some of them changed, removed, added or overwritten by what means something in a tar."""
    changed = bytearray(content)
    for _ in range(changes):
        at = chance.randrange(len(changed) or 1)
        match chance.randrange(4):
            case 0 if changed:
                changed[at] ^= 1 << chance.randrange(8)
            case 1:
                changed[at : at + chance.randint(1, 600)] = b""
            case 2:
                changed[at:at] = chance.randbytes(chance.randint(1, 20))
            case _:
                changed[at : at + 4] = chance.choice([b"\xff" * 4, b"0" * 4, b"/../", b"\x80\0\0\0", b"size", b"path"])
    return bytes(changed)


def written(directory: Path, content: bytes) -> Path:
    tar = directory / "rand_lib_generic.tar"
    tar.write_bytes(content)
    return tar


def contents(tar: Path, members: list[Any]) -> Mapping[str, bytes]:
    data = tar.read_bytes()
    return {row.path: data[row.offset : row.offset + row.size] for row in members if row.kind == "file"}
