"""A real dist with one promise broken: wheels rewritten member by member, or damaged byte by byte."""

from __future__ import annotations

import hashlib
import io
import os
import zipfile
from collections.abc import Callable
from dataclasses import dataclass, field
from email.parser import HeaderParser
from pathlib import Path

from packaging.utils import parse_wheel_filename

from tests.support.elf_files import patched
from tests.support.places import SPECS
from tests.support.wheels import Member, record_of, zipped
from tools.dist.index import IndexRequest, write_index
from tools.elf.rpath import plan_rpath
from tools.receipt import Receipt
from tools.values import write_json
from tools.verify.dist import Report, VerifyRequest, verify_dist
from tools.verify.finding import lines

VERSION = "1.0"
CORE = f"rocm_sdk_core-{VERSION}-py3-none-linux_x86_64.whl"
LIBRARIES = f"rocm_sdk_libraries_gfx94x_dcgpu-{VERSION}-py3-none-linux_x86_64.whl"
DEVEL = f"rocm_sdk_devel_gfx94x_dcgpu-{VERSION}-py3-none-linux_x86_64.whl"
PROFILER = f"rocm_profiler-{VERSION}-py3-none-linux_x86_64.whl"
SDIST = f"rocm-{VERSION}.tar.gz"


@dataclass
class Wheel:
    """A wheel taken apart. ``record`` says whether RECORD is made anew to fit, as when a build made the mistake."""

    members: dict[str, Member]
    dist_info: str
    record: bool = True
    twice: list[str] = field(default_factory=list)  # members that are written a second time

    def path(self, name: str) -> str:
        return f"{self.dist_info}/{name}"

    def replace(self, path: str, old: bytes, new: bytes) -> None:
        assert self.members[path].content.count(old) >= 1
        self.members[path].content = self.members[path].content.replace(old, new)


@dataclass(frozen=True)
class Dist:
    """A copy of a finished dist: hard links, each replaced before it changes."""

    directory: Path
    build_dir: Path

    def file(self, name: str) -> Path:
        return self.directory / name

    def write(self, name: str, content: bytes) -> None:
        """Replace a file, never through the hard link."""
        self.file(name).unlink(missing_ok=True)
        self.file(name).write_bytes(content)

    def edit(self, name: str, change: Callable[[bytes], bytes]) -> None:
        before = self.file(name).read_bytes()
        after = change(before)
        assert after != before
        self.write(name, after)

    def change(self, name: str, change: Callable[[Wheel], None], publish: bool = True) -> None:
        """Rewrite a wheel; with ``publish``, sums and index are made anew, so that they are not what is wrong."""
        wheel = take_apart(self.file(name).read_bytes())
        change(wheel)
        self.write(name, put_together(wheel))
        if publish:
            self.publish()

    def publish(self) -> None:
        """Make SHA256SUMS, side files and pages anew from the files that are there."""
        receipts = [self._receipt(path) for path in sorted(self.directory.iterdir()) if path.suffix in (".whl", ".gz")]
        sums = {path.name: hashlib.sha256(path.read_bytes()).hexdigest() for path, _ in receipts}
        self.write("SHA256SUMS", "".join(f"{sums[name]}  {name}\n" for name in sorted(sums)).encode())
        for path in [*self.directory.glob("*.metadata"), *self.directory.rglob("index.*")]:
            path.unlink()
        write_index(IndexRequest(receipts=tuple(receipt for _, receipt in receipts), dist_dir=self.directory))

    def verify(self, *, specs: Path = SPECS, source: bool = False) -> Report:
        build_dir = self.build_dir if source else None
        return verify_dist(VerifyRequest(dist_dir=self.directory, specs_dir=specs, build_dir=build_dir, jobs=2))

    def problems(self, *, specs: Path = SPECS, source: bool = False) -> list[str]:
        """Return what verification says, a line a problem, each with its file."""
        return [f"{file}: {line}" for file, line in lines(self.verify(specs=specs, source=source).findings)]

    def _receipt(self, path: Path) -> tuple[Path, Path]:
        content = path.read_bytes()
        metadata, project, version = "", path.name.split("-")[0], VERSION
        if path.suffix == ".whl":
            project, parsed, _, _ = parse_wheel_filename(path.name)
            version = str(parsed)
            metadata = metadata_of(content)
        place = self.directory.parent / "receipts" / path.name / "receipt.json"
        receipt = Receipt(
            package=project,
            family="generic",
            distribution=project,
            version=version,
            filename=path.name,
            size=len(content),
            sha256=hashlib.sha256(content).hexdigest(),
            requires_python=HeaderParser().parsestr(metadata).get("Requires-Python", "") if metadata else ">=3.10",
            metadata=metadata,
            metadata_sha256=hashlib.sha256(metadata.encode()).hexdigest(),
        )
        write_json(place, receipt)
        return path, place


def copy_of(finished: Path, directory: Path, build_dir: Path) -> Dist:
    """Return a copy of a dist whose files are hard links."""
    for path in sorted(finished.rglob("*")):
        target = directory / path.relative_to(finished)
        if path.is_file():
            target.parent.mkdir(parents=True, exist_ok=True)
            os.link(path, target)
    return Dist(directory, build_dir)


def take_apart(content: bytes) -> Wheel:
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        rows = archive.infolist()
        members = {row.filename: Member(archive.read(row), row.external_attr >> 16, row.compress_type) for row in rows}
    return Wheel(members, next(path.split("/")[0] for path in members if ".dist-info/" in path))


def metadata_of(content: bytes) -> str:
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        paths = [path for path in archive.namelist() if path.endswith(".dist-info/METADATA")]
        return archive.read(paths[0]).decode() if paths else ""


def put_together(wheel: Wheel) -> bytes:
    if wheel.record:
        record = wheel.path("RECORD")
        wheel.members.pop(record, None)
        wheel.members[record] = Member(record_of(wheel.members, record))
    return zipped(wheel.members, twice=wheel.twice)


def with_rpath(content: bytes, rpath: str) -> bytes:
    return patched(content, plan_rpath(io.BytesIO(content), len(content), rpath))
