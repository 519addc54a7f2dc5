"""The bytes of a small wheel and sdist. If they change, versions.py has numbers that must go up."""

from __future__ import annotations

import hashlib
import io
import re
import struct
from importlib.metadata import version

import pytest

from tests.support.contracts import text
from tests.support.elf_files import patched
from tests.support.places import ROOT
from tests.support.project import Project
from tools.elf.forwarder import forwarder
from tools.elf.rpath import plan_rpath
from tools.elf.stub import exe_stub
from tools.wheel.versions import FORWARDER_VERSION, RPATH_VERSION, SDIST_VERSION, STUB_VERSION, WHEEL_VERSION

CONTENT = b"".join(b"%d " % (number * number) for number in range(40_000))
WHEEL = {
    (2, "0.9.0"): "6eaf2c4ef9c5683406941dcdca2575dc787fc2c3d97baa7b0cfb91194468cdff"
}  # by wheel version and version of deflate
SDIST = {(1, "0.9.0"): "50a6aad1ad54877b641b778f6a0adcd80d4102235c397286f2aef4d07a947c6a"}
RPATH = {2: "c126133267ee4b594ef981976fdf91b155a6a71d14c895c849ff73999d1afb51"}
STUB = {1: "8b5e723fb474d881b80760f4b5e9dffaf51a295b46e43d3357df3f63e4b5093e"}
FORWARDER = {1: "6940eb37b1fa23369847e88f3b9b292b1eac168e697ccd85a57937ac1403d630"}


@pytest.mark.usefixtures("small_limits")
def test_the_bytes_of_a_wheel(project: Project) -> None:
    wheel = project.build(
        project.source("large", CONTENT), project.source("tool", CONTENT[:5000], mode=0o755), text("ü", "x")
    )

    digest = hashlib.sha256(wheel.read_bytes()).hexdigest()
    assert digest == WHEEL[WHEEL_VERSION, version("deflate")]


def test_the_bytes_of_an_sdist(project: Project) -> None:
    sdist = project.build_sdist(text("PKG-INFO", "Name: demo\n"), text("a", CONTENT.decode()))

    digest = hashlib.sha256(sdist.read_bytes()).hexdigest()
    assert digest == SDIST[SDIST_VERSION, version("deflate")]


def test_the_bytes_of_a_stub() -> None:
    content = exe_stub("../lib/llvm/bin/clang")

    assert hashlib.sha256(content).hexdigest() == STUB[STUB_VERSION]


def test_the_bytes_of_a_forwarder() -> None:
    content = forwarder("libx.so", "libx.so.1")

    assert hashlib.sha256(content).hexdigest() == FORWARDER[FORWARDER_VERSION]


def test_every_version_of_bytes_is_in_the_key_of_a_task() -> None:
    """A number that no rule reads may go up without anything being built again."""
    tools = "".join(path.read_text(encoding="utf-8") for path in sorted((ROOT / "tools").rglob("*.py")))
    rules = "".join(path.read_text(encoding="utf-8") for path in sorted((ROOT / "rules").rglob("*.py")))
    versions = re.findall(r"^([A-Z]+_VERSION) = \d+\b", tools, re.MULTILINE)

    assert len(versions) >= 6
    keys = rules + "".join(re.findall(r"^    versions = \(.*\)$", tools, re.MULTILINE))  # those of develop are there
    assert [name for name in versions if not re.search(rf"[:(,] ?{name}\b", keys)] == []


def test_the_bytes_of_a_library_with_another_rpath() -> None:
    library = bytearray(forwarder("libx.so", "libx.so.1"))
    (end,) = struct.unpack_from("<Q", library, 64 + 32)  # p_filesz of the first program header
    del library[end:]
    library[40:48], library[60:64] = bytes(8), bytes(4)  # e_shoff, e_shnum, e_shstrndx: no sections

    patch = plan_rpath(io.BytesIO(library), len(library), "$ORIGIN/../somewhere/else")

    content = patched(bytes(library), patch)
    assert hashlib.sha256(content).hexdigest() == RPATH[RPATH_VERSION]
