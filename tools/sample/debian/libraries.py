"""Makes the artifacts one working tree: libraries find each other, links lead somewhere, families differ."""

from __future__ import annotations

import hashlib
import os
import posixpath
from collections.abc import Iterator
from pathlib import Path

from tools.elf.facts import read_elf_facts
from tools.elf.model import ElfFacts
from tools.elf.patch import patched_blocks
from tools.elf.rpath import plan_rpath
from tools.errors import UserError, listed
from tools.files import atomic_write
from tools.sample.debian.fill import MANIFEST, ArtifactSet
from tools.sample.debian.runpath import needed_runpath

LIBRARY_DIRECTORIES = ("lib", "lib/llvm/lib", "lib/rocm_sysdeps/lib")
BUILD_ID = ".note.gnu.build-id"
_BUILD_ID_START = 16  # bytes of the note before the id: three words and "GNU\0" (gABI, "Note Section")


def complete(artifact_set: ArtifactSet) -> None:
    """Give each ELF file the search path it needs in the merged tree.

    :raises UserError: when a library or a link's target is neither in the artifact_set nor the system's; names all.
    """
    generic = _overlay(artifact_set.root, "generic")
    _complete(artifact_set, generic, generic)
    for family in artifact_set.families if artifact_set.families != ("generic",) else ():
        own = _overlay(artifact_set.root, family)
        _complete(artifact_set, own, generic | own)


def tell_apart(artifact_set: ArtifactSet) -> None:
    """Give the libraries of every family but the first a build id of their own, made of the family's name."""
    for family in artifact_set.families[1:]:
        for path, file in _overlay(artifact_set.root, family).items():
            if _facts(path, file):
                _change_build_id(file, family)


def _overlay(root: Path, family: str) -> dict[str, Path]:
    """Return the files and links of the family's artifacts by their path in the merged tree."""
    found: dict[str, Path] = {}
    for stage in sorted(stage for artifact in root.glob(f"*_{family}") for stage in _stages(artifact)):
        for parent, directories, files in os.walk(stage):
            links = [name for name in directories if (Path(parent) / name).is_symlink()]
            for name in (*files, *links):
                file = Path(parent) / name
                found[file.relative_to(stage).as_posix()] = file
    return dict(sorted(found.items()))


def _stages(artifact: Path) -> list[Path]:
    return [artifact / line for line in (artifact / MANIFEST).read_text().splitlines()]


def _complete(artifact_set: ArtifactSet, own: dict[str, Path], merged: dict[str, Path]) -> None:
    libraries = {
        posixpath.basename(path): posixpath.dirname(path)
        for path in merged
        if posixpath.dirname(path) in LIBRARY_DIRECTORIES and ".so" in path
    }
    lacking = set(_broken_links(own, merged))
    for path, file, facts in _elf_files(own):
        if facts.bits == 64:
            lacking |= {
                f"{path} needs {name}"
                for name in facts.needed
                if name not in libraries.keys() | artifact_set.table.system
            }
        if wanted := needed_runpath(path, facts, libraries):
            _set_runpath(file, wanted)
    if lacking:
        raise UserError(f"packages.toml names packages that do not suffice: {listed(lacking)}")


def _broken_links(own: dict[str, Path], merged: dict[str, Path]) -> Iterator[str]:
    directories = {str(parent) for path in merged for parent in _parents(path)}
    for path, file in own.items():
        if file.is_symlink():
            target = posixpath.normpath(posixpath.join(posixpath.dirname(path), file.readlink()))
            if target not in merged and target not in directories:
                yield f"{path} is a link to {target}"


def _parents(path: str) -> Iterator[str]:
    while path := posixpath.dirname(path):
        yield path


def _elf_files(files: dict[str, Path]) -> Iterator[tuple[str, Path, ElfFacts]]:
    for path, file in files.items():
        if facts := _facts(path, file):
            yield path, file, facts


def _facts(path: str, file: Path) -> ElfFacts | None:
    """Return the facts of a program or shared library that the host's loader may load."""
    if file.is_symlink() or not (".so" in path or file.stat().st_mode & 0o100):
        return None
    with file.open("rb") as content:
        facts = read_elf_facts(content, file.stat().st_size)
    return facts if facts and facts.dynamic else None


def _set_runpath(file: Path, runpath: str) -> None:
    status = file.stat()
    with file.open("rb") as old, atomic_write(file) as new:
        patch = plan_rpath(old, status.st_size, runpath)
        for block in patched_blocks(old, status.st_size, patch):
            new.write(block)
    file.chmod(status.st_mode)


def _change_build_id(file: Path, family: str) -> None:
    from elftools.elf.elffile import ELFFile

    with file.open("r+b") as content:
        section = ELFFile(content).get_section_by_name(BUILD_ID)
        if section is None:
            raise UserError(f"{file.name}: has no build id to tell the families apart by")
        start, size = section["sh_offset"] + _BUILD_ID_START, section["sh_size"] - _BUILD_ID_START
        content.seek(start)
        old = content.read(size)
        content.seek(start)
        content.write(hashlib.sha256(old + family.encode()).digest()[:size])
