"""Compiled ELF files, each once a session."""

from __future__ import annotations

import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.support import elf_files

Build = Callable[..., Path]


@pytest.fixture(scope="session")
def build(tmp_path_factory: pytest.TempPathFactory) -> Build:
    """Compile C source with the given flags; the same call gives the same file."""
    if shutil.which("cc") is None:
        pytest.skip("needs a C compiler: cc is not installed")
    made: dict[tuple[str, ...], Path] = {}

    def compiled(name: str, source: str, *flags: str) -> Path:
        key = (name, source, *flags)
        if key not in made:
            path = tmp_path_factory.mktemp("elf") / name
            (path.parent / "source.c").write_text(source)
            command = ["cc", "-O1", "-Wl,--disable-new-dtags", "-o", path, path.parent / "source.c", *flags]
            subprocess.run(command, check=True)
            made[key] = path
        return made[key]

    return compiled


@pytest.fixture(scope="session")
def library(build: Build) -> Callable[..., Path]:
    """Build the rich library, which needs libdep.so.1; flags are the linker's."""
    dependency = build("libdep.so.1", elf_files.DEPENDENCY, "-shared", "-fPIC", "-Wl,-soname,libdep.so.1")

    def linked(*flags: str, source: str = elf_files.LIBRARY) -> Path:
        options = [f"-Wl,{flag}" for flag in flags]
        return build("librich.so", source, "-shared", "-fPIC", "-Wl,-soname,librich.so.2", *options, str(dependency))

    return linked


@pytest.fixture(scope="session")
def tree(build: Build, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A directory that holds deps/libdep.so.1, the place that a right RPATH names."""
    root = tmp_path_factory.mktemp("tree")
    dependency = build("libdep.so.1", elf_files.DEPENDENCY, "-shared", "-fPIC", "-Wl,-soname,libdep.so.1")
    (root / "deps").mkdir()
    (root / "deps" / "libdep.so.1").write_bytes(dependency.read_bytes())
    return root


@pytest.fixture
def patchelf(tmp_path: Path) -> Callable[[Path, str], Path]:
    """The oracle: what patchelf makes of a file."""

    def changed(path: Path, rpath: str) -> Path:
        result = tmp_path / f"patchelf-{path.name}"
        command = [Path(sys.executable).with_name("patchelf"), "--force-rpath", "--set-rpath", rpath]
        subprocess.run([*command, "--output", result, path], check=True)
        return result

    return changed


@pytest.fixture(scope="session")
def loader(build: Build) -> Path:
    """A program that loads a library, and calls a function of it if one is named."""
    return build("loader", elf_files.LOADER)
