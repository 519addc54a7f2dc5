from __future__ import annotations

import subprocess

import pytest

from tests.support.elf_files import DEPENDENCY, facts, run, unsound
from tools.elf.forwarder import forwarder
from tools.errors import UserError


@pytest.fixture
def pair(build, tmp_path):
    """A library and its forwarder, side by side."""
    real = build("libdep.so.1", DEPENDENCY, "-shared", "-fPIC", "-Wl,-soname,libdep.so.1")
    (tmp_path / "libdep.so.1").write_bytes(real.read_bytes())
    (tmp_path / "libdep.so").write_bytes(forwarder("libdep.so", "libdep.so.1"))
    return tmp_path / "libdep.so"


def test_symbols_of_the_library_are_found_through_it(pair, loader):
    assert run(loader, pair, "answer") == "42\n"


def test_the_library_is_loaded_once(pair, build):
    source = """
    #include <dlfcn.h>
    int main(int argc, char **argv)
    {
        void *real = dlopen(argv[1], RTLD_NOW), *forwarder = dlopen(argv[2], RTLD_NOW);
        return !real || real == forwarder || dlsym(real, "answer") != dlsym(forwarder, "answer");
    }
    """
    run(build("twice", source), pair.with_name("libdep.so.1"), pair)


def test_facts(pair):
    found = facts(pair)

    assert (found.soname, found.needed, found.rpath) == ("libdep.so", ("libdep.so.1",), "$ORIGIN")
    assert (found.type, found.machine, found.is_library, found.glibc) == (3, 62, True, None)


def test_is_sound_and_small(pair):
    assert unsound(pair) == ()
    assert pair.stat().st_size < 2048


def test_readelf_has_no_complaint(pair):
    done = subprocess.run(["readelf", "--all", "--wide", pair], capture_output=True, text=True, check=True)

    assert done.stderr == ""
    assert "Symbol table of `.gnu.hash' contains 0" not in done.stdout
    assert " .dynamic " in done.stdout


def test_strip_keeps_it_working(pair, loader, tmp_path):
    subprocess.run(["strip", pair], check=True)

    assert run(loader, pair, "answer") == "42\n"


def test_ldd_resolves_it(pair):
    assert f"libdep.so.1 => {pair.with_name('libdep.so.1')} " in run("ldd", pair)


@pytest.mark.parametrize("name", ["", "a/b", "a\0b"], ids=repr)
def test_names_that_make_no_sense(name):
    message = f"{name!r} cannot be the name of a library: no slash and no NUL character is allowed"

    for names in [(name, "libx.so.1"), ("libx.so", name)]:
        with pytest.raises(UserError) as caught:
            forwarder(*names)
        assert str(caught.value) == message


def test_not_to_itself():
    with pytest.raises(UserError) as caught:
        forwarder("libx.so", "libx.so")

    assert str(caught.value) == "'libx.so' cannot forward to itself"
