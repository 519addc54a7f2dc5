"""RPATH edits agree with patchelf's on every ELF file of Debian's ROCm, and the result loads."""

from __future__ import annotations

import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import msgspec
import pytest

from tests.support.debian import FAMILIES, merged
from tests.support.elf_files import facts, rewrite
from tests.support.loading import EM_X86_64, elf_files, load_failures
from tools.elf.model import ElfFacts

pytestmark = pytest.mark.slow  # edits 0.7 GB

LOADER = "/lib64/ld-linux-x86-64.so.2"
PATCHELF = Path(sys.executable).with_name("patchelf")


@pytest.fixture(scope="module", params=FAMILIES)
def root(request: pytest.FixtureRequest, debian_artifacts: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    return merged(debian_artifacts, tmp_path_factory.mktemp("merged") / "root", request.param)


def editable(root: Path) -> Iterator[tuple[Path, ElfFacts]]:
    """Yield what can have an RPATH: no i386 library, no object file, no GPU code."""
    for path, found in elf_files(root).items():
        if found.machine == EM_X86_64 and found.bits == 64 and found.dynamic:
            yield path, found


def patchelf(path: Path, rpath: str, result: Path) -> Path:
    result.parent.mkdir(parents=True, exist_ok=True)
    subprocess.run([PATCHELF, "--force-rpath", "--set-rpath", rpath, "--output", result, path], check=True)
    result.chmod(0o755)
    return result


def outcome(path: Path, found: ElfFacts) -> str:
    """Return what the loader says of a file: of a library when it is mapped, of a program which libraries it takes."""
    if found.is_library:
        said = load_failures([path]).get(path, "")
    else:
        done = subprocess.run([LOADER, "--list", path], env={}, capture_output=True, text=True, check=False)
        said = re.sub(r" \(0x[0-9a-f]+\)", "", done.stdout + done.stderr)
    return said.replace(str(path), "ITSELF")


@pytest.mark.parametrize("kind", ["short", "long"])
def test_facts_and_loading_are_those_of_patchelf(root: Path, tmp_path: Path, kind: str) -> None:
    """A short RPATH fits where one was; a long one makes the last segment move."""
    libraries = f"{root}/lib:{root}/lib/llvm/lib:{root}/lib/rocm_sysdeps/lib"
    rpath = {"short": "$ORIGIN", "long": f"{libraries}{':/not/there' * 30}"}[kind]
    count = 0
    for path, found in editable(root):
        ours = rewrite(path, rpath, tmp_path / "ours" / path.name)
        theirs = patchelf(path, rpath, tmp_path / "theirs" / path.name)

        assert facts(ours) == msgspec.structs.replace(found, rpath=rpath, runpath=None), path
        assert facts(ours) == facts(theirs), path
        assert outcome(ours, found) == outcome(theirs, found), path
        assert kind == "short" or outcome(ours, found).count("not found") == 0, path
        ours.unlink()
        theirs.unlink()
        count += 1
    assert count > 50
