"""python -m tools.sample.archives DIRECTORY OUT: artifacts as the archives that TheRock's CI keeps of them.

A PAX tar with times as floats; ``artifact_manifest.txt`` first, then the base dirs in the manifest's order, members
in the order of the disk; a file that was hard-linked, also across base dirs, is a hard link; zstd 3 without a
checksum of the content, or xz 6; ``{archive}.sha256sum`` beside it.
"""

from __future__ import annotations

import argparse
import lzma
import os
import sys
import tarfile
from collections.abc import Iterator, Sequence
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any, BinaryIO, cast

from tools.artifact.form import FORMS, SIDECAR, form_of
from tools.artifact.sidecar import sha256_of
from tools.artifact.zstd import zstd
from tools.errors import UserError
from tools.files import atomic_write, write_bytes

MANIFEST = "artifact_manifest.txt"
_TIME = 1_700_000_000.25  # seconds of every member, where the bytes shall be the same everywhere: PAX has it, too


@dataclass(frozen=True, slots=True, kw_only=True)
class ArchivesRequest:
    """Which artifacts to pack, and how."""

    directory: Path  # of artifact directories
    out: Path  # where the archives go; another directory
    form: str = ".tar.zst"  # one of FORMS
    same: bool = False  # sorted, without times and owners: equal trees give equal bytes
    sidecars: bool = True


def make_archives(request: ArchivesRequest, context: object = None) -> list[Path]:
    """Return the archives that were made, one for each artifact directory, in order of name."""
    artifacts = sorted(path.parent for path in request.directory.glob(f"*/{MANIFEST}"))
    if not artifacts:
        raise UserError(f"{request.directory}: holds no artifact, which is a directory with {MANIFEST}")
    archives = []
    for artifact in artifacts:
        archive = request.out / f"{artifact.name}{request.form}"
        make_archive(artifact, archive, same=request.same, sidecar=request.sidecars)
        archives.append(archive)
    return archives


def make_archive(artifact: Path, archive: Path, *, same: bool = False, sidecar: bool = True) -> None:
    """Write one artifact directory as an archive, whose form is told by its name."""
    with (
        atomic_write(archive) as file,
        _compressing(file, archive) as stream,
        tarfile.open(fileobj=cast(Any, stream), mode="w|", format=tarfile.PAX_FORMAT, bufsize=1 << 20) as tar,
    ):
        for path in _members(artifact, same):
            _add(tar, artifact, path, same)
    if sidecar:
        line = f"{sha256_of(archive)}  {archive.name}\n"
        write_bytes(archive.with_name(archive.name + SIDECAR), line.encode())


def _compressing(file: BinaryIO, archive: Path) -> AbstractContextManager[IO[bytes]]:
    match form_of(archive.name):
        case ".tar.zst":
            return cast(AbstractContextManager[IO[bytes]], zstd.ZstdFile(file, "w", level=3))
        case ".tar.xz":
            return lzma.LZMAFile(file, "w", preset=6)
        case ".tar":
            return nullcontext(file)
    raise UserError(f"{archive}: is no archive; its name must end in {', '.join(FORMS)}")


def _members(artifact: Path, same: bool) -> Iterator[str]:
    """Yield the manifest and everything in the base dirs, relative to the artifact."""
    yield MANIFEST
    for base in (artifact / MANIFEST).read_text(encoding="utf-8").split("\n"):
        if base.strip() and (artifact / base.strip()).is_dir():
            yield base.strip()
            yield from _below(artifact, base.strip(), same)


def _below(artifact: Path, directory: str, same: bool) -> Iterator[str]:
    with os.scandir(artifact / directory) as entries:
        listed = [(entry.name, entry.is_dir(follow_symlinks=False)) for entry in entries]
    for name, is_directory in sorted(listed) if same else listed:
        yield f"{directory}/{name}"
        if is_directory:
            yield from _below(artifact, f"{directory}/{name}", same)


def _add(tar: tarfile.TarFile, artifact: Path, path: str, same: bool) -> None:
    info = tar.gettarinfo(str(artifact / path), path)
    if same:
        info.mtime, info.uid, info.gid, info.uname, info.gname = _TIME, 0, 0, "", ""
    if info.isreg():
        with (artifact / path).open("rb") as content:
            tar.addfile(info, content)
    else:
        tar.addfile(info)


def main(arguments: Sequence[str] | None = None) -> int:
    """Make the archives the command line asks for; return the exit code."""
    parser = argparse.ArgumentParser(prog="python -m tools.sample.archives", description=__doc__)
    parser.add_argument("directory", type=Path, help="holds artifact directories")
    parser.add_argument("out", type=Path, help="gets the archives")
    parser.add_argument("--form", choices=FORMS, default=FORMS[0])
    parser.add_argument("--same", action="store_true", help="sorted, without times and owners: always the same bytes")
    parser.add_argument("--no-sidecars", dest="sidecars", action="store_false")
    options = parser.parse_args(arguments)
    try:
        archives = make_archives(ArchivesRequest(**vars(options)))
    except UserError as error:
        print(error, file=sys.stderr)
        return 1
    print(f"{options.out}: {len(archives)} archives, {sum(path.stat().st_size for path in archives) / 1e6:,.1f} MB")
    return 0


if __name__ == "__main__":
    sys.exit(main())
