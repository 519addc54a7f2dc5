"""Builds a wheel from its plan: straight from the artifacts into the archive, without a staging tree."""

from __future__ import annotations

import errno
import os
import threading
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from hashlib import sha256
from pathlib import Path

from tools.errors import UserError
from tools.files import atomic_write, read_json, write_json
from tools.plan.model import Member, WheelPlan
from tools.wheel.limits import BATCH, BATCH_MEMBERS, WHEELS, WHOLE
from tools.wheel.metadata import metadata_of, requires_python
from tools.wheel.payload import Members, Payload, payload_of, payloads
from tools.wheel.receipt import Receipt
from tools.wheel.record import record_text
from tools.wheel.schedule.cut_step import cut_steps
from tools.wheel.schedule.steps import Steps, Work, run_steps
from tools.wheel.schedule.whole_step import WholeStep
from tools.wheel.zip.format import check_names
from tools.wheel.zip.output import Output
from tools.wheel.zip.writer import ArchiveWriter
from tools.workers.pool import cores, pool
from tools.workers.progress import PROGRESS
from tools.workers.reuse import STORE, Place

_AT_A_TIME = threading.Semaphore(WHEELS)
_SLACK = 1 << 20  # bytes of RECORD, headers and the like, on top of the members


@dataclass(frozen=True, slots=True, kw_only=True)
class WheelRequest:
    """One wheel to build."""

    plan: Path
    artifact_dir: Path
    directory: Path  # the wheel's own: other wheels in it are older versions, and removed
    receipt: Path  # in ``directory``: a wheel lies beside its receipt
    level: int  # of libdeflate, 1 to 12
    threads: int = field(default_factory=cores)  # of the process that compress
    reuse: tuple[Path, ...] = ()  # receipts, this wheel's or others', that may be missing or out of date


def build_wheel(request: WheelRequest) -> dict[str, int]:
    """Write the wheel that the plan describes, and its receipt; return how many bytes of members were "reused".

    Equal plans and artifacts give equal bytes, whatever could be reused and however many threads there are.
    The old receipt goes before the new wheel takes its place and the new one comes after it, so that no receipt
    ever stands beside a wheel that it does not describe.

    :raises InputChanged: when a source is not what the plan says.
    :raises UserError: when the plan makes no sense, a source cannot be read or the disk is full.
    """
    with _AT_A_TIME:
        return _build(request)


def _build(request: WheelRequest) -> dict[str, int]:
    before = PROGRESS.of_this_thread().bytes_reused
    plan = read_json(request.plan, WheelPlan)
    members = payloads(plan, request.level)
    STORE.add_receipt(request.receipt)
    if missing := _missing(members):
        for other in request.reuse:
            STORE.add_receipt(other, missing)
    wheel = request.directory / plan.filename
    _remove(request.directory.glob(".*.part"))  # of a run that was killed
    receipt = _write_wheel(plan, members, request, wheel)
    write_json(request.receipt, receipt)
    STORE.knows_receipt(request.receipt)
    _remove(other for other in request.directory.glob("*.whl") if other != wheel)
    return {"reused": PROGRESS.of_this_thread().bytes_reused - before}  # this thread copies, the pool compresses


def _missing(members: Members) -> list[str]:
    """Return the recipes that the store does not know."""
    return [payload.recipe for part in members for payload in part if STORE.find(payload.recipe) is None]


def _write_wheel(plan: WheelPlan, members: Members, request: WheelRequest, wheel: Path) -> Receipt:
    record = f"{plan.dist_info}/RECORD"
    check_names([*(member.path for member in plan.members), record], request.plan)
    metadata = metadata_of(plan, request.plan)
    with _placed(wheel, request.receipt) as (output, place), _room_for(plan, wheel, archive := ArchiveWriter(output)):
        work = Work(
            archive=archive,
            place=place,
            root=str(request.artifact_dir),
            level=request.level,
            pool=pool(request.threads),
        )
        run_steps(_steps([*members.body, *members.info], work))
        text = record_text(archive.rows, record)
        row = Member(path=record, kind="text", mode=0o644, argument=text)
        run_steps(_steps([payload_of(row, request.level)], work))
        archive.finish()
    return Receipt(
        package=plan.package,
        family=plan.family,
        distribution=plan.distribution,
        version=plan.version,
        filename=plan.filename,
        size=output.position,
        sha256=output.hexdigest(),
        requires_python=requires_python(metadata),
        metadata=metadata,
        metadata_sha256=sha256(metadata.encode()).hexdigest(),
        members=tuple(archive.rows),
    )


def _steps(payloads: Sequence[Payload], work: Work) -> Steps:
    batch: list[Payload] = []
    size = 0
    for payload in payloads:
        if batch and (size + payload.size > BATCH or len(batch) == BATCH_MEMBERS):
            yield WholeStep(batch, work)
            batch, size = [], 0
        if payload.size > WHOLE and payload.content is None:
            yield from cut_steps(payload, work)
        else:
            batch.append(payload)
            size += payload.size
    if batch:
        yield WholeStep(batch, work)


@contextmanager
def _placed(wheel: Path, receipt: Path) -> Iterator[tuple[Output, Place]]:
    """Yield a new file that becomes ``wheel``, and its place in the store."""
    place: Place | None = None
    try:
        with atomic_write(wheel) as file:
            place = Place(wheel, os.dup(file.fileno()))
            output = Output(file.fileno(), wheel)
            yield output, place
            receipt.unlink(missing_ok=True)
        place.settle(wheel)
    except BaseException:
        if place:
            place.settle(None)
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
