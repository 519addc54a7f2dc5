"""What a published index holds and what a publication changes: values in, values out."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

import msgspec
from packaging.version import Version

from tools.dist.listing import ListedFile, in_order
from tools.errors import UserError, listed
from tools.platform.tags import SYSTEMS


class Published(msgspec.Struct, frozen=True, kw_only=True):
    """The manifest of a published index, kept beside it: nobody ever lists the store. Names are paths below the index.

    The index names only files of ``stored``, and each file of ``stored`` lies whole in the store, with that sha256.
    A ``doomed`` file may still stand in the index that was written last; no later index names it.
    """

    files: tuple[ListedFile, ...] = ()  # what the index names, once it is written
    stored: dict[str, str] = {}  # name -> sha256 of every file known to be there, named or not
    doomed: tuple[str, ...] = ()  # names to remove from the store once no index names them
    projects: tuple[str, ...] = ()  # that may have pages
    pages: dict[str, str] = {}  # path -> sha256 of every page that is known to be written, in these bytes
    public_url: str = ""  # under which people read it; empty: nobody said so, and there are no lock files


@dataclass(frozen=True, slots=True, kw_only=True)
class Changes:
    """What a publication does to a published index: names of files, and the manifest it ends with."""

    upload: tuple[str, ...]  # missing, or there with other bytes
    replaced: tuple[str, ...]  # of these, there with other bytes: leave the index before they change
    pruned: tuple[str, ...]  # old nightlies
    result: Published  # the manifest afterwards


def plan_changes(
    before: Published, mine: Iterable[ListedFile], *, keep: int = 0, yanked: Mapping[str, bool | str] | None = None
) -> Changes:
    """Return what publishing ``mine`` changes. What is there already stays listed, with its first upload time.

    ``keep`` newest nightlies stay, 0 for all; a version in ``mine`` always stays. ``yanked`` speaks of any file.

    :raises UserError: when ``yanked`` names a file that is not in the index.
    """
    own = {file.path: file for file in mine}
    _check_sdists(before.files, own)
    files = {file.path: file for file in before.files}
    for name, new in own.items():
        file, old = new, files.get(name)
        if old and old.sha256 == file.sha256:
            file = msgspec.structs.replace(file, upload_time=old.upload_time, yanked=old.yanked)
        files[name] = file
    pruned = _old_nightlies(files.values(), {file.version for file in own.values()}, keep)
    for name in pruned:
        del files[name]
    doomed = set(before.doomed)
    there = {name: digest for name, digest in before.stored.items() if name not in doomed}
    upload = tuple(sorted(name for name, file in own.items() if there.get(name) != file.sha256))
    stored = {**before.stored, **{name: file.sha256 for name, file in own.items()}}
    return Changes(
        upload=upload,
        replaced=tuple(name for name in upload if name in before.stored),
        pruned=pruned,
        result=Published(
            files=in_order(_yank(files, yanked or {})),
            stored=stored,
            doomed=tuple(sorted({*before.doomed, *pruned} - set(own))),
            projects=tuple(sorted({*before.projects, *(file.project for file in files.values())})),
            pages=before.pages,
            public_url=before.public_url,
        ),
    )


def without(published: Published, names: Iterable[str]) -> Published:
    """Return the manifest with these names out of the index; they are still in the store."""
    gone = set(names)
    return msgspec.structs.replace(published, files=tuple(file for file in published.files if file.path not in gone))


def is_nightly(version: str) -> bool:
    """Say whether a version is one of the many: a development or alpha release (PEP 440)."""
    parsed = Version(version)
    return parsed.is_devrelease or (parsed.pre is not None and parsed.pre[0] == "a")


def _check_sdists(there: Iterable[ListedFile], own: Mapping[str, ListedFile]) -> None:
    """One sdist stands for the wheels of all systems, so a build for one must not replace that of another.

    :raises UserError: when the index has another sdist of this version, with wheels for a system that is not built.
    """
    systems = {system for file in own.values() for system in file.systems}
    files = list(there)
    for old in files:
        new = own.get(old.path)
        if new is None or new.is_wheel or new.sha256 == old.sha256:
            continue
        others = {system for file in files if file.version == old.version for system in file.systems} - systems
        if others:
            names = " and ".join(SYSTEMS[system] for system in sorted(others))
            raise UserError(
                f"{old.filename}: the index has another one, which its wheels for {names} need, too; build both with "
                "the same linux_amdgpu_families and windows_amdgpu_families, each with all families of its system, "
                "and publish both again"
            )


def _old_nightlies(files: Iterable[ListedFile], own: set[str], keep: int) -> tuple[str, ...]:
    if not keep:
        return ()
    everything = list(files)
    nightlies = sorted(
        {file.version for file in everything if file.is_ours and is_nightly(file.version)}, key=Version, reverse=True
    )
    old = set(nightlies[keep:]) - own
    return tuple(sorted(file.path for file in everything if file.version in old and file.is_ours))


def _yank(files: Mapping[str, ListedFile], yanked: Mapping[str, bool | str]) -> list[ListedFile]:
    if unknown := set(yanked) - {file.filename for file in files.values()}:
        raise UserError(f"yanked names files that are not in the index: {listed(unknown)}")
    return [
        msgspec.structs.replace(file, yanked=yanked[file.filename]) if file.filename in yanked else file
        for file in files.values()
    ]
