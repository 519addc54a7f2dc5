"""Members that are compressed whole: what a worker thread does."""

from __future__ import annotations

from collections.abc import Sequence
from hashlib import sha256
from typing import NamedTuple

import deflate
import xxhash

from tools.artifact.source import Spans
from tools.plan.model import Member
from tools.wheel.compress.deflating import (
    DEFLATED,
    SAMPLE,
    STORED,
    Buffer,
    compress,
    is_worth_compressing,
    sample_offsets,
)
from tools.wheel.payload import Payload
from tools.wheel.reading import read_member
from tools.wheel.zip.format import Facts
from tools.wheel.zip.writer import Packed
from tools.workers.context import Context
from tools.workers.progress import Progress


class Packer(NamedTuple):
    """How the members of one wheel are read and compressed."""

    spans: Spans  # where the sources are
    level: int  # of libdeflate
    probe: int  # bytes; of what is larger, samples tell whether to compress it
    context: Context
    progress: Progress  # of the wheel

    def pack_all(self, payloads: Sequence[Payload]) -> list[Packed]:
        """Return the payloads read, checked and compressed, each whole.

        :raises InputChanged: when a source is not what the plan says.
        """
        with self.progress.compressing(sum([payload.size for payload in payloads])):
            packed = [self._pack(payload) for payload in payloads]
        self.progress.add(
            members_compressed=len(packed),
            bytes_read=sum([payload.size for payload in payloads if payload.content is None]),
        )
        return packed

    def _pack(self, payload: Payload) -> Packed:
        member = payload.member
        content: Buffer = payload.content if payload.content is not None else self._read(member)
        if member.kind == "copy":
            crc, digest = member.crc32, member.sha256  # the CRC was just checked, so the plan's digest holds
        else:
            crc, digest = deflate.crc32(content), sha256(content).hexdigest()
        data = compress(content, self.level) if self._is_worth(content) else None
        method, data = (STORED, bytes(content)) if data is None else (DEFLATED, data)
        facts = Facts(method, len(content), len(data), crc, digest, xxhash.xxh3_128_hexdigest(data))
        return Packed(facts, data)

    def _read(self, member: Member) -> Buffer:
        return read_member(member, self.spans, self.context)

    def _is_worth(self, content: Buffer) -> bool:
        if len(content) <= self.probe:
            return True
        view = memoryview(content)
        return is_worth_compressing(view[at : at + SAMPLE] for at in sample_offsets(len(content)))
