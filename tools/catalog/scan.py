"""An artifact directory becomes its catalog: every path, and what each file holds."""

from __future__ import annotations

import os
import stat
from collections.abc import Sequence
from dataclasses import dataclass
from operator import attrgetter
from pathlib import Path

import msgspec

from tools.artifact.contents import below, problem_of
from tools.artifact.manifest import read_base_dirs
from tools.artifact.names import unfit
from tools.artifact.walk import EMPTY_DIRECTORY, Row, walk
from tools.catalog.fingerprint import Fingerprint, changed
from tools.catalog.fresh import read_fresh
from tools.catalog.model import Catalog, Entry
from tools.catalog.signatures import Signature, read_signatures, settle, write_signatures
from tools.errors import UserError, listed
from tools.files import encode_json, write_bytes
from tools.workers.context import Context

_PATH_AND_BASE = attrgetter("path", "base")


@dataclass(frozen=True, slots=True, kw_only=True)
class CatalogRequest:
    """One artifact and where to write what is found."""

    artifact: str  # name of the directory: {name}_{component}_{family}
    directory: Path  # the artifact itself; it is only read
    catalog: Path  # JSON to write (tools.catalog.model)
    signatures: Path  # stat signatures to write (tools.catalog.signatures)


def catalog_artifact(request: CatalogRequest, context: Context) -> None:
    """Write the catalog of an artifact and its stat signatures; a catalog that would be equal is left alone.

    Only files whose signature differs from the last time are read.

    :raises UserError: when the manifest, a name or a file cannot be packaged; all culprits are named.
    :raises InputChanged: when a file changes meanwhile.
    """
    base_dirs = read_base_dirs(request.directory)
    tree = walk(request.directory)
    if problem := problem_of(tree, base_dirs):
        raise UserError(f"{request.directory}: {problem}")
    settled = settle(tree.rows)
    inside = [(base, row) for base, base_dir in enumerate(base_dirs) for row in below(tree.rows, base_dir)]
    known = _known(request)
    read_fresh(request.directory, [row for _, row in inside if stat.S_ISREG(row[1])], known, context)
    entries = _entries(request.directory, inside, base_dirs, known)
    content = encode_json(Catalog(artifact=request.artifact, base_dirs=base_dirs, entries=entries))
    write_bytes(request.catalog, content)
    write_signatures(request.signatures, tree.rows, settled, content)


def _known(request: CatalogRequest) -> dict[Signature, Fingerprint]:
    """Return what the last catalog says, by stat signature; nothing when it does not match its signatures."""
    try:
        content = request.catalog.read_bytes()
        signatures = {row[0]: row[2:] for row in read_signatures(request.signatures, content)}
        catalog = msgspec.json.decode(content, type=Catalog) if signatures else None
    except (OSError, msgspec.DecodeError):
        return {}
    if catalog is None:
        return {}
    return {
        signatures[f"{catalog.base_dirs[entry.base]}/{entry.path}"]: Fingerprint(
            entry.sha256, entry.crc32, entry.script, entry.elf
        )
        for entry in catalog.entries
        if entry.kind == "file"
    }


def _entries(
    directory: Path,
    inside: list[tuple[int, Row]],
    base_dirs: Sequence[str],
    known: dict[Signature, Fingerprint],
) -> tuple[Entry, ...]:
    entries = [_entry(f"{directory}/", row, base, row[0][len(base_dirs[base]) + 1 :], known) for base, row in inside]
    if wrong := [entry for entry in entries if entry.target and unfit([entry.target])]:
        links = listed(f"{base_dirs[entry.base]}/{entry.path} -> {entry.target!r}" for entry in wrong)
        raise UserError(f"{directory}: link targets must be UTF-8 without control characters or backslashes: {links}")
    return tuple(sorted(entries, key=_PATH_AND_BASE))


def _entry(root: str, row: Row, base: int, path: str, known: dict[Signature, Fingerprint]) -> Entry:
    mode = row[1]
    if mode == EMPTY_DIRECTORY:
        return Entry(path=path, base=base, kind="dir")
    if stat.S_ISLNK(mode):
        return Entry(path=path, base=base, kind="link", target=_target(root + row[0]))
    sha256, crc32, script, elf = known[row[2:]]
    return Entry(
        path=path,
        base=base,
        kind="file",
        mode=mode & 0o777,
        size=row[2],
        sha256=sha256,
        crc32=crc32,
        script=script,
        elf=elf,
    )


def _target(path: str) -> str:
    try:
        return os.readlink(path)  # noqa: PTH115 (Path would tidy the target up)
    except OSError:
        raise changed(path, "changed") from None
