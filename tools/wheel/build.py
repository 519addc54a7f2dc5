"""Builds a wheel from its plan: straight from the artifacts into the archive, without a staging tree."""

from __future__ import annotations

import errno
import os
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path

from tools.artifact.source import ArtifactSource, Spans
from tools.errors import UserError
from tools.files import atomic_write
from tools.plan.model import Member, WheelPlan
from tools.receipt import Receipt
from tools.values import read_json, write_json
from tools.wheel.metadata import metadata_of, requires_python
from tools.wheel.payload import Members, Payload, payload_of, payloads
from tools.wheel.recipe import compressor
from tools.wheel.record import record_text
from tools.wheel.schedule.cut_step import cut_steps
from tools.wheel.schedule.steps import Steps, Work, run_steps
from tools.wheel.schedule.whole_step import WholeStep
from tools.wheel.sizes import STANDARD, Sizes
from tools.wheel.zip.format import check_names
from tools.wheel.zip.output import Output
from tools.wheel.zip.writer import ArchiveWriter
from tools.workers.context import Context
from tools.workers.progress import Progress
from tools.workers.reuse import Reuse, WheelFile

_SLACK = 1 << 20  # bytes of RECORD, headers and the like, on top of the members


@dataclass(frozen=True, slots=True, kw_only=True)
class WheelRequest:
    """One wheel to build."""

    plan: Path
    artifacts: ArtifactSource | None  # None: other wheels hold every member that has a source
    directory: Path  # the wheel's own: other wheels in it are older versions, and removed
    receipt: Path  # in ``directory``: a wheel lies beside its receipt
    level: int  # of libdeflate, 1 to 12
    sizes: Sizes = STANDARD
    reuse: tuple[Path, ...] = ()  # receipts, this wheel's or others', that may be missing or out of date


def build_wheel(request: WheelRequest, context: Context) -> dict[str, int]:
    """Write the wheel that the plan describes, and its receipt; return its number of "members", how many bytes they
    have "installed", and how many of these were "reused".

    Equal plans and artifacts give equal bytes, whatever could be reused and however many threads there are.
    The old receipt goes before the new wheel takes its place and the new one comes after it, so that no receipt
    ever stands beside a wheel that it does not describe.

    :raises InputChanged: when a source is not what the plan says.
    :raises UserError: when the plan makes no sense, a source cannot be read or the disk is full.
    """
    with context.wheels, context.reuse.session():
        return _build(request, context)


def _build(request: WheelRequest, context: Context) -> dict[str, int]:
    plan, progress = read_json(request.plan, WheelPlan), context.progress.part()
    members = payloads(plan, compressor(request.level, request.sizes))
    context.reuse.add_receipt(request.receipt)
    if missing := _missing(members, context.reuse):
        for other in request.reuse:
            context.reuse.add_receipt(other, missing)
    wheel = request.directory / plan.filename
    _remove(request.directory.glob(".*.part"))  # of a run that was killed
    with _placed(wheel, request.receipt, progress) as (output, file):
        archive = ArchiveWriter(output)
        work = Work(
            archive=archive,
            file=file,
            spans=Spans(request.artifacts, context.fetching),
            level=request.level,
            sizes=request.sizes,
            context=context,
            progress=progress,
        )
        with _room_for(plan, wheel, archive):
            receipt = _write_wheel(plan, members, work, request.plan)
    write_json(request.receipt, receipt)
    context.reuse.knows_receipt(request.receipt, file)
    _remove(other for other in request.directory.glob("*.whl") if other != wheel)
    installed = sum(row.size for row in receipt.members)
    return {"members": len(receipt.members), "installed": installed, "reused": progress.counts().bytes_reused}


def _missing(members: Members, reuse: Reuse) -> list[str]:
    """Return the recipes whose bytes are nowhere yet."""
    return [payload.recipe for part in members for payload in part if reuse.find(payload.recipe) is None]


def _write_wheel(plan: WheelPlan, members: Members, work: Work, place: Path) -> Receipt:
    """Write all of the archive; ``place`` is the file of the plan, which errors name."""
    record, archive, budget = f"{plan.dist_info}/RECORD", work.archive, work.context.budget
    check_names([*(member.path for member in plan.members), record], place)
    metadata = metadata_of(plan, place)
    run_steps(_steps([*members.body, *members.info], work), budget)
    row = Member(path=record, kind="text", mode=0o644, argument=record_text(archive.rows, record))
    run_steps(_steps([payload_of(row, compressor(work.level, work.sizes))], work), budget)
    archive.finish()
    return Receipt(
        package=plan.package,
        family=plan.family,
        distribution=plan.distribution,
        version=plan.version,
        filename=plan.filename,
        size=archive.output.position,
        sha256=archive.output.hexdigest(),
        requires_python=requires_python(metadata),
        metadata=metadata,
        metadata_sha256=sha256(metadata.encode()).hexdigest(),
        members=tuple(archive.rows),
    )


def _steps(payloads: Sequence[Payload], work: Work) -> Steps:
    sizes = work.sizes
    batch: list[Payload] = []
    size = 0
    for payload in payloads:
        if batch and (size + payload.size > sizes.batch or len(batch) == sizes.batch_members):
            yield WholeStep(batch, work)
            batch, size = [], 0
        if payload.size > sizes.whole and payload.content is None:
            yield from cut_steps(payload, work)
        else:
            batch.append(payload)
            size += payload.size
    if batch:
        yield WholeStep(batch, work)


@contextmanager
def _placed(wheel: Path, receipt: Path, progress: Progress) -> Iterator[tuple[Output, WheelFile]]:
    """Yield a new file that becomes ``wheel``, to write to and for others to read from."""
    written: WheelFile | None = None
    try:
        with atomic_write(wheel) as file:
            written = WheelFile(wheel, os.dup(file.fileno()))
            yield Output(file.fileno(), wheel, progress), written
            receipt.unlink(missing_ok=True)
        written.settle(wheel)
    except BaseException:
        if written:
            written.settle(None)
        raise


@contextmanager
def _room_for(plan: WheelPlan, wheel: Path, archive: ArchiveWriter) -> Iterator[None]:
    """Say how much was still to come when the disk is full."""
    try:
        yield
    except OSError as error:
        if error.errno not in (errno.ENOSPC, errno.EDQUOT):
            raise
        done = archive.output.position
        written = sum(row.size for row in archive.rows if row.offset + row.compressed_size <= done)
        missing = sum(member.size for member in plan.members) - written
        raise UserError(
            f"{wheel.parent}: the disk is full; {wheel.name} needs at most {max(missing, 0) + _SLACK:,} bytes more"
        ) from None


def _remove(files: Iterable[Path]) -> None:
    for file in tuple(files):
        with suppress(FileNotFoundError):
            file.unlink()
