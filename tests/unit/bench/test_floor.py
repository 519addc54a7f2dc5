"""The least that must be done."""

from __future__ import annotations

import random

import deflate
import pytest

from tools.bench.floor import PIECE, Contents, do_least


@pytest.mark.parametrize("threads", [1, 2, 5])
def test_every_byte_is_compressed_once(tmp_path, threads):
    contents = [random.Random(size).choices(b"abcdef", k=size) for size in (1, 700, 40_000, 0)]
    files = []
    for number, content in enumerate(contents):
        (tmp_path / str(number)).write_bytes(bytes(content))
        files.append((str(tmp_path / str(number)), len(content)))

    total = do_least(Contents(files=tuple(files), level=5, threads=threads))

    assert total == sum(len(deflate.deflate_compress(bytes(content), 5)) for content in contents if content)


def test_large_files_are_cut_so_that_no_thread_is_left_alone(tmp_path):
    content = bytes(PIECE) + b"rest"
    (tmp_path / "large").write_bytes(content)

    total = do_least(Contents(files=((str(tmp_path / "large"), len(content)),), level=1, threads=2))

    assert total == len(deflate.deflate_compress(bytes(PIECE), 1)) + len(deflate.deflate_compress(b"rest", 1))
