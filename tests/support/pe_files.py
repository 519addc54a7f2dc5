"""One DLL with everything that facts speak of, and what others say about PE files: the oracles."""

from __future__ import annotations

import importlib.util
import re
import shutil
import struct
import subprocess
from pathlib import Path
from typing import Any

import pytest

from tests.support.windows import mingw
from tools.pe.facts import read_pe_facts
from tools.pe.model import PeFacts

CODE = """
int needed_total(void); int seventh(void);
int feature_data = 3;
int feature_number(void) { return needed_total() + seventh(); }
int hidden(void) { return 1; }
int far(void) { return 2; }
__asm__(".section .rdata\\n.globl delay_table\\ndelay_table:\\n"
        ".long 1\\n.rva delay_name\\n.rva delay_slot\\n.rva delay_slot\\n.rva delay_list\\n.long 0,0,0\\n"
        ".long 0,0,0,0,0,0,0,0\\n"
        "delay_list: .rva delay_hint\\n.long 0\\n.quad 0x8000000000000005\\n.quad 0\\n"
        "delay_name: .asciz \\"LATER.dll\\"\\n.balign 2\\n"
        "delay_hint: .short 0\\n.asciz \\"later_total\\"\\n.text\\n.data\\ndelay_slot: .quad 0,0,0\\n.text\\n");
"""
EXPORTS = (
    "feature_number",
    "feature_data DATA",
    "other_total = needed.needed_total",
    "delay_table DATA",
    "hidden @7 NONAME",
    "far @40",
)


def features(directory: Path) -> Path:
    """Make ``features.dll``, and ``needed.dll`` that it needs by a name and by an ordinal."""
    needed = directory / "needed.dll"
    definition = mingw.definition(needed, "needed_total", "seventh @7 NONAME")
    mingw.dll(needed, "int needed_total(void) { return 1; } int seventh(void) { return 7; }", definition)
    imports = directory / "libneeded.dll.a"
    mingw.run("dlltool", "-d", definition, "-l", imports, "-D", needed.name)
    script, resource = directory / "version.rc", directory / "version.o"
    script.write_text("1 VERSIONINFO FILEVERSION 7,14,60850,2\nBEGIN\nEND\n", "utf-8")
    mingw.run("windres", script, resource)
    file = directory / "features.dll"
    mingw.dll(file, CODE, mingw.definition(file, *EXPORTS), resource, imports)
    return _with_delay_table(file)


def launchers() -> list[Path]:
    """The launchers that setuptools brings for x86, x86-64 and ARM64."""
    found = importlib.util.find_spec("setuptools")
    assert found is not None
    assert found.origin is not None
    return sorted(Path(found.origin).parent.glob("*-*.exe"))


def facts_of(file: Path) -> PeFacts | None:
    """Return the facts of a file on disk."""
    with file.open("rb") as opened:
        return read_pe_facts(opened, file.stat().st_size)


def by_pefile(file: Path) -> dict[str, Any]:
    """Return what pefile says, in the words of our facts."""
    pefile = pytest.importorskip("pefile")
    pefile.MAX_IMPORT_SYMBOLS = pefile.MAX_SYMBOL_NAME_LENGTH = pefile.MAX_IMPORT_NAME_LENGTH = 1 << 16
    pe = pefile.PE(str(file), fast_load=True, max_symbol_exports=1 << 17, max_repeated_symbol=1 << 17)
    wanted = ("EXPORT", "IMPORT", "DELAY_IMPORT", "RESOURCE")
    pe.parse_data_directories([pefile.DIRECTORY_ENTRY[f"IMAGE_DIRECTORY_ENTRY_{name}"] for name in wanted])
    exported = getattr(pe, "DIRECTORY_ENTRY_EXPORT", None)
    exports = exported.symbols if exported else []
    fixed = getattr(pe, "VS_FIXEDFILEINFO", None)
    security = pe.OPTIONAL_HEADER.DATA_DIRECTORY[4]
    sections = [section.PointerToRawData + section.SizeOfRawData for section in pe.sections if section.SizeOfRawData]
    answer = {
        "machine": pe.FILE_HEADER.Machine,
        "bits": {0x10B: 32, 0x20B: 64}[pe.OPTIONAL_HEADER.Magic],
        "library": pe.is_dll(),
        "subsystem": pe.OPTIONAL_HEADER.Subsystem,
        "name": exported.name.decode() if exported else None,
        "imports": _imports(getattr(pe, "DIRECTORY_ENTRY_IMPORT", ())),
        "delayed": _imports(getattr(pe, "DIRECTORY_ENTRY_DELAY_IMPORT", ())),
        "exports": sorted({symbol.name.decode() for symbol in exports if symbol.name}),
        "ordinals": sorted({symbol.ordinal for symbol in exports}),
        "forwards": sorted((_name(symbol), symbol.forwarder.decode()) for symbol in exports if symbol.forwarder),
        "signature": security.Size,
        "overlay": file.stat().st_size - max(sections) - security.Size,
        "version": _version(fixed[0]) if fixed else None,
    }
    pe.close()
    return answer


def by_readobj(file: Path) -> dict[str, Any]:
    """Return the imports and exports that llvm-readobj lists, in the words of our facts."""
    if shutil.which("llvm-readobj") is None:
        pytest.skip("no llvm-readobj: apt-get install llvm")
    command = ["llvm-readobj", "--coff-imports", "--coff-exports", str(file)]
    text = subprocess.run(command, check=True, capture_output=True, text=True).stdout
    parts = re.findall(r"^(Import|DelayImport|Export) \{\n(.*?)^\}", text, re.MULTILINE | re.DOTALL)
    bodies = [(kind, body) for kind, body in parts]
    exports = [_readobj_export(body) for kind, body in bodies if kind == "Export"]
    return {
        "imports": [_readobj_import(body) for kind, body in bodies if kind == "Import"],
        "delayed": [_readobj_import(body) for kind, body in bodies if kind == "DelayImport"],
        "exports": sorted({name for name, _, _ in exports if name}),
        "ordinals": sorted({ordinal for _, ordinal, address in exports if address}),
    }


def in_words(facts: PeFacts) -> dict[str, Any]:
    """Return our facts in the shape that oracles answer in."""
    return {
        "machine": facts.machine,
        "bits": facts.bits,
        "library": facts.library,
        "subsystem": facts.subsystem,
        "name": facts.name,
        "imports": [(one.library, list(one.symbols)) for one in facts.imports],
        "delayed": [(one.library, list(one.symbols)) for one in facts.delayed],
        "exports": list(facts.exports),
        "ordinals": [number for first, last in facts.ordinals for number in range(first, last + 1)],
        "forwards": list(facts.forwards),
        "signature": facts.signature,
        "overlay": facts.overlay,
        "version": facts.version,
    }


def as_far_as_readobj(facts: PeFacts) -> dict[str, Any]:
    """Return of the facts what llvm-readobj lists."""
    return {name: in_words(facts)[name] for name in ("imports", "delayed", "exports", "ordinals")}


def _with_delay_table(file: Path) -> Path:
    """Point the header to the table; GNU ld does not know that it is one."""
    pefile = pytest.importorskip("pefile")
    pe = pefile.PE(str(file))
    (address,) = (symbol.address for symbol in pe.DIRECTORY_ENTRY_EXPORT.symbols if symbol.name == b"delay_table")
    place = pe.OPTIONAL_HEADER.DATA_DIRECTORY[13].get_file_offset()
    pe.close()
    content = bytearray(file.read_bytes())
    struct.pack_into("<II", content, place, address, 64)
    file.write_bytes(content)
    return file


def _imports(entries: Any) -> list[tuple[str, list[str]]]:
    return [(entry.dll.decode(), [_imported(symbol) for symbol in entry.imports]) for entry in entries]


def _imported(symbol: Any) -> str:
    return f"#{symbol.ordinal}" if symbol.import_by_ordinal else symbol.name.decode()  # else pefile guesses names


def _name(symbol: Any) -> str:
    return symbol.name.decode() if symbol.name else f"#{symbol.ordinal}"


def _version(fixed: Any) -> str:
    high, low = fixed.FileVersionMS, fixed.FileVersionLS
    return f"{high >> 16}.{high & 0xFFFF}.{low >> 16}.{low & 0xFFFF}"


def _readobj_import(body: str) -> tuple[str, list[str]]:
    (library,) = re.findall(r"^  Name: (.*)$", body, re.MULTILINE)
    symbols = re.findall(r"^ +Symbol: (.*) \((\d+)\)$", body, re.MULTILINE)
    return library, [name or f"#{number}" for name, number in symbols]


def _readobj_export(body: str) -> tuple[str, int, int]:
    fields = dict(re.findall(r"^  (\w+): ?(.*)$", body, re.MULTILINE))
    return fields["Name"], int(fields["Ordinal"]), int(fields["RVA"], 16)
