from __future__ import annotations

import hashlib
import io
import os
import zlib
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.support.replacing import become_a_fifo, become_a_link, become_an_equal_one
from tools.artifact import span as module
from tools.artifact.directory import DirectoryArtifact
from tools.artifact.span import Span
from tools.catalog.fingerprint import BLOCK, fingerprint
from tools.elf.facts import read_elf_facts
from tools.errors import InputChanged, UserError
from tools.sample.embedded.code_object import code_object


def _span(directory: Path, name: str = "file") -> Span:
    span = DirectoryArtifact("a", directory).find(name)
    assert span is not None
    return span


@pytest.mark.parametrize("size", [0, 1, 4096, BLOCK - 1, BLOCK, BLOCK + 1, 2 * BLOCK + 12345])
def test_digests_are_those_of_the_whole_file(tmp_path: Path, size: int) -> None:
    content = hashlib.shake_256(b"seed").digest(size)
    (tmp_path / "file").write_bytes(content)

    print_ = fingerprint(_span(tmp_path))

    assert print_.sha256 == hashlib.sha256(content).hexdigest()
    assert print_.crc32 == zlib.crc32(content)
    assert print_.elf is None


@pytest.mark.parametrize(
    ("content", "script"),
    [(b"#!/bin/sh\n", True), (b"#!", True), (b"#", False), (b"", False), (b"\n#!/bin/sh", False)],
)
def test_a_script_is_told_by_its_first_two_bytes(tmp_path: Path, content: bytes, script: bool) -> None:
    (tmp_path / "file").write_bytes(content)

    assert fingerprint(_span(tmp_path)).script is script


@pytest.mark.parametrize("padding", [0, BLOCK], ids=["in one block", "in several"])
def test_facts_of_an_elf_file_are_read(tmp_path: Path, padding: int) -> None:
    (tmp_path / "kernels.co").write_bytes(code_object("gfx942", "gemm") + bytes(padding))

    elf = fingerprint(_span(tmp_path, "kernels.co")).elf

    assert elf is not None
    assert (elf.machine, elf.soname) == (224, "gemm.gfx942")


def test_a_truncated_elf_file_is_an_error_without_place(tmp_path: Path) -> None:
    content = code_object("gfx942", "gemm")[:300]
    (tmp_path / "kernels.co").write_bytes(content)

    with pytest.raises(UserError) as expected:
        read_elf_facts(io.BytesIO(content), len(content))
    with pytest.raises(UserError) as caught:
        fingerprint(_span(tmp_path, "kernels.co"))

    assert str(caught.value) == str(expected.value)


def _append(path: Path) -> None:
    with path.open("ab") as file:
        file.write(b"more")


@pytest.mark.parametrize(
    "change",
    [
        pytest.param(_append, id="longer"),
        pytest.param(lambda path: os.truncate(path, 1), id="shorter"),
        pytest.param(lambda path: path.chmod(0o600), id="mode"),
        pytest.param(become_an_equal_one, id="another file"),
        pytest.param(become_a_fifo, id="FIFO"),
    ],
)
def test_a_file_that_is_not_what_the_walk_saw_is_an_error(tmp_path: Path, change: Callable[[Path], object]) -> None:
    (tmp_path / "file").write_bytes(b"content")
    (tmp_path / "file").chmod(0o644)
    span = _span(tmp_path)

    change(tmp_path / "file")

    with pytest.raises(InputChanged) as caught:
        fingerprint(span)
    assert str(caught.value) == (f"{tmp_path}/file: changed while it was read; run again when nothing writes to it")


def test_a_file_that_is_gone_is_an_error(tmp_path: Path) -> None:
    (tmp_path / "file").write_bytes(b"content")
    span = _span(tmp_path)

    (tmp_path / "file").unlink()

    with pytest.raises(InputChanged) as caught:
        fingerprint(span)
    assert str(caught.value) == (f"{tmp_path}/file: disappeared while it was read; run again when nothing writes to it")


def test_a_file_that_became_a_link_is_not_followed(tmp_path: Path) -> None:
    (tmp_path / "file").write_bytes(b"content")
    span = _span(tmp_path)

    become_a_link(tmp_path / "file")

    with pytest.raises(InputChanged) as caught:
        fingerprint(span)
    assert str(caught.value) == (f"{tmp_path}/file: changed while it was read; run again when nothing writes to it")


def test_a_file_that_changes_between_two_blocks_is_an_error(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "file"
    path.write_bytes(bytes(3 * BLOCK))
    span = _span(tmp_path)
    read = os.preadv

    def read_and_write(descriptor: int, buffers: list[memoryview], offset: int) -> int:
        _append(path)
        return read(descriptor, buffers, offset)

    monkeypatch.setattr(module.os, "preadv", read_and_write)

    with pytest.raises(InputChanged):
        fingerprint(span)


@pytest.fixture
def short_reads(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let the system give at most 1,000 bytes a read, as file systems in user space or on a network may."""
    pread, preadv = os.pread, os.preadv

    def short_pread(descriptor: int, size: int, offset: int) -> bytes:
        return pread(descriptor, min(size, 1000), offset)

    def short_preadv(descriptor: int, buffers: list[memoryview], offset: int) -> int:
        return preadv(descriptor, [buffers[0][:1000]], offset)

    monkeypatch.setattr(module.os, "pread", short_pread)
    monkeypatch.setattr(module.os, "preadv", short_preadv)


@pytest.mark.usefixtures("short_reads")
@pytest.mark.parametrize("size", [999, 1000, 1001, 123_456, BLOCK + 12_345])
def test_a_read_that_gives_less_than_asked_for_is_gone_on_with(tmp_path: Path, size: int) -> None:
    content = hashlib.shake_256(b"seed").digest(size)
    (tmp_path / "file").write_bytes(content)

    found = fingerprint(_span(tmp_path))

    assert (found.sha256, found.crc32) == (hashlib.sha256(content).hexdigest(), zlib.crc32(content))


@pytest.mark.parametrize("size", [10, BLOCK + 10])
def test_a_file_that_ends_before_its_size_is_an_error(tmp_path: Path, size: int) -> None:
    """Its stamp says nothing of that where a file system tells more than it gives."""
    (tmp_path / "file").write_bytes(bytes(size))
    span = _span(tmp_path)
    longer = span._replace(size=size + 1)

    with pytest.raises(InputChanged) as caught:
        fingerprint(longer)
    assert str(caught.value) == f"{tmp_path}/file: changed while it was read; run again when nothing writes to it"


@pytest.mark.parametrize("content", [b"#!/bin/sh\n", code_object("gfx942", "gemm"), bytes(BLOCK + 12_345)])
def test_a_part_of_a_file_is_as_good_as_a_file(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "file").write_bytes(content)
    (tmp_path / "archive").write_bytes(b"before" + content + b"behind")
    part = _span(tmp_path, "archive")._replace(offset=6, size=len(content))

    assert fingerprint(part) == fingerprint(_span(tmp_path))


def test_facts_of_a_large_elf_file_inside_another_are_read(tmp_path: Path) -> None:
    content = code_object("gfx942", "gemm") + bytes(BLOCK)
    (tmp_path / "archive").write_bytes(b"before" + content + b"behind")

    elf = fingerprint(_span(tmp_path, "archive")._replace(offset=6, size=len(content))).elf

    assert elf is not None
    assert (elf.machine, elf.soname) == (224, "gemm.gfx942")
