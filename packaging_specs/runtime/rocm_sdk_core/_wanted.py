"""What each link of a devel tree has to be, and whether what is on disk is that, ours, or foreign."""

from __future__ import annotations

import filecmp
import os
import stat
from collections.abc import Mapping, Sequence
from enum import Enum
from pathlib import Path
from typing import Any, NamedTuple

from rocm_sdk_core import _links, _places, _record, _remedy, _site, _windows
from rocm_sdk_core._errors import SdkError, listed
from rocm_sdk_core._links import Link
from rocm_sdk_core._tree import Place


class Claim(NamedTuple):
    """What tells a link that init made from somebody else's file: the JSON row of the journal."""

    text: str  # what a symlink holds, "" for a real file
    size: int  # bytes of a real file
    mtime: int  # whole seconds: container layers drop the fraction


class Wanted(NamedTuple):
    """One link as it has to be."""

    path: str
    source: str  # absolute path of the file or directory it leads to
    claim: Claim
    mode: int  # of a real file

    @property
    def is_real(self) -> bool:
        return not self.claim.text


class Found(Enum):
    """What is at the path of a link."""

    NOTHING = "missing"
    RIGHT = "right"
    OURS = "outdated"
    COPY = "a copy in the place of a link"
    FOREIGN = "not a link of rocm-sdk"


def wanted_links(site: str, root: str, facts: Mapping[str, Any]) -> list[Wanted]:
    """Return every link that ``root`` has to have, sorted by path.

    :raises SdkError: when a target is not installed; it names the distributions to install.
    """
    table = _links.read_table(site, root)
    made = _links.directories(table)
    links, missing = [], []
    for link in table.values():
        end = _links.source(table, root, link)
        own_directory = end.package == root and end.target in made
        wanted = _to_made_directory(site, root, link) if own_directory else _wanted(site, root, link, end)
        if wanted is None:
            missing.append(link)
        else:
            links.append(wanted)
    if missing:
        raise _missing(site, root, missing, facts)
    if _windows.FILES_ONLY and (folded := [link.path for link in links if not link.is_real]):
        command = _remedy.install(site, [f"{facts['distribution']}=={facts['version']}"], again=True)
        raise SdkError(
            f"{facts['distribution']} has links to directories ({listed(folded)}), which Windows does not make: it was "
            f"built for another system; reinstall with: {command}"
        )
    return links


def compare(place: Place, claims: Sequence[Claim], wanted: Wanted | None = None) -> Found:
    """Return what is at ``place``; ``claims``: what init may have made there, ``wanted``: what has to be."""
    status = place.status()
    if status is None:
        return Found.NOTHING
    if stat.S_ISLNK(status.st_mode):
        text = place.readlink()
        if wanted is not None and text == wanted.claim.text:
            return Found.RIGHT
        return Found.OURS if any(claim.text == text for claim in claims) else Found.FOREIGN
    if wanted is not None and not wanted.is_real and _is_copy(place, status, wanted):
        return Found.COPY
    return _compare_file(place, status, claims, wanted) if stat.S_ISREG(status.st_mode) else Found.FOREIGN


def as_found(place: Place | None, wanted: Wanted) -> Wanted:
    """Return ``wanted`` with the claim of what is at ``place``: a file with the right bytes may have times of its own,
    and is ours all the same when the bytes change.
    """
    status = place.status() if place is not None and wanted.is_real else None
    return wanted if status is None else wanted._replace(claim=_claim_of(status))


def _compare_file(place: Place, status: os.stat_result, claims: Sequence[Claim], wanted: Wanted | None) -> Found:
    if wanted is not None and wanted.is_real and _is_same(place, status, wanted):
        return Found.RIGHT if stat.S_IMODE(status.st_mode) == wanted.mode else Found.OURS
    return Found.OURS if _claim_of(status) in claims else Found.FOREIGN


def _wanted(site: str, root: str, link: Link, end: Link) -> Wanted | None:
    path = _windows.long_path(f"{site}/{end.package}/{end.target}")
    try:
        status = os.stat(path)  # noqa: PTH116 (pathlib takes most of the time for 20,000 links)
    except OSError:
        return None
    if _is_symlink(link, status):
        return Wanted(link.path, path, Claim(_links.symlink_text(root, link), 0, 0), 0)
    if not stat.S_ISREG(status.st_mode):
        return None
    return Wanted(link.path, path, _claim_of(status), stat.S_IMODE(status.st_mode))


def _to_made_directory(site: str, root: str, link: Link) -> Wanted:
    """``lib64`` leads to ``lib``, which may exist only when the links below it are made."""
    return Wanted(link.path, f"{site}/{root}/{link.target}", Claim(_links.symlink_text(root, link), 0, 0), 0)


def _is_symlink(link: Link, status: os.stat_result) -> bool:
    """Windows lets few users make symlinks; a hard link to a file serves there."""
    return link.kind == "symlink" and not (_windows.FILES_ONLY and stat.S_ISREG(status.st_mode))


def _is_same(place: Place, status: os.stat_result, wanted: Wanted) -> bool:
    """A hard link, or a copy of the same bytes, as container layers make of hard links."""
    if os.path.samestat(status, os.stat(wanted.source)):  # noqa: PTH116
        return True
    if status.st_size != wanted.claim.size:
        return False
    with place.open() as one, Path(wanted.source).open("rb") as other:
        while block := one.read(1 << 20):
            if block != other.read(len(block)):
                return False
    return True


def _is_copy(place: Place, status: os.stat_result, wanted: Wanted) -> bool:
    """Say whether a file or directory has what the link would lead to, as ``cp -rL`` makes it."""
    if stat.S_ISREG(status.st_mode):
        source = Path(wanted.source)
        return source.is_file() and _is_same(place, status, wanted._replace(claim=_claim_of(source.stat())))
    if not stat.S_ISDIR(status.st_mode):
        return False
    return is_equal_tree(place.path(), wanted.source)


def _claim_of(status: os.stat_result) -> Claim:
    return Claim("", status.st_size, int(status.st_mtime))


def is_equal_tree(one: str, other: str) -> bool:
    """Say whether every file below ``one`` is a file below ``other`` with the same bytes, and the other way round."""
    names = [{str(path.relative_to(root)) for path in Path(root).rglob("*")} for root in (one, other)]
    if names[0] != names[1] or not Path(other).is_dir():
        return False
    return all(
        filecmp.cmp(Path(one, name), Path(other, name), shallow=False) for name in names[0] if Path(one, name).is_file()
    )


def _missing(site: str, root: str, links: Sequence[Link], facts: Mapping[str, Any]) -> SdkError:
    installed = {installed["platform_package"] for installed in _site.installed(site)}
    absent = {link.package for link in links} - installed
    if absent:
        names = sorted(f"{distribution(package)}=={facts['version']}" for package in absent)
        if elsewhere := _places.apart(_places.wheels()):
            return SdkError(elsewhere)
        claimed = [name for name, _ in _record.lost(site, (one["distribution"] for one in _site.installed(site)))]
        command = _remedy.install(site, names, again=any(distribution(package) in claimed for package in absent))
        return SdkError(f"{facts['distribution']} needs {listed(names)} in {site}; install with: {command}")
    owners = _distributions(site, {link.package for link in links})
    targets = listed(f"{link.package}/{link.target}" for link in links)
    return SdkError(
        f"{facts['distribution']} leads to files that are not in {site}: {targets}; reinstall with: "
        f"{_remedy.install(site, owners, again=True)}"
    )


def distribution(platform_package: str) -> str:
    """Return what pip calls the wheel that a platform directory is of."""
    return platform_package[1:].removesuffix("_common").replace("_", "-")


def _distributions(site: str, packages: set[str]) -> list[str]:
    """Return ``name==version`` of the wheels that own platform directories."""
    installed = [facts for facts in _site.installed(site) if facts["platform_package"] in packages]
    return sorted(f"{facts['distribution']}=={facts['version']}" for facts in installed)
