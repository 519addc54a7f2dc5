"""Members that are compressed whole: what a worker thread does."""

from __future__ import annotations

from collections.abc import Sequence
from hashlib import sha256

import deflate
import xxhash

from tools.artifact.source import Spans
from tools.wheel.compress.deflating import (
    DEFLATED,
    SAMPLE,
    STORED,
    Buffer,
    compress,
    is_worth_compressing,
    sample_offsets,
)
from tools.wheel.limits import PROBE
from tools.wheel.payload import Payload
from tools.wheel.reading import read_member
from tools.wheel.zip.format import Facts
from tools.wheel.zip.writer import Packed
from tools.workers.progress import PROGRESS


def pack_all(payloads: Sequence[Payload], spans: Spans, level: int) -> list[Packed]:
    """Return the payloads read, checked and compressed, each whole; ``spans`` say where the sources are.

    :raises InputChanged: when a source is not what the plan says.
    """
    with PROGRESS.compressing(sum([payload.size for payload in payloads])):
        packed = [_pack(payload, spans, level) for payload in payloads]
    PROGRESS.add(
        members_compressed=len(packed),
        bytes_read=sum([payload.size for payload in payloads if payload.content is None]),
    )
    return packed


def _pack(payload: Payload, spans: Spans, level: int) -> Packed:
    member = payload.member
    content: Buffer = payload.content if payload.content is not None else read_member(member, spans)
    if member.kind == "copy":
        crc, digest = member.crc32, member.sha256  # just checked, and what a checked CRC stands for
    else:
        crc, digest = deflate.crc32(content), sha256(content).hexdigest()
    data = compress(content, level) if _is_worth(content) else None
    method, data = (STORED, bytes(content)) if data is None else (DEFLATED, data)
    facts = Facts(method, len(content), len(data), crc, digest, xxhash.xxh3_128_hexdigest(data))
    return Packed(facts, data)


def _is_worth(content: Buffer) -> bool:
    if len(content) <= PROBE:
        return True
    view = memoryview(content)
    return is_worth_compressing(view[at : at + SAMPLE] for at in sample_offsets(len(content)))
