"""A wheel while it is written: members go in one after the other, their rows come out."""

from __future__ import annotations

from collections.abc import Iterable
from typing import NamedTuple

from tools.receipt import WrittenMember
from tools.wheel.compress.deflating import Buffer
from tools.wheel.payload import Payload
from tools.wheel.zip.format import Facts, end_records, headers, local_header_size
from tools.wheel.zip.output import Output


class Packed(NamedTuple):
    """A member's compressed bytes."""

    facts: Facts | WrittenMember  # a row of another wheel says the same
    data: Buffer


class Opened(NamedTuple):
    """A member whose bytes are being appended."""

    payload: Payload
    size: int
    header: int  # where its local header will be
    data: int  # where its bytes begin


class ArchiveWriter:
    """Writes one archive. Rows are kept for RECORD and the receipt."""

    def __init__(self, output: Output) -> None:
        self.output = output
        self.rows: list[WrittenMember] = []
        self._directory: list[bytes] = []  # a row a member

    def add_all(self, members: Iterable[tuple[Payload, Packed]]) -> None:
        """Append whole members at once."""
        chunks: list[Buffer] = []
        position = self.output.position
        for payload, (facts, data) in members:
            header = self._note(payload, facts, position)
            chunks += (header, data)
            position += len(header) + len(data)
        if len(chunks) > 2:
            chunks = [b"".join(chunks)]
        for chunk in chunks:
            self.output.write(chunk)

    def add_blocks(self, payload: Payload, facts: Facts | WrittenMember, blocks: Iterable[Buffer]) -> None:
        """Append a large member whose facts are known. An exception of ``blocks`` leaves the member half written."""
        count = len(self.rows)
        try:
            self.output.write(self._note(payload, facts, self.output.position))
            for block in blocks:
                self.output.write(block)
        except BaseException:
            del self.rows[count:], self._directory[count:]
            raise

    def open(self, payload: Payload, size: int) -> Opened:
        """Begin a large member of which only the size as installed is known."""
        room = self.output.leave_room(local_header_size(payload.path.encode(), size))
        return Opened(payload, size, room, self.output.position)

    def close(self, opened: Opened, facts: Facts) -> None:
        """End the member whose bytes were written to the output since it was opened."""
        self.output.fill(opened.header, self._note(opened.payload, facts, opened.header))

    def finish(self) -> None:
        """Append the central directory."""
        start = self.output.position
        directory = b"".join(self._directory)
        self.output.write(directory + end_records(len(self._directory), len(directory), start))

    def _note(self, payload: Payload, facts: Facts | WrittenMember, position: int) -> bytes:
        """Remember a member that begins at ``position``, and return its local header."""
        path, mode = payload.path, payload.member.mode
        local, row = headers(path.encode(), facts, position, mode)
        self._directory.append(row)
        offset = position + len(local)
        if isinstance(facts, WrittenMember) and (facts.path, facts.offset, facts.mode) == (path, offset, mode):
            self.rows.append(facts)  # as it was in this wheel before
            return local
        self.rows.append(
            WrittenMember(
                path=path,
                recipe=payload.recipe,
                sha256=facts.sha256,
                crc32=facts.crc32,
                size=facts.size,
                compressed_size=facts.compressed_size,
                offset=offset,
                method=facts.method,
                digest=facts.digest,
                mode=mode,
            )
        )
        return local
