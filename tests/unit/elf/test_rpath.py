from __future__ import annotations

import io
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import msgspec
import pytest

from tests.support import elf_files
from tests.support.elf_files import facts, image, plan, rewrite, run
from tests.support.wheels import zipped
from tools.elf.forwarder import forwarder
from tools.elf.image import DT_RPATH, DT_RUNPATH, PT_DYNAMIC, PT_GNU_RELRO, PT_LOAD
from tools.elf.model import ElfFacts
from tools.elf.rpath import plan_rpath
from tools.errors import UserError

HERE = "$ORIGIN/../deps"
LONG = f"$ORIGIN/{'not/here/' * 20}:{HERE}"  # longer than any string in the samples
PADDED = "-rpath,/" + "x" * 300

# How the linker was called -> what is special about the file.
SHAPES = {
    "RPATH": ["-rpath,/opt/rocm/lib"],
    "RUNPATH": ["--enable-new-dtags", "-rpath,/opt/rocm/lib"],
    "no RPATH": [],
    "no RPATH, no free entry": ["--spare-dynamic-tags=1"],
    "no RELRO": ["-z,norelro"],
    "all RELRO": ["-z,now", "-z,relro"],
    "one segment for headers and code": ["-z,noseparate-code"],
    "pages of 64 KiB": ["-z,max-page-size=0x10000"],
    "pages of 2 MiB": ["-z,max-page-size=0x200000"],
    "old hash table": ["--hash-style=sysv"],
    "both hash tables": ["--hash-style=both"],
    "packed relocations": ["-z,pack-relative-relocs"],
}


@pytest.fixture(params=[pytest.param(flags, id=name) for name, flags in SHAPES.items()])
def shape(request, library) -> Path:
    return library(*request.param)


@pytest.mark.parametrize("rpath", [pytest.param(HERE, id="short"), pytest.param(LONG, id="long")])
def test_a_library_loads_by_its_new_rpath(shape, rpath, tree, loader):
    result = rewrite(shape, rpath, tree / "lib" / "librich.so")

    assert run(loader, result, "sum") == elf_files.SUM


@pytest.mark.parametrize("rpath", [pytest.param(HERE, id="short"), pytest.param(LONG, id="long"), ""])
def test_only_the_rpath_changes(shape, rpath, tmp_path):
    result = rewrite(shape, rpath, tmp_path / "librich.so")

    assert facts(result) == changed(shape, rpath)


@pytest.mark.parametrize("rpath", [pytest.param(HERE, id="short"), pytest.param(LONG, id="long")])
def test_patchelf_agrees(shape, rpath, tmp_path, patchelf):
    result = rewrite(shape, rpath, tmp_path / "ours.so")

    assert facts(result) == facts(patchelf(shape, rpath))


@pytest.mark.parametrize("rpath", [pytest.param(HERE, id="short"), pytest.param(LONG, id="long")])
def test_a_result_is_final(shape, rpath, tmp_path):
    result = rewrite(shape, rpath, tmp_path / "librich.so")

    again = plan(result, rpath)

    assert (again.edits, again.tail) == ((), ())


def test_a_result_can_be_changed_again(shape, tree, loader):
    first = rewrite(shape, "$ORIGIN/short", tree / "lib" / "first.so")
    second = rewrite(first, LONG, tree / "lib" / "second.so")
    third = rewrite(second, LONG + LONG, tree / "lib" / "third.so")

    assert run(loader, third, "sum") == elf_files.SUM


def test_strip_keeps_a_result_working(shape, tree, loader):
    result = rewrite(shape, LONG, tree / "lib" / "stripped.so")
    subprocess.run(["strip", result], check=True)

    assert run(loader, result, "sum") == elf_files.SUM


def test_a_result_without_section_headers_works(shape, tree, loader):
    bare = tree / "bare.so"
    bare.write_bytes(elf_files.without_sections(shape.read_bytes()))

    result = rewrite(bare, LONG, tree / "lib" / "bare.so")

    assert run(loader, result, "sum") == elf_files.SUM


@pytest.mark.parametrize(
    "flags",
    [
        pytest.param(["-pie"], id="position-independent"),
        pytest.param(["-no-pie"], id="at a fixed address"),
        pytest.param(["-pie", "-Wl,-z,norelro,-z,noseparate-code"], id="few segments"),
        pytest.param(["-no-pie", "-Wl,-z,max-page-size=0x200000"], id="pages of 2 MiB"),
    ],
)
@pytest.mark.parametrize("rpath", [pytest.param(HERE, id="short"), pytest.param(LONG, id="long")])
def test_a_program_starts_by_its_new_rpath(build, tree, flags, rpath):
    program = build("program", elf_files.PROGRAM, *flags, str(tree / "deps" / "libdep.so.1"))

    assert run(rewrite(program, rpath, tree / "bin" / "program")) == elf_files.SUM


@pytest.fixture(params=[pytest.param(b"", id="last in the file"), pytest.param(b"more" * 5, id="more behind")])
def headers_at_end(request) -> Callable[[Path], bytes]:
    return lambda path: elf_files.with_headers_at_end(path.read_bytes()) + request.param


def test_a_library_with_its_program_headers_at_the_end(library, headers_at_end, tree, loader, tmp_path):
    source = tmp_path / "source.so"
    source.write_bytes(headers_at_end(library()))
    assert elf_files.unsound(source) == ()

    result = rewrite(source, LONG, tree / "lib" / "headers.so")

    assert run(loader, result, "sum") == elf_files.SUM
    assert facts(result) == changed(source, LONG)


def test_a_program_with_its_program_headers_at_the_end(build, tree, tmp_path):
    program = build("program", elf_files.PROGRAM, "-pie", str(tree / "deps" / "libdep.so.1"))
    source = tmp_path / "source"
    source.write_bytes(elf_files.with_headers_at_end(program.read_bytes()))
    assert elf_files.unsound(source) == ()

    result = rewrite(source, LONG, tree / "bin" / "headers")

    assert run(result) == elf_files.SUM
    assert (image(result).phoff, image(result).loads[-1].offset) == (image(source).phoff, image(source).phoff)
    expect(
        source.read_bytes() + b"more",
        LONG,
        "has its program headers in the last segment, so that there is no room for a longer RPATH",
    )


def test_a_second_change_copies_no_segment_again(library, tmp_path):
    first = rewrite(library(), LONG, tmp_path / "first.so")

    found = plan(first, LONG + LONG)

    assert found.tail[0].source is None
    assert found.size - found.source_size < 2000
    assert facts(rewrite(first, LONG + LONG, tmp_path / "second.so")) == changed(first, LONG + LONG)


def test_a_file_with_a_single_segment_is_refused(tmp_path):
    expect(
        forwarder("libx.so", "libx.so.1"),
        LONG,
        "has a single loadable segment, so that there is no room for a longer RPATH",
    )


def test_a_last_segment_without_bytes_in_the_file(library, tree, loader, tmp_path):
    source = tmp_path / "source.so"
    source.write_bytes(elf_files.with_empty_last_segment(library().read_bytes()))
    assert image(source).loads[-1].filesz == 0

    result = rewrite(source, LONG, tree / "lib" / "empty.so")

    assert run(loader, result, "sum") == elf_files.SUM


def test_a_string_long_enough_is_overwritten(library):
    path = library(PADDED)
    found = plan(path, HERE)

    assert found.size == path.stat().st_size
    assert [len(content) for _, content in found.edits] == [301]


def test_overwriting_leaves_nothing_of_the_old_string(library, tree, loader):
    result = rewrite(library(PADDED), HERE, tree / "lib" / "padded.so")

    assert b"xxx" not in result.read_bytes()
    assert run(loader, result, "sum") == elf_files.SUM


@pytest.mark.parametrize(
    ("flags", "source", "name"),
    [
        pytest.param([], "int _x_sum(void) { return 59; }", "_x_sum", id="symbol defined"),
        pytest.param([], "int _x_sum(void); int sum(void) { return _x_sum(); }", "_x_sum", id="symbol wanted"),
        pytest.param(["-soname,librich.so.2"], "int sum(void) { return 59; }", "librich.so.2", id="SONAME"),
        pytest.param(["-auxiliary,libaux.so"], "int sum(void) { return 59; }", "libaux.so", id="auxiliary"),
    ],
)
def test_a_string_that_another_name_shares_is_not_overwritten(library, tmp_path, flags, source, name):
    path = library(*flags, f"-rpath,/{'x' * 100}{name}", source=source)
    content = path.read_bytes()
    assert content.count(name.encode() + b"\0", 0, image(path).loads[1].offset) == 1  # the linker did share it

    result = rewrite(path, "$ORIGIN", tmp_path / "result.so")

    assert result.stat().st_size > path.stat().st_size
    assert names(result) == names(path)


def test_a_string_that_a_needed_library_shares_is_not_overwritten(library, tmp_path):
    path = library(f"-rpath,/{'x' * 100}/libdep.so.1")

    result = rewrite(path, "$ORIGIN", tmp_path / "result.so")

    assert result.stat().st_size > path.stat().st_size
    assert facts(result) == changed(path, "$ORIGIN")


@pytest.mark.parametrize("role", ["defined", "needed"])
def test_a_string_that_a_version_shares_is_not_overwritten(build, tmp_path, role):
    script = tmp_path / "map"
    script.write_text("VERSION_1 { global: answer; };")
    flags = ["-shared", "-fPIC", "-nostdlib"]
    rpath = f"-Wl,-rpath,/{'x' * 100}_VERSION_1"
    path = build("libdep.so.1", elf_files.DEPENDENCY, *flags, f"-Wl,--version-script={script}", rpath)
    if role == "needed":
        user = "int answer(void); int sum(void) { return answer(); }"
        path = build("libuser.so", user, *flags, rpath, str(path))

    result = rewrite(path, "$ORIGIN", tmp_path / "result.so")

    assert result.stat().st_size > path.stat().st_size
    assert versions(result) == versions(path)
    assert "VERSION_1" in versions(result)


@pytest.mark.parametrize(
    ("hash_style", "grows"), [pytest.param("gnu", True, id="unknown"), pytest.param("both", False, id="in DT_HASH")]
)
def test_without_sections_the_number_of_symbols_decides(library, tmp_path, hash_style, grows):
    source = tmp_path / "bare.so"
    source.write_bytes(elf_files.without_sections(library(PADDED, f"--hash-style={hash_style}").read_bytes()))

    assert (plan(source, HERE).size > source.stat().st_size) == grows


@pytest.mark.parametrize("rpath", ["/opt/rocm/lib", HERE, LONG, ""])
def test_of_rpath_and_runpath_one_rpath_stays(library, tmp_path, rpath):
    source = library("--enable-new-dtags", "-rpath,/opt/rocm/lib")
    both = tmp_path / "both.so"
    runpath = image(source).value(DT_RUNPATH)
    both.write_bytes(elf_files.with_entry(source.read_bytes(), DT_RPATH, runpath))

    result = rewrite(both, rpath, tmp_path / "result.so")

    assert facts(result) == changed(source, rpath)
    tags = [tag for tag, _ in image(result).tags]
    assert (tags.count(DT_RPATH), tags.count(DT_RUNPATH)) == (1 if rpath else 0, 0)


def test_removal_changes_the_dynamic_section_only(library):
    path = library("-rpath,/opt/rocm/lib")
    found = plan(path, "")

    assert found.size == path.stat().st_size
    assert len(found.edits) == 1


def test_removal_where_there_is_none_changes_nothing(library):
    assert plan(library(), "").edits == ()


def test_a_file_with_the_wanted_rpath_is_left_alone(library):
    assert plan(library(f"-rpath,{HERE}"), HERE).edits == ()


def test_runpath_with_the_wanted_string_becomes_rpath_in_place(library):
    path = library("--enable-new-dtags", f"-rpath,{HERE}")
    found = plan(path, HERE)

    assert found.size == path.stat().st_size
    assert len(found.edits) == 1


def test_thread_local_data_and_relro_move_along(library, tmp_path):
    source = library()
    result = rewrite(source, LONG, tmp_path / "result.so")
    before, after = image(source), image(result)
    delta = after.loads[-1].offset - before.loads[-1].offset

    for old, new in zip(before.segments, after.segments, strict=True):
        assert (new.type, new.vaddr) == (old.type, old.vaddr)
        if old.type in (PT_GNU_RELRO, 7, 2):  # PT_TLS, PT_DYNAMIC
            assert new.offset == old.offset + delta
    assert len(after.segments) == len(before.segments)
    assert sum(segment.type == PT_LOAD for segment in after.segments) == len(before.loads)


def test_the_last_segment_keeps_its_alignment(library, tmp_path):
    load = image(rewrite(library("-z,max-page-size=0x200000"), LONG, tmp_path / "result.so")).loads[-1]

    assert load.align == 0x200000
    assert (load.offset - load.vaddr) % 0x200000 == 0


APPENDED = [
    pytest.param(b"\0", id="a NUL"),
    pytest.param(b"built by nobody\n", id="a line"),
    pytest.param(zipped({"kernels.txt": b"gfx942"}), id="a zip"),
    pytest.param(bytes(5000) + b"payload" + (5007).to_bytes(8, "little"), id="a payload with a trailer"),
]


@pytest.mark.parametrize("rpath", [pytest.param(HERE, id="short"), pytest.param(LONG, id="long"), ""])
@pytest.mark.parametrize("appended", APPENDED)
def test_what_was_appended_is_found_from_the_end_and_behind_the_headers(library, tree, loader, appended, rpath):
    source = tree / "appended-source.so"
    source.write_bytes(library().read_bytes() + appended)
    headers_end = source.stat().st_size - len(appended)

    result = rewrite(source, rpath, tree / "lib" / "appended.so").read_bytes()

    assert result.endswith(appended)
    assert result[headers_end:].startswith(appended)
    assert facts(tree / "lib" / "appended.so") == changed(source, rpath)
    if rpath:
        assert run(loader, tree / "lib" / "appended.so", "sum") == elf_files.SUM


def test_what_was_appended_to_a_program_survives_a_second_change(build, tree, tmp_path):
    program = build("program", elf_files.PROGRAM, "-pie", str(tree / "deps" / "libdep.so.1"))
    source = tmp_path / "source"
    source.write_bytes(program.read_bytes() + zipped({"__main__.py": b"print('started')"}))

    first = rewrite(source, LONG, tree / "bin" / "first")
    second = rewrite(first, LONG + LONG, tree / "bin" / "second")

    for result in (first, second):
        assert run(result) == elf_files.SUM
        assert run(sys.executable, result) == "started\n"
    assert len(plan(source, LONG).tail) == len(plan(program, LONG).tail) + 1


def test_a_segment_that_is_rounded_up_hides_nothing_appended(library, tree, loader):
    source = tree / "rounded-source.so"
    source.write_bytes(elf_files.with_rounded_relro(library().read_bytes()) + b"built by nobody\n")

    result = rewrite(source, LONG, tree / "lib" / "rounded.so")

    assert result.read_bytes().endswith(b"built by nobody\n")
    assert run(loader, result, "sum") == elf_files.SUM


def test_a_dynamic_section_moves_even_if_its_header_says_that_it_takes_no_memory(library, tree, loader):
    source = tree / "no-memory-source.so"
    source.write_bytes(elf_files.with_segment(library().read_bytes(), PT_DYNAMIC, memsz=0))
    assert elf_files.unsound(source) == ()

    result = rewrite(source, LONG, tree / "lib" / "no-memory.so")

    assert run(loader, result, "sum") == elf_files.SUM


def test_a_section_without_bytes_that_is_larger_than_its_segment_gets_none(library, tree, loader):
    source = tree / "large-bss-source.so"
    source.write_bytes(elf_files.with_large_bss(library().read_bytes()))
    assert elf_files.unsound(source) == ()

    result = rewrite(source, LONG, tree / "lib" / "large-bss.so")

    assert run(loader, result, "sum") == elf_files.SUM


def test_patchelf_keeps_what_was_appended_where_it_was(library, tmp_path, patchelf):
    """The oracle loses nothing either; but only readers that go by headers or magic numbers find it there."""
    source = tmp_path / "source.so"
    source.write_bytes(library().read_bytes() + b"built by nobody\n")

    theirs = patchelf(source, LONG).read_bytes()

    assert theirs.index(b"built by nobody\n") == library().stat().st_size
    assert not theirs.endswith(b"built by nobody\n")


def test_a_file_to_which_nothing_was_appended_ends_with_its_last_segment(shape, tmp_path):
    result = rewrite(shape, LONG, tmp_path / "result.so")

    load = image(result).loads[-1]
    assert load.offset + load.filesz == result.stat().st_size


HUGE = "char zeros[{}]; int sum(void) {{ return zeros[5]; }}"


def test_much_bss_is_an_error_that_says_what_to_do(library):
    path = library(source=HUGE.format(1 << 32))
    load = image(path).loads[-1]

    expect(
        path.read_bytes(),
        LONG,
        f"has {load.memsz - load.filesz} bytes of .bss, which a longer RPATH would make part of the file, and at most "
        "134217728 are allowed: link it with an RPATH that is long enough to be overwritten",
    )


def test_much_bss_and_a_string_long_enough(library, tmp_path):
    path = library(PADDED, source=HUGE.format(1 << 32))

    assert facts(rewrite(path, HERE, tmp_path / "result.so")) == changed(path, HERE)


def test_some_bss_is_written_out(library, tree, loader):
    path = library(source=HUGE.format(1 << 24))

    result = rewrite(path, LONG, tree / "lib" / "bss.so")

    assert run(loader, result, "sum") == "0\n"
    assert 1 << 24 < result.stat().st_size < (1 << 24) + 65536


def expect(content: bytes, rpath: str, message: str) -> None:
    with pytest.raises(UserError) as caught:
        plan_rpath(io.BytesIO(content), len(content), rpath)
    assert str(caught.value) == message


MACHINE = "is no program or shared library for x86-64 or AArch64, so that its RPATH cannot be changed "


@pytest.mark.parametrize("rpath", [HERE, ""])
def test_files_that_no_loader_maps_are_refused(build, library, rpath):
    main = "int main(void) { return 0; }"

    expect(
        build("program", main, "-static-pie").read_bytes(),
        rpath,
        "is a static program: no loader reads its RPATH",
    )
    expect(
        build("program", main, "-static").read_bytes(),
        rpath,
        "has no dynamic section, so that it cannot have an RPATH",
    )
    expect(build("object.o", main, "-c").read_bytes(), rpath, MACHINE + "(e_machine 62, e_type 1)")
    expect(elf_files.with_machine(library().read_bytes(), 224), rpath, MACHINE + "(e_machine 224, e_type 3)")
    expect(
        build("lib32.so", elf_files.DEPENDENCY, "-m32", "-shared", "-nostdlib", "-fPIC").read_bytes(),
        rpath,
        "is not a 64-bit little-endian ELF file",
    )


def test_a_nul_character_is_refused(library):
    expect(library().read_bytes(), "a\0b", "cannot have the RPATH 'a\\x00b': it contains a NUL character")


def test_a_truncated_file_is_refused(library):
    content = library().read_bytes()

    expect(content[:64], HERE, f"is a truncated ELF file: 64 bytes, {content[56] * 56} wanted at 64")
    expect(content[:32], HERE, "is a truncated ELF file: 32 bytes, 64 wanted at 0")


def test_aarch64_is_edited_alike(library):
    content = elf_files.with_machine(library().read_bytes(), 183)

    assert plan_rpath(io.BytesIO(content), len(content), LONG) == plan(library(), LONG)


def changed(path: Path, rpath: str) -> ElfFacts:
    """Return the facts of a file with nothing but another RPATH."""
    return msgspec.structs.replace(facts(path), rpath=rpath or None, runpath=None)


def names(path: Path) -> list[str]:
    """Return the symbols and the names in the dynamic section, RPATH apart, as readelf sees them."""
    text = subprocess.run(["readelf", "-dW", "--dyn-syms", path], capture_output=True, text=True, check=True).stdout
    symbols = [line.split()[-1] for line in text.splitlines() if " FUNC " in line or "NOTYPE" in line]
    return symbols + [line.split("[")[1] for line in text.splitlines() if "[" in line and "PATH" not in line]


def versions(path: Path) -> str:
    text = subprocess.run(["readelf", "-VW", path], capture_output=True, text=True, check=True).stdout
    return "\n".join(line for line in text.splitlines() if "Name" in line)
