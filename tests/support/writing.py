"""A wheel while it is written, for tests of the steps that write it."""

from __future__ import annotations

import os
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from tests.support.project import Project
from tools.plan.model import Member
from tools.wheel.payload import Payload, payload_of
from tools.wheel.recipe import compressor
from tools.wheel.schedule.steps import Work
from tools.wheel.zip.output import Output
from tools.wheel.zip.writer import ArchiveWriter
from tools.workers.progress import Progress
from tools.workers.reuse import WheelFile

LEVEL = 5


@contextmanager
def writing(project: Project, name: str = "demo.whl") -> Iterator[Work]:
    """Yield the work on a new archive of a project; the archive is open while the block runs."""
    path = project.tmp_path / name
    with path.open("w+b") as file:
        wheel = WheelFile(path, os.dup(file.fileno()))
        archive = ArchiveWriter(Output(file.fileno(), path, Progress()))
        yield Work(
            archive=archive,
            file=wheel,
            spans=project.spans,
            level=LEVEL,
            sizes=project.sizes,
            context=project.context,
            progress=project.context.progress.part(),
        )
        wheel.settle(path)


def payload(project: Project, member: Member) -> Payload:
    """Return a member on its way into an archive of the project."""
    return payload_of(member, compressor(LEVEL, project.sizes))


def finished(project: Project, work: Work, name: str = "demo.whl") -> dict[str, bytes]:
    """End the archive and return what Python's zipfile reads, CRC checked."""
    work.archive.finish()
    return read(project.tmp_path / name)


def read(path: Path) -> dict[str, bytes]:
    """Return what Python's zipfile reads of an archive, CRC checked."""
    with zipfile.ZipFile(path) as archive:
        return {name: archive.read(name) for name in archive.namelist()}
