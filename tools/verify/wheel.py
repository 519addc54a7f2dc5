"""One wheel, read once: what it holds, and what is wrong with it by itself."""

from __future__ import annotations

import hashlib
import io
import mmap
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Executor, Future
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO, NamedTuple

from zlib_ng import zlib_ng

from tools.elf.check import problems as elf_problems
from tools.elf.facts import MAGIC, read_elf_facts
from tools.elf.model import ElfFacts
from tools.elf.symbol_versions import NONE, SymbolVersions, read_symbol_versions
from tools.errors import UserError
from tools.naming import DIST_INFO, read_name
from tools.pe.facts import MAGIC as PE_MAGIC
from tools.pe.facts import read_pe_facts
from tools.pe.model import PeFacts
from tools.platform.tags import WINDOWS, systems_of
from tools.verify.archive import ArchiveEntry, read_archive
from tools.verify.finding import Finding, error
from tools.verify.member import as_file, member

_BATCH = 8 << 20  # compressed bytes of small members that one job reads
_BATCH_MEMBERS = 1000  # the same for tiny ones
_HELD = 32 << 20  # bytes of a binary that is held whole; what a check reads of a larger one is unpacked again
_TEXT = 16 << 20  # bytes; larger than any text that a check reads


class Content(NamedTuple):
    """One file as it will be installed."""

    size: int
    sha256: str  # hex; "" when it cannot be unpacked
    mode: int  # st_mode
    elf: ElfFacts | None = None
    versions: SymbolVersions = NONE  # of an ELF file's symbols
    pe: PeFacts | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class WheelContents:
    """What a wheel holds."""

    filename: str
    size: int  # bytes of the wheel
    sha256: str  # hex, of the wheel
    files: dict[str, Content]
    texts: dict[str, bytes]  # metadata, entry points, facts, link tables, modules: what other checks read


class Read(NamedTuple):
    """A wheel and what is wrong with its archive, its members and its ELF files."""

    contents: WheelContents
    findings: list[Finding]


class _Part(NamedTuple):
    path: str
    content: Content
    text: bytes | None
    findings: list[Finding]


def read_wheel(path: Path, pool: Executor) -> Callable[[], Read]:
    """Start to read the wheel at ``path`` in ``pool``; return a function that waits for what it holds.

    :raises UserError: when the file cannot be read.
    """
    try:
        with path.open("rb") as file:
            data: mmap.mmap | bytes = mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ) if _size(path) else b""
    except OSError as problem:
        raise UserError(f"{path}: cannot be read: {problem.strerror}") from None
    view = memoryview(data)
    digest = pool.submit(lambda: hashlib.sha256(view).hexdigest())
    archive = read_archive(view)
    findings = [error(path.name, "archive", problem, member) for problem, member in archive.problems]
    readable = {entry.name: entry for entry in archive.entries if entry.start}
    jobs = [pool.submit(_read_members, view, path.name, batch) for batch in _batches(readable.values())]
    return lambda: _collect(path.name, len(view), digest, jobs, findings)


def is_text(path: str) -> bool:
    """Say whether other checks read this member."""
    folder, _, name = path.partition("/")
    if folder.endswith(DIST_INFO):
        return "/" not in name or name.startswith("sboms/")
    if name.endswith((".cmake", ".pc", ".la")):
        return True  # of a devel tree: what they name has to be there
    return "/" not in name and name.endswith((".package.json", ".links.json", ".loads.json", ".py"))


def _size(path: Path) -> int:
    return path.stat().st_size


def _batches(entries: Iterable[ArchiveEntry]) -> Iterator[list[ArchiveEntry]]:
    batch: list[ArchiveEntry] = []
    total = 0
    for entry in sorted(entries, key=lambda entry: -entry.size):  # the largest first: none is left to run alone
        batch.append(entry)
        total += entry.compressed_size
        if total >= _BATCH or len(batch) == _BATCH_MEMBERS:
            yield batch
            batch, total = [], 0
    if batch:
        yield batch


def _collect(
    name: str, size: int, digest: Future[str], jobs: list[Future[list[_Part]]], findings: list[Finding]
) -> Read:
    parts = sorted(part for job in jobs for part in job.result())
    contents = WheelContents(
        filename=name,
        size=size,
        sha256=digest.result(),
        files={part.path: part.content for part in parts},
        texts={part.path: part.text for part in parts if part.text is not None},
    )
    return Read(contents, [*findings, *(finding for part in parts for finding in part.findings)])


def _read_members(data: memoryview, wheel: str, entries: list[ArchiveEntry]) -> list[_Part]:
    return [_read_member(data, wheel, entry) for entry in entries]


def _read_member(data: memoryview, wheel: str, entry: ArchiveEntry) -> _Part:
    source = member(data[entry.start : entry.start + entry.compressed_size], entry.method, entry.size)
    sha256, crc, size, held = hashlib.sha256(), 0, 0, io.BytesIO()
    is_wanted, is_binary, head = is_text(entry.name) and entry.size <= _TEXT, False, b""
    try:
        for block in source.blocks():
            may_be_binary = is_binary or len(head) < len(MAGIC)  # a block may be one byte
            if len(head) < len(MAGIC):
                head += bytes(block[: len(MAGIC) - len(head)])
                is_binary = head.startswith((MAGIC, PE_MAGIC))
            sha256.update(block)
            crc = zlib_ng.crc32(block, crc)
            size += len(block)
            if is_wanted or (may_be_binary and entry.size <= _HELD):
                held.write(block)
    except (ValueError, zlib_ng.error):  # type: ignore[misc]  # its stub calls the class a value
        bad = error(wheel, "archive", "cannot be unpacked, or not to the size that is stated", entry.name)
        return _Part(entry.name, Content(entry.size, "", entry.mode), None, [bad])
    findings = [] if crc == entry.crc32 else [error(wheel, "archive", "has another CRC than is stated", entry.name)]
    content = Content(size, sha256.hexdigest(), entry.mode)
    if is_binary:
        file = held if entry.size <= _HELD else as_file(source, size)
        content = _binary(content, file, wheel, entry.name, findings)
    return _Part(entry.name, content, held.getvalue() if is_wanted else None, findings)


def _binary(content: Content, file: BinaryIO, wheel: str, path: str, findings: list[Finding]) -> Content:
    elf = _elf(file, content.size, wheel, path, findings)
    if elf is None:
        return content._replace(pe=_pe(file, content.size, wheel, path, findings))
    return content._replace(elf=elf, versions=_versions(file, content.size))


def _versions(file: BinaryIO, size: int) -> SymbolVersions:
    try:
        return read_symbol_versions(file, size)
    except UserError:
        return NONE  # the checks of ELF files say what is unsound


def _elf(file: BinaryIO, size: int, wheel: str, path: str, findings: list[Finding]) -> ElfFacts | None:
    """Return the facts of a member that is an ELF file; what is unsound is added to the findings."""
    try:
        facts = read_elf_facts(file, size)
    except UserError as problem:
        findings.append(error(wheel, "elf", str(problem), path))
        return None
    if facts is not None:
        findings += [error(wheel, "elf", problem, path) for problem in elf_problems(file, size)]
    return facts


def _pe(file: BinaryIO, size: int, wheel: str, path: str, findings: list[Finding]) -> PeFacts | None:
    """Return the facts of a member that is a PE file; that it is damaged is added, where Windows would load it."""
    try:
        return read_pe_facts(file, size)
    except UserError as problem:
        name = read_name(wheel)
        if name is not None and WINDOWS in systems_of(name.platforms):
            findings.append(error(wheel, "pe", str(problem), path))
        return None
