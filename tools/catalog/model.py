"""The shape of a catalog: what one artifact holds, wherever it is."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Literal

import msgspec

from tools.elf.model import ElfFacts
from tools.pe.model import PeFacts


class Entry(msgspec.Struct, frozen=True, array_like=True, kw_only=True, gc=False):
    """One path of an artifact. As it stands in a catalog, mode 493 being 0o755:

    ["lib/librocblas.so.5.0.0", 3, "file", 493, 13600, "d455f371...", 2055665029, "", false,
     [3, 62, 64, false, true, false, "librocblas.so.5", ["libamdhip64.so.7"], "$ORIGIN:/build/lib", null, "2.34"], null]
    """

    path: str  # POSIX, relative to the base dir
    base: int  # index in Catalog.base_dirs
    kind: Literal["file", "link", "dir"]  # dir: an empty directory
    mode: int = 0  # of a file: 0o755 if anybody may execute it, else 0o644; 0 for links and directories
    size: int = 0  # bytes of a file
    sha256: str = ""  # hex, of a file
    crc32: int = 0  # of a file (zip's CRC-32)
    target: str = ""  # of a link, as stored
    script: bool = False  # a file that begins with "#!"
    elf: ElfFacts | None = None  # of a file that begins with the ELF magic
    pe: PeFacts | None = None  # of a DLL or program for Windows


class Catalog(msgspec.Struct, frozen=True, kw_only=True):
    """What ``artifact`` holds; entries in order of (path, base)."""

    artifact: str
    base_dirs: tuple[str, ...]  # as artifact_manifest.txt lists them; one that does not exist has no entries
    entries: tuple[Entry, ...]
    texts: Mapping[str, str] = {}  # of base_lib_generic alone: what the files of tools.artifact.base hold, by path
