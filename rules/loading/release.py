"""What the artifacts are a release of: read from ``base_lib_generic``, which every build of ROCm has."""

from __future__ import annotations

import json
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from tools.artifact.base import BASE, LARGEST, MANIFEST, TEXTS, VERSION
from tools.artifact.once import alone_with
from tools.artifact.source import ArtifactSource
from tools.artifact.span import read_small
from tools.errors import UserError

if TYPE_CHECKING:
    from tools.artifact.model import Artifact

_WANTED = {VERSION: "a version, such as 7.1.0", MANIFEST: "TheRock's manifest, or {} where there is none"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Release:
    """What the artifacts say of themselves."""

    version: str  # PEP 440, normalised
    kpack_split: bool | None  # None: they do not say


def read_release(
    artifacts: ArtifactSource, version: str | None, kept: Path | None = None, store: str | None = None
) -> Release:
    """Return the release that the artifacts are of, with ``version`` in place of their own if that is given.

    What an archive says is written down in ``kept``, so that it is unpacked once; and not even that where the store
    has its catalog, which says it, too.

    :raises UserError: when ``base_lib_generic`` or one of the two files is missing, or says nothing sensible, or when
        the store cannot be used.
    """
    if not artifacts.has(BASE):
        raise UserError(f"{artifacts}: has no {BASE}; it says which version and layout the artifacts are of")
    base = artifacts.open(BASE)
    texts = _kept_texts(base, kept, store) if base.is_packed and kept else {}
    return Release(
        version=version or development_version((texts.get(VERSION) or _read(base, VERSION)).strip(), base.place),
        kpack_split=_kpack_split(texts.get(MANIFEST) or _read(base, MANIFEST), base.place),
    )


def development_version(stated: str, place: str) -> str:
    """Return the version of a build that nobody named: ``.dev0`` of the ``stated`` one (PEP 440).

    :raises UserError: when ``stated`` is no version.
    """
    from packaging.version import Version

    try:
        parsed = Version(stated)
        if parsed.is_devrelease:
            return str(parsed)
        return str(Version(f"{parsed.public}.dev0{f'+{parsed.local}' if parsed.local else ''}"))
    except ValueError:  # InvalidVersion, or more digits than Python reads
        raise UserError(
            f"{place}: {VERSION} says {stated[:100]!r}, which is no version as PEP 440 defines it; "
            f"name one by version=..."
        ) from None


def _kpack_split(text: str, place: str) -> bool | None:
    try:
        manifest: Any = json.loads(text)
    except (ValueError, RecursionError) as error:
        raise UserError(f"{place}: {MANIFEST} is not JSON: {error}") from None
    flags = manifest.get("flags", {}) if isinstance(manifest, dict) else None
    if isinstance(flags, dict) and "KPACK_SPLIT_ARTIFACTS" not in flags:
        return None
    split = flags["KPACK_SPLIT_ARTIFACTS"] if isinstance(flags, dict) else None
    if not isinstance(split, bool):
        raise UserError(f"{place}: {MANIFEST}: flags.KPACK_SPLIT_ARTIFACTS must be true or false")
    return split


def _kept_texts(base: Artifact, kept: Path, store: str | None) -> dict[str, str]:
    """Return what was kept of the archive, or what it says now, which is kept then."""
    state = base.state().decode()
    with suppress(OSError, ValueError, RecursionError):
        found = json.loads(kept.read_bytes())
        if isinstance(found, dict) and found.get("state") == state and isinstance(found.get("texts"), dict):
            return dict(found["texts"])
    texts = _stored_texts(base, store) if store else {}
    texts = texts or {path: text for path in TEXTS if (text := _find(base, path)) is not None}
    from tools.values import write_json

    with alone_with(kept):
        write_json(kept, {"state": state, "texts": texts})
    return texts


def _stored_texts(base: Artifact, store: str) -> dict[str, str]:
    """Return what the catalog in the store has; nothing where there is none."""
    from tools.catalog.model import Catalog
    from tools.source.fetching import Fetching
    from tools.store.keys import catalog_key
    from tools.store.store import open_store
    from tools.values import decode_json

    identity = base.identity()
    if identity is None:
        return {}
    content = open_store(store, Fetching()).get("catalogs", catalog_key(base.name, identity.content))
    return dict(decode_json(content, Catalog).texts) if content else {}


def _read(base: Artifact, path: str) -> str:
    text = _find(base, path)
    if text is None:
        raise UserError(f"{base.place}: none of its base dirs has {path}; write there {_WANTED[path]}")
    return text


def _find(base: Artifact, path: str) -> str | None:
    for base_dir in base.base_dirs():
        span = base.find(f"{base_dir}/{path}")
        if span is None:
            continue
        if span.size > LARGEST:
            raise UserError(f"{span.place}: has {span.size:,} bytes; more than {LARGEST:,} make no sense")
        try:
            return read_small(span).decode()
        except (OSError, UnicodeDecodeError) as error:
            raise UserError(f"{span.place}: cannot be read: {error}") from None
    return None
