"""What an index says of each file, taken from receipts; a published index keeps it as its manifest."""

from __future__ import annotations

import email.parser
from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from urllib.parse import quote

import msgspec
from packaging.requirements import Requirement
from packaging.version import Version

from tools.errors import UserError, listed
from tools.naming import is_wheel, project_name, read_name
from tools.platform.tags import systems_of
from tools.receipt import Receipt
from tools.values import read_json

ALSO = "also"  # the package of what other projects made and the dist holds as it is
ENTRY, VARIANT = "entry", "variant"  # packages of wheels that stand for the sdist: everywhere, for one GPU target
SIDE_FOLDERS = {ENTRY: "whl", VARIANT: "variants"}  # a flat directory with them would offer them in the sdist's place
VARIANTS_SUFFIX = "-variants.json"  # of the file that says what the variants of a version are for (PEP 825)
METADATA_SUFFIX = ".metadata"  # of the side file that holds a wheel's METADATA (PEP 658)


class ListedFile(msgspec.Struct, frozen=True, kw_only=True):
    """One wheel or sdist of an index. ``yanked`` is what PEP 691 puts there: a reason, or true, or false."""

    filename: str
    distribution: str
    version: str
    package: str
    family: str
    size: int  # bytes
    sha256: str  # hex
    requires_python: str
    metadata_sha256: str  # hex, of the side file; empty for an sdist: its needs are known when it is built
    summary: str
    requires: tuple[str, ...]  # normalised names of what it always needs, sorted
    members: int  # files a wheel installs
    installed_size: int  # bytes of them
    upload_time: str  # ISO 8601, UTC, "2026-09-01T04:05:06Z"; empty: not known
    yanked: bool | str = False
    folder: str = ""  # below the dist, where the file lies; empty: in it
    rocm: tuple[str, ...] = ()  # of a file of others: what it requires of rocm and rocm-..., without any extra, sorted

    @property
    def project(self) -> str:
        """The name of its folder below ``simple/`` (PEP 503)."""
        return project_name(self.distribution)

    @property
    def path(self) -> str:
        """Where it lies below the dist."""
        return f"{self.folder}/{self.filename}" if self.folder else self.filename

    @property
    def href(self) -> str:
        """The path as a relative URL; ``+`` is ``%2B``, for some stores take it for a space."""
        return quote(self.path)

    @property
    def is_ours(self) -> bool:
        """Say whether a build of ROCm made it, or carries it as a part."""
        return self.package != ALSO

    @property
    def systems(self) -> frozenset[str]:
        """The systems that it is for alone, as sys.platform calls them; none where it is for any."""
        name = read_name(self.filename)
        return frozenset(systems_of(name.platforms)) if name and "any" not in name.platforms else frozenset()

    @property
    def is_wheel(self) -> bool:
        """Say whether an installer can unpack it as it is."""
        return is_wheel(self.filename)


@dataclass(frozen=True, slots=True, kw_only=True)
class Built:
    """A receipt and where it lies; the file it speaks of lies beside it."""

    path: Path
    receipt: Receipt

    @property
    def file(self) -> Path:
        """The wheel or sdist."""
        return self.path.parent / self.receipt.filename


def read_receipts(paths: Iterable[Path]) -> tuple[Built, ...]:
    """Return the receipts in order of their file names.

    :raises UserError: when one cannot be read, when a name is neither a wheel's nor an sdist's, or when two
        files would have one name in a flat directory (also where capitals do not count).
    """
    built = sorted(
        (Built(path=path, receipt=read_json(path, Receipt)) for path in set(paths)),
        key=lambda one: (one.receipt.filename, one.path),
    )
    by_name: dict[str, list[Built]] = defaultdict(list)
    for one in built:
        if project_of(one.receipt.filename) is None:
            name = one.receipt.filename
            raise UserError(f"{one.path}: {name!r} is neither the name of a wheel nor of an sdist")
        by_name[one.receipt.filename.casefold()].append(one)
    if clashes := [same for same in by_name.values() if len(same) > 1]:
        names = (f"{same[0].receipt.filename} (by {listed(one.path for one in same)})" for same in clashes)
        raise UserError(f"file names must be unique in dist, these are not: {listed(names)}")
    return tuple(built)


def read_side(paths: Iterable[Path]) -> tuple[Built, ...]:
    """Return the receipts of wheels that lie in folders of their own, in order of their file names.

    The name of a variant is that of no wheel to those who do not know variants (PEP 817).
    """
    built = (Built(path=path, receipt=read_json(path, Receipt)) for path in paths)
    return tuple(sorted(built, key=lambda one: one.receipt.filename))


def project_of(filename: str) -> str | None:
    """Return the normalised project name in the name of a wheel or an sdist, None for any other name."""
    release = release_of(filename)
    return release[0] if release else None


def release_of(filename: str) -> tuple[str, Version] | None:
    """Return the normalised project name and the version in the name of a wheel or an sdist, None for any other."""
    name = read_name(filename)
    return (name.project, name.version) if name else None


def list_files(
    receipts: Iterable[Receipt], *, upload_time: str, yanked: Mapping[str, bool | str], side: Iterable[Receipt] = ()
) -> tuple[ListedFile, ...]:
    """Return what the index says of each receipt, in the index's order. Files of ``side`` lie in a folder of their own.

    :raises UserError: when ``yanked`` names files that are not among them.
    """
    files = [_list_file(receipt, upload_time, yanked.get(receipt.filename, False)) for receipt in receipts]
    for receipt in side:
        file = _list_file(receipt, upload_time, yanked.get(receipt.filename, False))
        files.append(msgspec.structs.replace(file, folder=SIDE_FOLDERS[receipt.package]))
    if unknown := set(yanked) - {file.filename for file in files}:
        raise UserError(f"yanked names files that are not in the index: {listed(unknown)}")
    return in_order(files)


def in_order(files: Iterable[ListedFile]) -> tuple[ListedFile, ...]:
    """Return ours newest version first, then by project and name; behind them those of others, by project first."""
    by_name = sorted(files, key=lambda file: (file.project, file.filename))
    by_version = sorted(by_name, key=lambda file: Version(file.version), reverse=True)
    others = sorted((file for file in by_version if not file.is_ours), key=lambda file: file.project)
    return (*(file for file in by_version if file.is_ours), *others)


def as_upload_time(seconds: int) -> str:
    """Return a time since 1970, SOURCE_DATE_EPOCH for instance, as PEP 700 writes it."""
    return datetime.fromtimestamp(seconds, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def _list_file(receipt: Receipt, upload_time: str, yanked: bool | str) -> ListedFile:
    metadata = email.parser.HeaderParser().parsestr(receipt.metadata)
    return ListedFile(
        filename=receipt.filename,
        distribution=receipt.distribution,
        version=receipt.version,
        package=receipt.package,
        family=receipt.family,
        size=receipt.size,
        sha256=receipt.sha256,
        requires_python=receipt.requires_python,
        metadata_sha256=receipt.metadata_sha256 if is_wheel(receipt.filename) else "",
        summary=metadata.get("Summary", ""),
        requires=_always_required(metadata.get_all("Requires-Dist", [])),
        members=len(receipt.members),
        installed_size=sum(member.size for member in receipt.members),
        upload_time=upload_time,
        yanked=yanked,
        rocm=_rocm_required(metadata.get_all("Requires-Dist", [])) if receipt.package == ALSO else (),
    )


def _rocm_required(lines: Iterable[str]) -> tuple[str, ...]:
    """Return name and versions of each requirement that some machine has without an extra being asked for."""
    requirements = (Requirement(line) for line in lines)
    return tuple(
        sorted(
            f"{one.name}{one.specifier}"
            for one in requirements
            if f"{project_name(one.name)}-".startswith("rocm-") and "extra" not in str(one.marker or "")
        )
    )


def _always_required(lines: Iterable[str]) -> tuple[str, ...]:
    requirements = (Requirement(line) for line in lines)
    return tuple(sorted({project_name(one.name) for one in requirements if one.marker is None}))
