"""The flat directory of everything that was built, and of nothing else of ours."""

from __future__ import annotations

import logging
import os
import re
import shutil
from collections.abc import Collection, Iterable, Mapping
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from tools.dist.listing import METADATA_SUFFIX, VARIANTS_SUFFIX, Built, project_of, read_receipts, release_of
from tools.dist.provenance import SUFFIX as PROVENANCE_SUFFIX
from tools.dist.published import is_nightly
from tools.dist.simple import JSON_TREES, TREES
from tools.errors import UserError, listed
from tools.files import atomic_write, make_directory, reading, write_bytes
from tools.naming import project_name

SUMS = "SHA256SUMS"  # as sha256sum(1) writes and checks it; it also says which files are ours
FOLDERS = (*TREES, *JSON_TREES.values(), "variants")  # the index's: its pages, and wheels of rocm beside the sdist
PAGES = ("index.html", "targets.json", *FOLDERS)  # the index's, beside the side files
SIDE_SUFFIXES = (METADATA_SUFFIX, PROVENANCE_SUFFIX)

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True, kw_only=True)
class DistRequest:
    """The receipts of a build and the directory that is to hold their files."""

    receipts: tuple[Path, ...]
    dist_dir: Path


def gather(request: DistRequest, context: object = None) -> None:
    """Make ``dist_dir`` hold each receipt's file, SHA256SUMS, and no other wheel or sdist of ours.

    Files are hard links to the built ones, or copies on another file system; what is there is left alone. A
    file is ours when SHA256SUMS names it or when it is a wheel or sdist of a distribution that was built.
    Others stay, with a warning. Before a file leaves or changes, the index, which names it, is removed.

    :raises UserError: when two files have one name, a file is missing or not of the size its receipt says, or
        ``dist_dir`` holds somebody else's index.
    """
    built = {one.receipt.filename: one for one in read_receipts(request.receipts)}
    _check_sizes(built.values())
    dist = request.dist_dir
    check_own(dist, built)
    make_directory(dist)
    before = read_sums(dist)
    stale, foreign = _sort_out(dist, built, before)
    changed = [one for name, one in built.items() if not same_file(one.file, dist / name)]
    sums = {name: one.receipt.sha256 for name, one in built.items()}
    gone = {name for name, digest in before.items() if sums.get(name) != digest}
    if stale or gone or any(one.receipt.filename in before for one in changed):
        _remove_index(dist)
    if stale or changed:  # whatever happens from here on, the sums name every file of ours
        _write_sums(dist, before | sums)
    for one in changed:
        place_file(one.file, dist / one.receipt.filename)
    for name in stale:
        (dist / name).unlink(missing_ok=True)
    _write_sums(dist, sums)
    if foreign:
        log.warning("%s: left alone, not ours: %s", dist, listed(foreign))


def check_own(dist: Path, filenames: Iterable[str]) -> None:
    """Find out whether ``dist`` is none of ours but has what the index would write over or remove.

    It is ours when its SHA256SUMS names a project that the wheels and sdists of these names are of.

    :raises UserError: when somebody else's files would be lost; all of them are named.
    """
    if set(map(project_of, filenames)) & set(map(project_of, read_sums(dist))):
        return
    taken = [name for name in (SUMS, *PAGES) if os.path.lexists(dist / name)]
    taken += sorted(path.name for path in dist.glob("pylock.*.toml"))
    if taken:
        raise UserError(
            f"dist_dir: {dist} is no dist of this project, and the index would replace {listed(taken)}; take another "
            f"dist_dir, or remove them if nobody needs them"
        )


def read_sums(dist: Path) -> dict[str, str]:
    """Return file name -> sha256 of the wheels and sdists that were gathered; empty where SHA256SUMS is missing."""
    with suppress(OSError):
        text = (dist / SUMS).read_text("utf-8", errors="replace") if (dist / SUMS).is_file() else ""
        lines = re.findall(r"^([0-9a-f]{64})  ([^/\n]+)$", text, re.MULTILINE)
        return {name: digest for digest, name in lines if project_of(name)}
    return {}


def later_release(dist: Path, filenames: Iterable[str]) -> str | None:
    """Return the latest version in ``dist`` that files of these names would replace by an earlier one of their project.

    Nightlies do not count: they replace each other all the time.
    """
    new = dict(filter(None, map(release_of, filenames)))
    held = filter(None, map(release_of, read_sums(dist)))
    later = [one for project, one in held if project in new and one > new[project] and not is_nightly(str(one))]
    return str(max(later)) if later else None


def sums_text(sums: Mapping[str, str]) -> bytes:
    """Return SHA256SUMS from the sha256 of each file name."""
    return "".join(f"{sums[name]}  {name}\n" for name in sorted(sums)).encode()


def _check_sizes(built: Collection[Built]) -> None:
    wrong = []
    for one in built:
        try:
            size = one.file.stat().st_size
        except OSError as error:
            wrong.append(f"{one.file} ({error.strerror})")
            continue
        if size != one.receipt.size:
            wrong.append(f"{one.file} ({size} bytes, its receipt says {one.receipt.size})")
    if wrong:
        raise UserError(f"not what was built, remove and build again: {listed(wrong)}")


def _write_sums(dist: Path, sums: Mapping[str, str]) -> None:
    write_bytes(dist / SUMS, sums_text(sums))


def _sort_out(dist: Path, built: Mapping[str, Built], before: Collection[str]) -> tuple[list[str], list[str]]:
    """Return the names that must leave and the names that are none of our business."""
    wanted = {SUMS, *PAGES, *built, *(name + suffix for name in built for suffix in SIDE_SUFFIXES)}
    known = {*wanted, *before, *(name + suffix for name in before for suffix in SIDE_SUFFIXES)}
    projects = {project_name(one.receipt.distribution) for one in built.values()}
    stale: list[str] = []
    foreign: list[str] = []
    for path in sorted(dist.iterdir()):
        if path.name not in wanted and not re.fullmatch(r"pylock\.[^.]+\.toml", path.name):  # the index's, too
            ours = not path.is_dir() and _is_ours(path.name, known, projects)
            (stale if ours else foreign).append(path.name)
    return stale, foreign


def _is_ours(name: str, known: Collection[str], projects: Collection[str]) -> bool:
    if leftover := re.fullmatch(r"\.(.+)\.[a-z0-9_]{8}\.part", name):  # a killed run's
        return any(other.startswith(leftover[1]) for other in known)
    return name in known or project_of(_without_suffix(name)) in projects


def _without_suffix(name: str) -> str:
    return next((name.removesuffix(suffix) for suffix in SIDE_SUFFIXES if name.endswith(suffix)), name)


def same_file(source: Path, target: Path) -> bool:
    """Say whether ``target`` is ``source``, or the copy that place_file made of it, size and time included."""
    try:
        there, here = target.stat(follow_symlinks=False), source.stat()
    except FileNotFoundError:
        return False
    linked = (there.st_ino, there.st_dev) == (here.st_ino, here.st_dev)
    return linked or (there.st_size, there.st_mtime_ns) == (here.st_size, here.st_mtime_ns)


def place_file(source: Path, target: Path) -> None:
    """Make ``target`` the file ``source``: a hard link, or a copy with its time on another file system."""
    temporary = target.with_name(f".{target.name[:100]}.00000000.part")
    temporary.unlink(missing_ok=True)
    try:
        os.link(source, temporary)
    except OSError:
        with reading(source), source.open("rb") as reader, atomic_write(target) as file:
            shutil.copyfileobj(reader, file, 1 << 20)
            file.flush()
            stat = os.fstat(reader.fileno())
            os.utime(file.fileno(), ns=(stat.st_atime_ns, stat.st_mtime_ns))
        return
    try:
        temporary.replace(target)
    except OSError as error:
        temporary.unlink()
        raise UserError(f"{target}: cannot be written: {error.strerror}") from None


def remove_pages(dist: Path, wanted: Collection[str] = ()) -> None:
    """Remove from the index's folders what is the index's and not ``wanted``, paths below ``dist``, and then what is
    beside them: lock files and statements. A folder that holds something else stays.
    """
    for folder in FOLDERS:
        for path in sorted((dist / folder).rglob("*"), reverse=True):
            if path.is_dir() and not path.is_symlink():
                with suppress(OSError):
                    path.rmdir()
            elif _is_page(path.name) and path.relative_to(dist).as_posix() not in wanted:
                path.unlink()
        with suppress(OSError):
            (dist / folder).rmdir()
    for path in (*dist.glob("pylock.*.toml"), *dist.glob(f"*{PROVENANCE_SUFFIX}")):
        if path.name not in wanted and (path.suffix == ".toml" or project_of(_without_suffix(path.name))):
            path.unlink()


def _is_page(name: str) -> bool:
    endings = (".whl", f".whl{METADATA_SUFFIX}", PROVENANCE_SUFFIX, VARIANTS_SUFFIX)
    return name in {"index.html", "index.json"} or name.endswith(endings)


def _remove_index(dist: Path) -> None:
    for page in ("index.html", "targets.json"):
        (dist / page).unlink(missing_ok=True)
    remove_pages(dist)
