"""What a catalog holds of a PE file."""

from __future__ import annotations

import msgspec

X86_64 = 0x8664  # IMAGE_FILE_MACHINE_AMD64 (Microsoft, "PE Format", Machine Types)
MACHINE_NAMES = {0x14C: "x86", 0x1C0: "ARM", 0x1C4: "ARM Thumb-2", X86_64: "x86-64", 0xA641: "ARM64EC", 0xAA64: "ARM64"}


class PeImport(msgspec.Struct, frozen=True, array_like=True, gc=False):
    """What a file wants of one DLL."""

    library: str  # as it is written in the file; Windows does not look at case
    symbols: tuple[str, ...]  # in the file's order; "#12" is ordinal 12


class PeFacts(msgspec.Struct, frozen=True, array_like=True, kw_only=True, gc=False):
    """What the planner needs to know of a PE file (Microsoft, "PE Format")."""

    machine: int  # see MACHINE_NAMES
    bits: int  # 32 (PE32) or 64 (PE32+)
    library: bool  # a DLL; else a program
    subsystem: int  # 2 windows, 3 console
    name: str | None  # what the export directory calls the file
    imports: tuple[PeImport, ...]  # loaded with the file
    delayed: tuple[PeImport, ...]  # loaded when first called
    exports: tuple[str, ...]  # names, sorted
    ordinals: tuple[tuple[int, int], ...]  # ranges of exported ordinals, first and last
    forwards: tuple[tuple[str, str], ...]  # export, or "#12", and what it leads to: "OTHER.symbol"; sorted
    signature: int  # bytes of the certificate table; 0: not signed
    overlay: int  # bytes behind the last section, without the signature
    version: str | None  # file version, "7.14.60850.0"

    def has_ordinal(self, number: int) -> bool:
        """Say whether something is exported under ``number``."""
        return any(first <= number <= last for first, last in self.ordinals)


def machine_name(machine: int) -> str:
    """Return what people call a machine: "x86-64", or its number where it has no name here."""
    return MACHINE_NAMES.get(machine, f"{machine:#x}")
