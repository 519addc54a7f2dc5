"""A wheel while it is written: members go in one after the other, their rows come out."""

from __future__ import annotations

from collections.abc import Iterable
from typing import NamedTuple

from tools.wheel.archive import Facts, central_entry, end_records, local_header, local_header_size
from tools.wheel.deflating import Buffer
from tools.wheel.output import Output
from tools.wheel.payload import Payload
from tools.wheel.receipt import WrittenMember


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
    """Writes one archive. Rows are kept for the central directory, RECORD and the receipt."""

    def __init__(self, output: Output) -> None:
        self.output = output
        self.rows: list[WrittenMember] = []
        self._written: list[tuple[Facts | WrittenMember, int]] = []  # of each row, and where its local header lies

    def add_all(self, members: Iterable[tuple[Payload, Packed]]) -> None:
        """Append whole members at once."""
        chunks: list[Buffer] = []
        position = self.output.position
        for payload, (facts, data) in members:
            header = _header(payload, facts)
            chunks += (header, data)
            self._note(payload, facts, position, position + len(header))
            position += len(header) + len(data)
        if len(chunks) > 2:
            chunks = [b"".join(chunks)]
        for chunk in chunks:
            self.output.write(chunk)

    def add_blocks(self, payload: Payload, facts: Facts | WrittenMember, blocks: Iterable[Buffer]) -> None:
        """Append a large member whose facts are known. An exception of ``blocks`` leaves the member half written."""
        start, header = self.output.position, _header(payload, facts)
        self.output.write(header)
        for block in blocks:
            self.output.write(block)
        self._note(payload, facts, start, start + len(header))

    def open(self, payload: Payload, size: int) -> Opened:
        """Begin a large member of which only the size as installed is known."""
        room = self.output.leave_room(local_header_size(payload.path.encode(), size))
        return Opened(payload, size, room, self.output.position)

    def close(self, opened: Opened, facts: Facts) -> None:
        """End the member whose bytes were written to the output since it was opened."""
        self.output.fill(opened.header, _header(opened.payload, facts))
        self._note(opened.payload, facts, opened.header, opened.data)

    def finish(self) -> None:
        """Append the central directory."""
        start = self.output.position
        entries = [
            central_entry(row.path.encode(), facts, header, row.mode)
            for row, (facts, header) in zip(self.rows, self._written, strict=True)
        ]
        directory = b"".join(entries)
        self.output.write(directory + end_records(len(entries), len(directory), start))

    def _note(self, payload: Payload, facts: Facts | WrittenMember, header: int, offset: int) -> None:
        self._written.append((facts, header))
        self.rows.append(
            WrittenMember(
                path=payload.path,
                recipe=payload.recipe,
                sha256=facts.sha256,
                crc32=facts.crc32,
                size=facts.size,
                compressed_size=facts.compressed_size,
                offset=offset,
                method=facts.method,
                digest=facts.digest,
                mode=payload.member.mode,
            )
        )


def _header(payload: Payload, facts: Facts | WrittenMember) -> bytes:
    return local_header(payload.path.encode(), facts)
