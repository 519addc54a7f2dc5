from __future__ import annotations

import hashlib
import io
import os
import zlib
from collections.abc import Callable
from pathlib import Path

import pytest

from tools.artifact.walk import Row, walk
from tools.catalog import fingerprint as module
from tools.catalog.fingerprint import BLOCK, fingerprint
from tools.elf.facts import read_elf_facts
from tools.errors import InputChanged, UserError
from tools.sample.embedded.code_object import code_object


def _row(directory: Path) -> Row:
    (row,) = walk(directory).rows
    return row


@pytest.mark.parametrize("size", [0, 1, 4096, BLOCK - 1, BLOCK, BLOCK + 1, 2 * BLOCK + 12345])
def test_digests_are_those_of_the_whole_file(tmp_path: Path, size: int) -> None:
    content = hashlib.shake_256(b"seed").digest(size)
    (tmp_path / "file").write_bytes(content)

    print_ = fingerprint(f"{tmp_path}/", _row(tmp_path))

    assert print_.sha256 == hashlib.sha256(content).hexdigest()
    assert print_.crc32 == zlib.crc32(content)
    assert print_.elf is None


@pytest.mark.parametrize(
    ("content", "script"),
    [(b"#!/bin/sh\n", True), (b"#!", True), (b"#", False), (b"", False), (b"\n#!/bin/sh", False)],
)
def test_a_script_is_told_by_its_first_two_bytes(tmp_path: Path, content: bytes, script: bool) -> None:
    (tmp_path / "file").write_bytes(content)

    assert fingerprint(f"{tmp_path}/", _row(tmp_path)).script is script


@pytest.mark.parametrize("padding", [0, BLOCK], ids=["in one block", "in several"])
def test_facts_of_an_elf_file_are_read(tmp_path: Path, padding: int) -> None:
    (tmp_path / "kernels.co").write_bytes(code_object("gfx942", "gemm") + bytes(padding))

    elf = fingerprint(f"{tmp_path}/", _row(tmp_path)).elf

    assert elf is not None
    assert (elf.machine, elf.soname) == (224, "gemm.gfx942")


def test_a_truncated_elf_file_is_an_error_without_place(tmp_path: Path) -> None:
    content = code_object("gfx942", "gemm")[:300]
    (tmp_path / "kernels.co").write_bytes(content)

    with pytest.raises(UserError) as expected:
        read_elf_facts(io.BytesIO(content), len(content))
    with pytest.raises(UserError) as caught:
        fingerprint(f"{tmp_path}/", _row(tmp_path))

    assert str(caught.value) == str(expected.value)


def _append(path: Path) -> None:
    with path.open("ab") as file:
        file.write(b"more")


def _replace_by_link(path: Path) -> None:
    path.rename(path.with_name("moved"))
    path.symlink_to("moved")


def _replace_by_fifo(path: Path) -> None:
    path.unlink()
    os.mkfifo(path)


def _replace_by_equal(path: Path) -> None:
    content = path.read_bytes()
    path.rename(path.with_name("old"))
    path.write_bytes(content)


@pytest.mark.parametrize(
    "change",
    [
        pytest.param(_append, id="longer"),
        pytest.param(lambda path: os.truncate(path, 1), id="shorter"),
        pytest.param(lambda path: path.chmod(0o600), id="mode"),
        pytest.param(_replace_by_equal, id="another file"),
        pytest.param(_replace_by_fifo, id="FIFO"),
    ],
)
def test_a_file_that_is_not_what_the_walk_saw_is_an_error(tmp_path: Path, change: Callable[[Path], object]) -> None:
    (tmp_path / "file").write_bytes(b"content")
    (tmp_path / "file").chmod(0o644)
    row = _row(tmp_path)

    change(tmp_path / "file")

    with pytest.raises(InputChanged) as caught:
        fingerprint(f"{tmp_path}/", row)
    assert str(caught.value) == (f"{tmp_path}/file: changed while it was read; run again when nothing writes to it")


def test_a_file_that_is_gone_is_an_error(tmp_path: Path) -> None:
    (tmp_path / "file").write_bytes(b"content")
    row = _row(tmp_path)

    (tmp_path / "file").unlink()

    with pytest.raises(InputChanged) as caught:
        fingerprint(f"{tmp_path}/", row)
    assert str(caught.value) == (f"{tmp_path}/file: disappeared while it was read; run again when nothing writes to it")


def test_a_file_that_became_a_link_is_not_followed(tmp_path: Path) -> None:
    (tmp_path / "file").write_bytes(b"content")
    row = _row(tmp_path)

    _replace_by_link(tmp_path / "file")

    with pytest.raises(InputChanged) as caught:
        fingerprint(f"{tmp_path}/", row)
    assert str(caught.value) == (f"{tmp_path}/file: changed while it was read; run again when nothing writes to it")


def test_a_file_that_changes_between_two_blocks_is_an_error(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "file"
    path.write_bytes(bytes(3 * BLOCK))
    row = _row(tmp_path)
    read = os.readv

    def read_and_write(descriptor: int, buffers: list[memoryview]) -> int:
        _append(path)
        return read(descriptor, buffers)

    monkeypatch.setattr(module.os, "readv", read_and_write)

    with pytest.raises(InputChanged):
        fingerprint(f"{tmp_path}/", row)
