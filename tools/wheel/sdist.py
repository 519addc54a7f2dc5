"""Builds an sdist from its plan: the same bytes wherever and whenever it is built."""

from __future__ import annotations

import io
import tarfile
from contextlib import suppress
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path

import deflate

from tools.errors import UserError, listed
from tools.files import write_bytes
from tools.plan.model import WheelPlan
from tools.receipt import Receipt
from tools.values import read_json, write_json
from tools.wheel.metadata import metadata_of, requires_python
from tools.wheel.zip.format import check_names
from tools.workers.context import Context

_SUFFIX = ".tar.gz"
_TIME = 315532800  # 1980-01-01, as in the wheels: some tools refuse dates that a zip cannot hold


@dataclass(frozen=True, slots=True, kw_only=True)
class SdistRequest:
    """One sdist to build. All its members are texts."""

    plan: Path
    directory: Path  # the sdist's own: other sdists in it are older versions, and removed
    receipt: Path  # in ``directory``


def build_sdist(request: SdistRequest, context: Context) -> None:
    """Write the sdist that the plan describes, and its receipt, whose metadata is PKG-INFO.

    Members lie below ``<name>-<version>/`` in order of their paths (source distribution format, PEP 625).

    :raises UserError: when the plan makes no sense, or something cannot be written.
    """
    plan = read_json(request.plan, WheelPlan)
    metadata = _check(plan, request.plan)
    content = _gzipped(_tarball(plan))
    sdist = request.directory / plan.filename
    request.receipt.unlink(missing_ok=True)  # no receipt may stand beside a file that it does not describe
    write_bytes(sdist, content)
    context.progress.add(bytes_written=len(content))
    write_json(request.receipt, _receipt(plan, content, metadata))
    for other in request.directory.glob(f"*{_SUFFIX}"):
        if other != sdist:
            with suppress(FileNotFoundError):
                other.unlink()


def _check(plan: WheelPlan, place: Path) -> str:
    check_names([member.path for member in plan.members], place)
    if odd := [member.path for member in plan.members if member.kind != "text"]:
        raise UserError(f"{place}: the members of an sdist are texts, these are not: {listed(odd)}")
    if not plan.filename.endswith(_SUFFIX):
        raise UserError(f"{place}: the name of an sdist ends in {_SUFFIX}, not {plan.filename!r}")
    return metadata_of(plan, place, "PKG-INFO")


def _tarball(plan: WheelPlan) -> bytes:
    stem, file = plan.filename.removesuffix(_SUFFIX), io.BytesIO()
    with tarfile.open(fileobj=file, mode="w", format=tarfile.PAX_FORMAT) as archive:
        for member in sorted(plan.members, key=lambda member: member.path):
            content = member.argument.encode()
            info = tarfile.TarInfo(f"{stem}/{member.path}")  # owner 0, no names
            info.size, info.mode, info.mtime = len(content), member.mode, _TIME
            archive.addfile(info, io.BytesIO(content))
    return file.getvalue()


def _gzipped(tarball: bytes) -> bytes:
    """Return ``tarball`` as a gzip file without name and time (RFC 1952) that no zlib version changes."""
    packed = bytearray(deflate.gzip_compress(tarball, 9))
    packed[4:8] = bytes(4)  # MTIME
    packed[9] = 255  # OS: unknown
    return bytes(packed)


def _receipt(plan: WheelPlan, content: bytes, metadata: str) -> Receipt:
    return Receipt(
        package=plan.package,
        family=plan.family,
        distribution=plan.distribution,
        version=plan.version,
        filename=plan.filename,
        size=len(content),
        sha256=sha256(content).hexdigest(),
        requires_python=requires_python(metadata),
        metadata=metadata,
        metadata_sha256=sha256(metadata.encode()).hexdigest(),
    )
