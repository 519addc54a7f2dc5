"""``pylock.<family>.toml``: everything that a GPU family needs at run time, by hash (PEP 751)."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from urllib.parse import quote

from packaging.version import Version

from tools.dist.choices import ALWAYS, GENERIC, closure, parts_of
from tools.dist.listing import ENTRY, ListedFile
from tools.dist.provenance import BUILDER

LOCK_VERSION = "1.0"
PARTS = ("libraries", "device")  # whose files a lock has beside those that everyone gets


def lock_name(family: str) -> str:
    """Return the file's name, which installers insist on (PEP 751)."""
    return f"pylock.{family}.toml"


def lock_files(files: Iterable[ListedFile], base: str | None) -> dict[str, bytes]:
    """Return the lock files of the newest release that has a wheel of ``rocm``: a stable one, if there is one.

    ``base`` is the URL of the index; None: paths that are relative to the lock file.
    """
    offered = [file for file in files if file.is_ours and file.yanked is False]
    entry = _entry(offered)
    if entry is None:
        return {}
    own = [file for file in offered if file.version == entry.version and not file.folder]
    families = sorted({file.family for file in own} - {GENERIC}) or [GENERIC]
    return {lock_name(family): _lock(entry, _needed(family, own), base) for family in families}


def locked_version(files: Iterable[ListedFile]) -> str | None:
    """Return the version that lock files name, None where there are none."""
    entry = _entry(file for file in files if file.is_ours and file.yanked is False)
    return entry.version if entry else None


def _entry(files: Iterable[ListedFile]) -> ListedFile | None:
    entries = [file for file in files if file.package == ENTRY]
    order = [(not Version(file.version).is_prerelease, Version(file.version)) for file in entries]
    return entries[order.index(max(order))] if entries else None


def _needed(family: str, own: Sequence[ListedFile]) -> list[ListedFile]:
    parts = [part for part in parts_of(own, (family, GENERIC)) if part.package in PARTS]
    common = closure([file for file in own if file.package in ALWAYS and file.is_wheel], own)
    names = {*common, *(name for part in parts for name in part.files)}
    return [file for file in own if file.filename in names and file.is_wheel]


def _lock(entry: ListedFile, files: Iterable[ListedFile], base: str | None) -> bytes:
    lines = [
        f'lock-version = "{LOCK_VERSION}"',
        f'requires-python = "{entry.requires_python}"',
        f'created-by = "{BUILDER}"',
    ]
    for file in sorted([entry, *files], key=lambda file: file.project):
        lines += ["", *_package(file, base)]
    return ("\n".join(lines) + "\n").encode()


def _package(file: ListedFile, base: str | None) -> list[str]:
    """Return the rows of one package. Nothing in them needs an escape: names, versions and URLs are plain."""
    where = f'path = "{file.path}"' if base is None else f'url = "{base.rstrip("/")}/{quote(file.path)}"'
    return [
        "[[packages]]",
        f'name = "{file.project}"',
        f'version = "{file.version}"',
        f'requires-python = "{file.requires_python}"',
        "",
        "[[packages.wheels]]",
        f'name = "{file.filename}"',
        where,
        f"size = {file.size}",
        f'hashes = {{ sha256 = "{file.sha256}" }}',
    ]
