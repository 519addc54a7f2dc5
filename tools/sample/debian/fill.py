"""Puts the files of unpacked Debian packages into artifact directories."""

from __future__ import annotations

import os
import posixpath
import shutil
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from tools.errors import UserError
from tools.files import write_bytes
from tools.sample.debian.place import Placed, link_target, place
from tools.sample.debian.rewrite import rewrite
from tools.sample.debian.table import Group, Table

MANIFEST = "artifact_manifest.txt"


@dataclass(frozen=True, slots=True, kw_only=True)
class ArtifactSet:
    """The artifacts that are being made below ``root``."""

    root: Path
    table: Table
    families: tuple[str, ...]  # of the artifacts that are per family; ("generic",) in the kpack-split layout

    def files(self, artifact: str, placed: Placed, base: str) -> tuple[Path, ...]:
        """Return where the file lies: once, or once in each family."""
        families = self.families if self.table.artifacts[artifact].per == "family" else ("generic",)
        name = f"{artifact}_{placed.component}"
        found = tuple(self.root / f"{name}_{family}" / base / placed.path for family in families)
        for file in found:
            if os.path.lexists(file):
                raise UserError(
                    f"{file.relative_to(self.root)}: two Debian packages bring it; packages.toml must choose"
                )
            file.parent.mkdir(parents=True, exist_ok=True)
        return found

    def write_manifests(self) -> None:
        """Write each artifact's list of base dirs: those of all its components, so some do not exist."""
        for directory in sorted(self.root.iterdir()):
            bases = self.table.bases(directory.name.split("_")[0])
            write(directory / MANIFEST, "".join(f"{base}\n" for base in bases).encode())


def write(file: Path, content: bytes) -> None:
    """Write an ordinary file whose mode does not depend on the umask."""
    write_bytes(file, content)
    file.chmod(0o644)


def add_package(artifact_set: ArtifactSet, group: Group, unpacked: Path) -> None:
    """Move the package's files from ``unpacked`` to where the table wants them; the rest stays behind."""
    for path in _paths(unpacked):
        placed = place(artifact_set.table, group, path)
        if placed is None:
            continue
        source = unpacked / path
        if not source.is_symlink():
            _put(artifact_set, artifact_set.files(group.artifact, placed, group.base), source, path, placed.path)
        elif target := link_target(artifact_set.table, group, path, str(source.readlink())):
            for file in artifact_set.files(group.artifact, placed, group.base):
                file.symlink_to(target)


def add_own(artifact_set: ArtifactSet) -> None:
    """Add the links and files of the table that no Debian package has."""
    for links in artifact_set.table.links:
        for path, target in links.to.items():
            for file in artifact_set.files(links.artifact, Placed(path=path, component=links.component), links.base):
                file.symlink_to(target)
    for text in artifact_set.table.texts:
        for file in artifact_set.files(text.artifact, Placed(path=text.path, component=text.component), text.base):
            write(file, text.text.encode())


def _paths(directory: Path) -> Iterator[str]:
    """Yield the files and links below ``directory``, sorted; a link to a directory is a link."""
    for parent, directories, files in os.walk(directory):
        directories.sort()
        links = [name for name in directories if (Path(parent) / name).is_symlink()]
        for name in sorted([*files, *links]):
            yield (Path(parent) / name).relative_to(directory).as_posix()


def _put(artifact_set: ArtifactSet, files: tuple[Path, ...], source: Path, debian_path: str, path: str) -> None:
    _rewrite(artifact_set.table, source, debian_path, path)
    source.chmod(0o755 if source.stat().st_mode & 0o100 else 0o644)
    *copies, last = files
    for file in copies:
        shutil.copy2(source, file)
    source.rename(last)


def _rewrite(table: Table, source: Path, debian_path: str, path: str) -> None:
    edits = [edit for edit in table.edits if edit.path == path]
    if not edits and posixpath.splitext(path)[1] not in {".cmake", ".pc"}:
        return
    old = source.read_text("utf-8")
    new = rewrite(old, path=path, debian_path=debian_path, edits=edits)
    source.write_text(new, "utf-8")
