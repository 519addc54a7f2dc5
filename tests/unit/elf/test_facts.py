from __future__ import annotations

import io
import os
import struct
import subprocess
from pathlib import Path

import pytest

from tests.support.elf_files import DEPENDENCY, facts, with_machine, without_sections
from tests.support.made_elf import made_elf
from tests.support.watched_files import Counting, Places
from tools.elf.facts import read_elf_facts
from tools.elf.image import DT_NEEDED, ENTRY
from tools.elf.model import ElfFacts
from tools.errors import UserError


def read(content: bytes) -> ElfFacts | None:
    return read_elf_facts(io.BytesIO(content), len(content))


def test_library(library):
    path = library("-rpath,/opt/a:$ORIGIN/b")

    assert facts(path) == ElfFacts(
        type=3,
        machine=62,
        bits=64,
        interpreter=False,
        dynamic=True,
        pie=False,
        soname="librich.so.2",
        needed=("libdep.so.1", "ld-linux-x86-64.so.2"),
        rpath="/opt/a:$ORIGIN/b",
        runpath=None,
        glibc="2.3",
    )


def test_runpath(library):
    found = facts(library("--enable-new-dtags", "-rpath,$ORIGIN"))

    assert (found.rpath, found.runpath) == (None, "$ORIGIN")


@pytest.mark.parametrize(
    ("flags", "type_", "pie"),
    [
        pytest.param(["-pie"], 3, True, id="position-independent"),
        pytest.param(["-no-pie"], 2, False, id="at a fixed address"),
    ],
)
def test_program(build, flags, type_, pie):
    found = facts(build("program", "int main(void) { return 0; }", *flags))

    assert (found.type, found.pie, found.interpreter, found.soname) == (type_, pie, True, None)
    assert found.is_program


@pytest.mark.parametrize(
    ("flag", "dynamic"),
    [pytest.param("-static", False, id="static"), pytest.param("-static-pie", True, id="static-pie")],
)
def test_static_program(build, flag, dynamic):
    found = facts(build("program", "int main(void) { return 0; }", flag))

    assert (found.interpreter, found.dynamic, found.needed) == (False, dynamic, ())
    assert found.is_program


def test_library_without_soname_is_a_library(build):
    found = facts(build("plugin.so", DEPENDENCY, "-shared", "-fPIC", "-nostdlib"))

    assert (found.soname, found.is_library, found.is_program) == (None, True, False)


def test_object_file(build):
    found = facts(build("object.o", DEPENDENCY, "-c"))

    assert (found.type, found.dynamic, found.is_program, found.is_library) == (1, False, False, False)


def test_32_bit_library(build):
    found = facts(build("lib32.so", DEPENDENCY, "-m32", "-shared", "-nostdlib", "-fPIC", "-Wl,-soname,lib32.so.1"))

    assert (found.machine, found.bits, found.soname) == (3, 32, "lib32.so.1")


def test_gpu_code_object(library):
    found = read(with_machine(library().read_bytes(), 224))

    assert found is not None
    assert (found.machine, found.soname) == (224, "librich.so.2")


def test_big_endian_file():
    header = b"\x7fELF\x02\x02\x01".ljust(16, b"\0") + struct.pack(">HHIQQQIHHHHHH", 3, 22, 1, *[0] * 4, 64, *[0] * 5)

    found = read(header)

    assert found is not None
    assert (found.type, found.machine, found.dynamic) == (3, 22, False)


def test_split_debug_information_is_no_library(library, tmp_path):
    debug = tmp_path / "librich.so.debug"
    subprocess.run(["objcopy", "--only-keep-debug", library(), debug], check=True)

    found = facts(debug)

    assert (found.type, found.dynamic, found.soname) == (3, False, None)


@pytest.mark.parametrize("strip", [pytest.param(bytes, id="whole"), pytest.param(without_sections, id="no sections")])
def test_highest_glibc_version(build, strip):
    source = '#include <dlfcn.h>\n#include <stdio.h>\nint main(void) { puts(""); return dlopen(0, 1) == 0; }'
    content = build("program", source).read_bytes()

    found = read(strip(content))

    assert found is not None
    assert found.glibc == "2.34"


def test_packed_relocations_need_glibc_2_36(build):
    source = '#include <stdio.h>\nconst char *text = "";\nint main(void) { return puts(text); }'
    path = build("packed", source, "-Wl,-z,pack-relative-relocs")

    assert facts(path).glibc == "2.36"


@pytest.mark.parametrize("content", [b"", b"\x7f", b"#!/bin/sh\n", b"\x7fEL" * 40], ids=repr)
def test_other_files_have_no_facts(content):
    assert read(content) is None


def test_another_kind_of_file_costs_one_small_read(tmp_path):
    path = tmp_path / "text"
    path.write_bytes(bytes(100_000))

    with Counting(path) as file:
        assert read_elf_facts(file, 100_000) is None

        assert file.amount == 64


def test_a_library_of_2_gb_costs_some_kilobytes(library, tmp_path):
    path = tmp_path / "large.so"
    path.write_bytes(library().read_bytes())
    os.truncate(path, 2 << 30)

    with Counting(path) as file:
        read_elf_facts(file, 2 << 30)

        assert file.amount < 8192


def test_names_are_read_as_they_lie_and_told_as_they_are_listed():
    content, names = made_elf(["a.so", "b.so"]), [ENTRY.pack(DT_NEEDED, 1), ENTRY.pack(DT_NEEDED, 6)]
    backwards = content.replace(b"".join(names), b"".join(reversed(names)))
    file = Places(backwards)

    found = read_elf_facts(file, len(backwards))

    assert found is not None
    assert found.needed == ("b.so", "a.so")
    strings = [place for place in file.places if place >= len(content) - len("\0a.so\0b.so\0")]
    assert (len(strings), strings) == (2, sorted(strings))


def broken(content: bytes, offset: int, value: int, size: int) -> bytes:
    return content[:offset] + value.to_bytes(size, "little") + content[offset + size :]


@pytest.mark.parametrize(
    ("change", "message"),
    [
        pytest.param(
            lambda c: c[:1000],
            "is a truncated ELF file: 1000 bytes, its headers tell of {size}",
            id="cut in the middle",
        ),
        pytest.param(
            lambda c: c[:70],
            "is a truncated ELF file: 70 bytes, 56 wanted at 64",
            id="cut in the program headers",
        ),
        pytest.param(
            lambda c: c[:-1],
            "is a truncated ELF file: {less} bytes, its headers tell of {size}",
            id="one byte short",
        ),
        pytest.param(
            lambda c: broken(c, 54, 55, 2),
            "is a damaged ELF file: {segments} program headers of 55 bytes",
            id="odd program headers",
        ),
        pytest.param(
            lambda c: broken(c, 56, 65000, 2),
            "is a damaged ELF file: 65000 program headers of 56 bytes",
            id="too many program headers",
        ),
        pytest.param(
            lambda c: broken(c, 60, 60000, 2),
            "is a truncated ELF file: {size} bytes, its headers tell of {sections}",
            id="too many sections",
        ),
        pytest.param(
            lambda c: c.replace(b"libdep.so.1", b"libdep\xff\xff\xff\xff\xff"),
            "is a damaged ELF file: the name b'libdep\\xff\\xff\\xff\\xff\\xff' is not UTF-8",
            id="not UTF-8",
        ),
    ],
)
def test_damage_is_a_sentence(library, change, message):
    content = library().read_bytes()
    size, segments, start = len(content), content[56], int.from_bytes(content[40:48], "little")

    with pytest.raises(UserError) as caught:
        read(change(content))

    assert str(caught.value) == message.format(size=size, less=size - 1, segments=segments, sections=start + 60000 * 64)


def test_a_header_without_a_class_is_a_sentence():
    with pytest.raises(UserError) as caught:
        read(b"\x7fELF\x07".ljust(64, b"\0"))

    assert str(caught.value).startswith("is a damaged ELF file: its header cannot be read: ")


def test_a_header_alone_is_a_sentence():
    with pytest.raises(UserError) as caught:
        read(b"\x7fELF\x02\x01")

    assert str(caught.value).startswith("is a damaged ELF file: its header cannot be read: ")


@pytest.mark.usefixtures("build")  # readelf comes with the compiler
def test_system_files_are_read_as_readelf_reads_them():
    for path in sorted(Path("/usr/lib/x86_64-linux-gnu").glob("lib[a-g]*.so.*"))[::9]:
        found = facts(path)
        text = subprocess.run(["readelf", "-dW", path], capture_output=True, text=True, check=True).stdout
        needed = [line.split("[")[1].rstrip("]") for line in text.splitlines() if "(NEEDED)" in line]
        soname = [line.split("[")[1].rstrip("]") for line in text.splitlines() if "(SONAME)" in line]

        assert (list(found.needed), [found.soname] if found.soname else []) == (needed, soname), path
