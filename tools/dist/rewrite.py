"""A wheel of another project with the pins of a release in place of those of its candidate.

It becomes a wheel of another version, so that no file name ever has two contents: its local version names the ROCm
that it is for (``2.9.1+rocm10.1.0rc1``), and that is what changes.
"""

from __future__ import annotations

import hashlib
import shutil
import stat
import zipfile
import zlib
from dataclasses import dataclass
from pathlib import Path

import msgspec
from packaging.version import Version

from tools.artifact.source import LocalSource
from tools.dist.listing import ALSO, Built
from tools.dist.restamp import Stamp, filename_of, restamp_headers
from tools.errors import UserError
from tools.files import make_directory
from tools.naming import is_wheel
from tools.plan.model import Member, WheelPlan
from tools.receipt import Receipt
from tools.values import read_json, write_json
from tools.wheel.build import WheelRequest, build_wheel
from tools.workers.context import Context

BLOCK = 1 << 20  # bytes read at a time
UNPACKED = "unpacked"  # below the directory, and the name of what the plan calls an artifact


@dataclass(frozen=True, slots=True, kw_only=True)
class RewriteRequest:
    """A wheel of others and what changes in it."""

    built: Built
    stamp: Stamp
    directory: Path  # its own; the wheel and its receipt
    level: int


def pins_ours(receipt: Receipt, stamp: Stamp) -> bool:
    """Say whether a wheel requires exactly the candidate's version of something of ours."""
    headers = receipt.metadata.partition("\n\n")[0]
    lines = [line.removeprefix("Requires-Dist: ") for line in headers.split("\n") if line.startswith("Requires-Dist: ")]
    return any(stamp.pin(line) != line for line in lines)


def rewritten_version(version: str, stamp: Stamp) -> str | None:
    """Return the version with the release in its local part, None where that does not name the candidate."""
    parsed = Version(version)
    if parsed.local not in {f"rocm{Version(stamp.before).public}", Version(stamp.before).public}:
        return None
    word = "rocm" if parsed.local.startswith("rocm") else ""
    return f"{parsed.public}+{word}{Version(stamp.after).public}"


def rewrite(request: RewriteRequest, context: Context) -> Path:
    """Write the wheel and return its receipt.

    :raises UserError: when its version does not name the candidate, or it is no wheel.
    """
    receipt, stamp = request.built.receipt, request.stamp
    after = rewritten_version(receipt.version, stamp)
    if after is None or not is_wheel(receipt.filename):
        raise UserError(
            f"restamp: {receipt.filename} pins {stamp.before}, and its version does not say so (as in 1.0+rocm"
            f"{stamp.before}): with other pins it would be another file of the same name; build it again"
        )
    shutil.rmtree(request.directory, ignore_errors=True)
    make_directory(request.directory)
    plan = _plan(request, after)
    file, made = request.directory / "plan.json", request.directory / "receipt.json"
    write_json(file, plan)
    build_wheel(
        WheelRequest(
            plan=file,
            artifacts=LocalSource(request.directory),
            directory=request.directory,
            receipt=made,
            level=request.level,
        ),
        context,
    )
    shutil.rmtree(request.directory / UNPACKED)
    write_json(made, msgspec.structs.replace(read_json(made, Receipt), members=()))
    return made


def _plan(request: RewriteRequest, after: str) -> WheelPlan:
    receipt = request.built.receipt
    stamp = request.stamp
    members = []
    with zipfile.ZipFile(request.built.file) as archive:
        old = next(name for name in archive.namelist() if name.endswith(".dist-info/METADATA")).partition("/")[0]
        new = f"{old.partition('-')[0]}-{after}.dist-info"
        for row in archive.infolist():
            if row.is_dir() or row.filename == f"{old}/RECORD":
                continue
            path = new + row.filename.removeprefix(old) if row.filename.startswith(f"{old}/") else row.filename
            if row.filename == f"{old}/METADATA":
                text = restamp_headers(_with_version(archive.read(row).decode(), after), stamp)
                members.append(Member(path=path, kind="text", mode=0o644, argument=text))
            else:
                members.append(_copied(archive, row, path, request.directory / UNPACKED / "stage"))
    return WheelPlan(
        package=ALSO,
        family=receipt.family,
        distribution=receipt.distribution,
        version=after,
        filename=filename_of(receipt.filename, after),
        dist_info=new,
        members=tuple(sorted(members, key=lambda member: member.path)),
    )


def _with_version(metadata: str, version: str) -> str:
    headers, separator, body = metadata.partition("\n\n")
    lines = [f"Version: {version}" if line.startswith("Version: ") else line for line in headers.split("\n")]
    return "\n".join(lines) + separator + body


def _copied(archive: zipfile.ZipFile, row: zipfile.ZipInfo, path: str, root: Path) -> Member:
    """Unpack one member and return how the plan names it."""
    file = root / row.filename
    if not file.resolve().is_relative_to(root.resolve()):
        raise UserError(f"{archive.filename}: {row.filename!r} leads out of its place")
    make_directory(file.parent)
    digest, crc = hashlib.sha256(), 0
    with archive.open(row) as reader, file.open("wb") as writer:
        while block := reader.read(BLOCK):
            digest.update(block)
            crc = zlib.crc32(block, crc)
            writer.write(block)
    executable = bool((row.external_attr >> 16) & stat.S_IXUSR)
    return Member(
        path=path,
        kind="copy",
        mode=0o755 if executable else 0o644,
        source=f"{UNPACKED}/stage/{row.filename}",
        size=row.file_size,
        sha256=digest.hexdigest(),
        crc32=crc,
    )
