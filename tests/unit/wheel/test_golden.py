"""The bytes of a small wheel and sdist. If they change, versions.py has numbers that must go up."""

from __future__ import annotations

import hashlib
import io
import struct
from importlib.metadata import version

import pytest

from tests.unit.elf.samples import patched
from tests.unit.wheel.projects import Project, text
from tools.elf.forwarder import forwarder
from tools.elf.rpath import plan_rpath
from tools.wheel.versions import RPATH_VERSION, SDIST_VERSION, WHEEL_VERSION

CONTENT = b"".join(b"%d " % (number * number) for number in range(40_000))
WHEEL = {
    (2, "0.9.0"): "6eaf2c4ef9c5683406941dcdca2575dc787fc2c3d97baa7b0cfb91194468cdff"
}  # by wheel version and version of deflate
SDIST = {(1, "0.9.0"): "50a6aad1ad54877b641b778f6a0adcd80d4102235c397286f2aef4d07a947c6a"}
RPATH = {2: "c126133267ee4b594ef981976fdf91b155a6a71d14c895c849ff73999d1afb51"}


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


def test_the_bytes_of_a_library_with_another_rpath() -> None:
    library = bytearray(forwarder("libx.so", "libx.so.1"))
    (end,) = struct.unpack_from("<Q", library, 64 + 32)  # p_filesz of the first program header
    del library[end:]
    library[40:48], library[60:64] = bytes(8), bytes(4)  # e_shoff, e_shnum, e_shstrndx: no sections

    patch = plan_rpath(io.BytesIO(library), len(library), "$ORIGIN/../somewhere/else")

    content = patched(bytes(library), patch)
    assert hashlib.sha256(content).hexdigest() == RPATH[RPATH_VERSION]
