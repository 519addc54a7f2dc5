"""The least that a build must do: every distinct content read, hashed and compressed, on all cores, and nothing else.

``python -m tools.bench.floor LIST`` is a process of its own, so that it is measured as a build is.
"""

from __future__ import annotations

import os
import sys
import threading
from collections.abc import Iterator
from hashlib import sha256
from pathlib import Path

import deflate
import msgspec

PIECE = 8 << 20  # bytes compressed at a time, so that all cores have work until the end


class Contents(msgspec.Struct, frozen=True, kw_only=True):
    """What there is to do."""

    files: tuple[tuple[str, int], ...]  # path, size in bytes
    level: int  # of libdeflate
    threads: int


def do_least(contents: Contents) -> int:
    """Read, hash and compress the files on all threads; return the compressed bytes."""
    pieces, lock = _pieces(contents), threading.Lock()
    totals: list[int] = []

    def work() -> None:
        total = 0
        while True:
            with lock:
                piece = next(pieces, None)
            if piece is None:
                break
            total += _least(*piece, contents.level)
        totals.append(total)

    threads = [threading.Thread(target=work) for _ in range(contents.threads)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return sum(totals)


def _pieces(contents: Contents) -> Iterator[tuple[str, int, int]]:
    """Yield (path, offset, length), those of the largest files first."""
    for path, size in sorted(contents.files, key=lambda file: -file[1]):
        yield from ((path, offset, min(PIECE, size - offset)) for offset in range(0, size, PIECE))


def _least(path: str, offset: int, length: int, level: int) -> int:
    descriptor = os.open(path, os.O_RDONLY)
    try:
        content = os.pread(descriptor, length, offset)
    finally:
        os.close(descriptor)
    sha256(content).digest()
    return len(deflate.deflate_compress(content, level))


if __name__ == "__main__":
    todo = msgspec.json.decode(Path(sys.argv[1]).read_bytes(), type=Contents)
    sys.stdout.write(f"{do_least(todo)}\n")
