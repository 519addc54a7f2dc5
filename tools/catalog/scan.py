"""An artifact becomes its catalog: every path, and what each file holds."""

from __future__ import annotations

from collections.abc import Hashable, Mapping
from dataclasses import dataclass
from operator import attrgetter
from pathlib import Path

from tools.artifact.base import BASE, LARGEST, TEXTS
from tools.artifact.model import Artifact, Found, Scan
from tools.artifact.source import ArtifactSource
from tools.artifact.span import read_small
from tools.catalog.fingerprint import Fingerprint
from tools.catalog.fresh import read_fresh
from tools.catalog.model import Catalog, Entry
from tools.catalog.signatures import read_signatures, write_signatures
from tools.files import write_bytes
from tools.values import decode_json, encode_json
from tools.workers.context import Context

_PATH_AND_BASE = attrgetter("path", "base")


@dataclass(frozen=True, slots=True, kw_only=True)
class CatalogRequest:
    """One artifact and where to write what is found."""

    artifacts: ArtifactSource  # only read
    artifact: str  # name of one of them: {name}_{component}_{family}
    catalog: Path  # JSON to write (tools.catalog.model)
    signatures: Path  # state to write (tools.catalog.signatures)


def catalog_artifact(request: CatalogRequest, context: Context) -> dict[str, str]:
    """Write the catalog of an artifact and its state; a catalog that would be equal is left alone.

    It returns the artifact's place as "unverified" when that is an archive without a digest, else nothing. Only files
    that are not what they were the last time are read.

    :raises UserError: when the manifest, a name or a file cannot be packaged; all culprits are named.
    :raises InputChanged: when a file changes meanwhile.
    """
    artifact = request.artifacts.open(request.artifact, context.fetching)
    scan = artifact.scan()
    known = _known(request, artifact)
    read_fresh(artifact.place, scan, known, context)
    entries = sorted([_entry(found, known) for found in scan.found], key=_PATH_AND_BASE)
    catalog = Catalog(
        artifact=artifact.name,
        base_dirs=scan.base_dirs,
        entries=tuple(entries),
        texts=_texts(scan) if artifact.name == BASE else {},
    )
    content = encode_json(catalog)
    write_bytes(request.catalog, content)
    write_signatures(request.signatures, scan.state, content)
    return {"unverified": artifact.place} if scan.is_unverified else {}


def _known(request: CatalogRequest, artifact: Artifact) -> dict[Hashable, Fingerprint]:
    """Return what the last catalog says, by identity; nothing when it does not match its signatures."""
    try:
        content = request.catalog.read_bytes()
        state = read_signatures(request.signatures, content)
        if state is None:
            return {}
        identities = artifact.identities(state)
        catalog = decode_json(content, Catalog)
    except (OSError, ValueError):
        return {}
    return {
        identities[f"{catalog.base_dirs[entry.base]}/{entry.path}"]: Fingerprint(
            entry.sha256, entry.crc32, entry.script, entry.elf, entry.pe
        )
        for entry in catalog.entries
        if entry.kind == "file"
    }


def _entry(found: Found, known: Mapping[Hashable, Fingerprint]) -> Entry:
    if found.kind != "file":
        return Entry(path=found.path, base=found.base, kind=found.kind, target=found.target)
    sha256, crc32, script, elf, pe = known[found.identity]
    return Entry(
        path=found.path,
        base=found.base,
        kind="file",
        mode=found.mode,
        size=found.size,
        sha256=sha256,
        crc32=crc32,
        script=script,
        elf=elf,
        pe=pe,
    )


def _texts(scan: Scan) -> dict[str, str]:
    """Return what the files say that tell what the artifacts are of; of several the one in the first base dir.

    Without one that is too large or no text: whoever needs it says so.
    """
    spans = {one.path: one.span for one in reversed(scan.found) if one.path in TEXTS and one.span}
    texts = {path: _text(read_small(span)) for path, span in spans.items() if span.size <= LARGEST}
    return {path: text for path, text in texts.items() if text is not None}


def _text(content: bytes) -> str | None:
    try:
        return content.decode()
    except UnicodeDecodeError:
        return None
