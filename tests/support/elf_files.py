"""ELF files to try the engine on: compiled here, taken from the system, or bent into rare shapes."""

from __future__ import annotations

import io
import os
import subprocess
from pathlib import Path

from tools.elf.check import problems
from tools.elf.facts import read_elf_facts
from tools.elf.image import (
    ENTRY,
    HEADER,
    PT_DYNAMIC,
    PT_GNU_RELRO,
    PT_LOAD,
    PT_NOTE,
    PT_PHDR,
    SECTION,
    SEGMENT,
    SHF_TLS,
    SHT_NOBITS,
    Image,
    Segment,
    read_image,
)
from tools.elf.model import ElfFacts
from tools.elf.patch import Patch
from tools.elf.rpath import plan_rpath

LIBRARIES = Path("/usr/lib/x86_64-linux-gnu")

DEPENDENCY = "int answer(void) { return 42; }"

# Thread-local data with and without bytes, .data, .bss, read-only data with relocations, IFUNC, a constructor.
LIBRARY = """
int answer(void);
__thread int counter = 7;
__thread char scratch[64];
int initialised = 5;
char zeros[100000];
const char *const table[] = {"a", "b"};
static int one(void) { return 1; }
static void *resolve(void) { return one; }
int chosen(void) __attribute__((ifunc("resolve")));
static int constructed;
__attribute__((constructor)) static void construct(void) { constructed = 3; }
int sum(void)
{
    int clean = zeros[99999] + scratch[63];
    zeros[99999] = scratch[63] = 1;
    return answer() + counter + initialised + chosen() + constructed + (table[1][0] == 'b') + clean;
}
"""
SUM = "59\n"

PROGRAM = f"""
#include <stdio.h>
{LIBRARY}
int main(void) {{ printf("%d\\n", sum()); return 0; }}
"""

LOADER = """
#include <dlfcn.h>
#include <stdio.h>
int main(int argc, char **argv)
{
    void *library = dlopen(argv[1], RTLD_NOW | RTLD_LOCAL);
    if (!library) { fprintf(stderr, "%s\\n", dlerror()); return 1; }
    if (argc < 3) return 0;
    int (*function)(void) = (int (*)(void))dlsym(library, argv[2]);
    if (!function) { fprintf(stderr, "%s\\n", dlerror()); return 1; }
    printf("%d\\n", function());
    return 0;
}
"""


def facts(path: Path) -> ElfFacts:
    """Return the facts of a file that is known to be ELF."""
    with path.open("rb") as file:
        found = read_elf_facts(file, path.stat().st_size)
    assert found is not None
    return found


def image(path: Path) -> Image:
    """Return the tables of a file."""
    with path.open("rb") as file:
        return read_image(file, path.stat().st_size)


def plan(path: Path, rpath: str) -> Patch:
    """Return the edit of a file."""
    with path.open("rb") as file:
        return plan_rpath(file, path.stat().st_size, rpath)


def patched(content: bytes, patch: Patch) -> bytes:
    """Return a file after an edit."""
    room = memoryview(bytearray(patch.size))
    room[: len(content)] = content
    return bytes(patch.apply_whole(room))


def rewrite(source: Path, rpath: str, result: Path) -> Path:
    """Write ``source`` with the given RPATH, check that the result is sound, and return where it is."""
    result.parent.mkdir(parents=True, exist_ok=True)
    result.write_bytes(patched(source.read_bytes(), plan(source, rpath)))
    result.chmod(0o755)
    assert unsound(result) == unsound(source)
    return result


def unsound(path: Path) -> tuple[str, ...]:
    """Return the problems of a file."""
    with path.open("rb") as file:
        return problems(file, path.stat().st_size)


def run(*command: str | Path) -> str:
    """Return what a program prints; fail with what it says when it fails."""
    environment = {name: value for name, value in os.environ.items() if not name.startswith("LD_")}
    done = subprocess.run(command, capture_output=True, text=True, check=False, env=environment)
    assert done.returncode == 0, done.stderr
    return done.stdout


def without_sections(content: bytes) -> bytes:
    """Return an ELF file as a radical strip leaves it: no section headers."""
    fields = list(HEADER.unpack(content[: HEADER.size]))
    fields[6], fields[12], fields[13] = 0, 0, 0  # e_shoff, e_shnum, e_shstrndx
    return HEADER.pack(*fields) + content[HEADER.size :]


def with_headers_at_end(content: bytes) -> bytes:
    """Return an ELF file whose program headers are the last thing in it, in a loadable segment of their own."""
    old = read_image(io.BytesIO(content), len(content))
    last = old.loads[-1]
    place = -(-max(len(content), last.vaddr + last.memsz) // 4096) * 4096  # offset = address, as patchelf does it
    size = (len(old.segments) + 1) * SEGMENT.size
    rows = [
        row._replace(offset=place, vaddr=place, paddr=place, filesz=size, memsz=size) if row.type == PT_PHDR else row
        for row in old.segments
    ]
    rows.insert(rows.index(last) + 1, Segment(PT_LOAD, 4, place, place, place, size, size, 4096))
    fields = list(HEADER.unpack(content[: HEADER.size]))
    fields[5], fields[10] = place, len(rows)  # e_phoff, e_phnum
    return (HEADER.pack(*fields) + content[HEADER.size :]).ljust(place, b"\0") + b"".join(
        SEGMENT.pack(*row) for row in rows
    )


def with_empty_last_segment(content: bytes) -> bytes:
    """Return an ELF file whose last loadable segment has memory, but no bytes in the file."""
    old = read_image(io.BytesIO(content), len(content))
    last = old.loads[-1]
    place = -(-(last.vaddr + last.memsz) // 4096) * 4096
    number = next(n for n, row in enumerate(old.segments) if row.type == PT_NOTE)
    assert number > old.segments.index(last)
    row = Segment(PT_LOAD, 6, last.offset, place, place, 0, 8192, 4096)
    start = old.phoff + number * SEGMENT.size
    return content[:start] + SEGMENT.pack(*row) + content[start + SEGMENT.size :]


def with_entry(content: bytes, tag: int, value: int) -> bytes:
    """Return an ELF file with one more entry in its dynamic section, where a free one was."""
    old = read_image(io.BytesIO(content), len(content))
    place = next(row for row in old.segments if row.type == PT_DYNAMIC).offset + len(old.tags) * ENTRY.size
    assert content[place : place + 2 * ENTRY.size] == bytes(2 * ENTRY.size)
    return content[:place] + ENTRY.pack(tag, value) + content[place + ENTRY.size :]


def with_segment(content: bytes, kind: int, **changes: int) -> bytes:
    """Return an ELF file whose first program header of a type differs in some fields."""
    old = read_image(io.BytesIO(content), len(content))
    number, row = next((n, row) for n, row in enumerate(old.segments) if row.type == kind)
    start = old.phoff + number * SEGMENT.size
    return content[:start] + SEGMENT.pack(*row._replace(**changes)) + content[start + SEGMENT.size :]


def with_rounded_relro(content: bytes) -> bytes:
    """Return an ELF file whose PT_GNU_RELRO ends behind the file, as lld writes it for a small one."""
    old = read_image(io.BytesIO(content), len(content))
    offset = next(row.offset for row in old.segments if row.type == PT_GNU_RELRO)
    return with_segment(content, PT_GNU_RELRO, filesz=len(content) + 4096 - offset)


def with_large_bss(content: bytes) -> bytes:
    """Return an ELF file whose .bss section is larger than the segment that it lies in."""
    old = read_image(io.BytesIO(content), len(content))
    kinds = [(row.type, bool(row.flags & SHF_TLS)) for row in old.sections]
    start = old.shoff + kinds.index((SHT_NOBITS, False)) * SECTION.size
    row = old.sections[kinds.index((SHT_NOBITS, False))]._replace(size=1 << 32)
    return content[:start] + SECTION.pack(*row) + content[start + SECTION.size :]


def with_machine(content: bytes, machine: int) -> bytes:
    """Return an ELF file for another machine."""
    return content[:18] + machine.to_bytes(2, "little") + content[20:]
