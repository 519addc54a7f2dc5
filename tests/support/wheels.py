"""Wheels that a test describes, zipped by the standard library; no code of ours has a part in them."""

from __future__ import annotations

import base64
import csv
import hashlib
import io
import zipfile
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path

EPOCH = (1980, 1, 1, 0, 0, 0)  # the oldest date that a zip can hold
PROGRAM = 0o100755


@dataclass
class Member:
    """One file of an archive; the mode has the type of the file in it."""

    content: bytes
    mode: int = 0o100644
    method: int = zipfile.ZIP_DEFLATED


@dataclass(frozen=True, kw_only=True)
class Wheel:
    """A wheel in memory: path -> bytes, without dist-info, which follows from the rest."""

    distribution: str
    version: str
    files: Mapping[str, bytes] = field(default_factory=dict)
    programs: frozenset[str] = frozenset()  # paths of what is executable
    entry_points: tuple[str, ...] = ()  # lines of [console_scripts]
    requires: tuple[str, ...] = ()
    fields: tuple[str, ...] = ()  # further lines of METADATA
    tag: str = "py3-none-any"

    @property
    def name(self) -> str:
        return f"{self.distribution.lower().replace('-', '_')}-{self.version}"

    @property
    def filename(self) -> str:
        return f"{self.name}-{self.tag}.whl"

    @property
    def metadata(self) -> str:
        head = ["Metadata-Version: 2.4", f"Name: {self.distribution}", f"Version: {self.version}", *self.fields]
        required = [f"Requires-Dist: {requirement}" for requirement in self.requires]
        return "\n".join([*head, "Requires-Python: >=3.10", *required, ""])

    def members(self) -> dict[str, bytes]:
        """Return every member, in order of the paths of the files, with RECORD last."""
        info = f"{self.name}.dist-info"
        members = dict(sorted(self.files.items())) | {
            f"{info}/METADATA": self.metadata.encode(),
            f"{info}/WHEEL": f"Wheel-Version: 1.0\nGenerator: t\nRoot-Is-Purelib: false\nTag: {self.tag}\n".encode(),
        }
        if self.entry_points:
            lines = ["[console_scripts]", *self.entry_points, ""]
            members[f"{info}/entry_points.txt"] = "\n".join(lines).encode()
        return members | {f"{info}/RECORD": record_of(members, f"{info}/RECORD")}

    def zipped(self) -> bytes:
        """Return the bytes of the file."""
        return zipped(
            {path: Member(data, PROGRAM) if path in self.programs else data for path, data in self.members().items()}
        )

    def write(self, directory: Path) -> Path:
        """Write the wheel for an installer and return where it is."""
        directory.mkdir(parents=True, exist_ok=True)
        file = directory / self.filename
        file.write_bytes(self.zipped())
        return file

    def unpack(self, site: Path) -> None:
        """Put the files into ``site`` as an installer does, but at once."""
        for path, content in self.members().items():
            file = site / path
            file.parent.mkdir(parents=True, exist_ok=True)
            file.unlink(missing_ok=True)
            file.write_bytes(content)
            if path in self.programs:
                file.chmod(0o755)


def zipped(
    members: Mapping[str, bytes | Member], *, method: int = zipfile.ZIP_DEFLATED, twice: Iterable[str] = ()
) -> bytes:
    """Return an archive of the members in their order, and behind them those that come a second time.

    ``method`` is for members of which only the bytes are given.
    """
    result = io.BytesIO()
    with zipfile.ZipFile(result, "w") as archive:
        for path in [*members, *twice]:
            member = members[path]
            member = member if isinstance(member, Member) else Member(member, method=method)
            row = zipfile.ZipInfo(path, EPOCH)
            row.external_attr = member.mode << 16
            row.create_system = 3
            archive.writestr(row, member.content, member.method, 6)
    return result.getvalue()


def record_of(members: Mapping[str, bytes | Member], record: str) -> bytes:
    """Return the RECORD of these members, in order of their paths, with its own row last."""
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    for path, member in sorted(members.items()):
        content = member.content if isinstance(member, Member) else member
        digest = base64.urlsafe_b64encode(hashlib.sha256(content).digest()).rstrip(b"=").decode()
        writer.writerow((path, f"sha256={digest}", len(content)))
    writer.writerow((record, "", ""))
    return text.getvalue().encode()
