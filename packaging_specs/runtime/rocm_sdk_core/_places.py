"""Where the installed ROCm wheels lie, and what is wrong with that: asked by every command and every error.

Files of one wheel find those of another by relative paths, so the platform directories must be real siblings.
"""

from __future__ import annotations

import os
import shlex
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any, NamedTuple

from rocm_sdk_core import _record, _remedy, _site
from rocm_sdk_core._errors import listed


class Wheel(NamedTuple):
    """An installed wheel: the directory that Python imports from, and what the wheel says about itself."""

    site: str
    facts: dict[str, Any]

    @property
    def distribution(self) -> str:
        return str(self.facts["distribution"])

    @property
    def requirement(self) -> str:
        return f"{self.distribution}=={self.facts['version']}"

    @property
    def directory(self) -> str:
        return f"{self.site}/{self.facts['platform_package']}"

    @property
    def home(self) -> str:
        """The directory that the files are in, past links: where ``..`` of the loader leads."""
        return os.path.dirname(os.path.realpath(self.directory))  # noqa: PTH120


class Problem(NamedTuple):
    """Something wrong with an installation; doing what ``text`` says ends it."""

    kind: str
    text: str


def sites() -> Iterator[str]:
    """Yield the directories that Python imports from, once each, in order."""
    yield from dict.fromkeys(os.path.realpath(entry) for entry in sys.path)


def wheels() -> list[Wheel]:
    """Return every ROCm wheel that can be imported; of two with one name the first on ``sys.path``."""
    found: dict[str, Wheel] = {}
    for site in sites():
        for facts in _site.installed(site):
            found.setdefault(str(facts["distribution"]), Wheel(site, facts))
    return list(found.values())


def problems(there: Sequence[Wheel]) -> list[Problem]:
    """Return what is wrong with the places, versions and rights of these wheels."""
    found = [("siblings", apart(there)), ("versions", mixed(there)), ("links", linked(there))]
    rights = unreadable()
    found += [("rights", text) for text in rights]
    found += [("lost", text) for text in ([] if rights else lost(there))]  # facts that nobody may read are not lost
    found += [("rights", text) for wheel in there for text in _not_made(wheel)]
    found += [("alias", text) for site in dict.fromkeys(wheel.site for wheel in there) for text in _alias(site)]
    return [Problem(kind, text) for kind, text in found if text]


def apart(there: Sequence[Wheel]) -> str | None:
    """Return a sentence if the platform directories are no real siblings of each other, else None."""
    homes = {wheel.home for wheel in there}
    if len(homes) < 2:
        return None
    places = listed(f"{home} ({listed(w.distribution for w in there if w.home == home)})" for home in homes)
    return f"the ROCm packages are in several places, but their files look for each other in one: {places}; " + (
        _remedy.side_by_side([(wheel.site, wheel.facts) for wheel in there])
    )


def mixed(there: Sequence[Wheel]) -> str | None:
    """Return a sentence if the versions differ, ``.postN`` aside: libraries crash in each other's company."""
    versions = {wheel.distribution: str(wheel.facts["version"]) for wheel in there}
    if len({version.partition(".post")[0] for version in versions.values()}) < 2:
        return None
    where = listed({wheel.site for wheel in there})
    told = listed(f"{name} {version}" for name, version in versions.items())
    wanted = versions.get("rocm-sdk-core", max(versions.values()))
    command = _remedy.install(there[0].site, [f"{name}=={wanted}" for name in (*versions, *_meta())], again=False)
    return f"{where} mixes versions of ROCm: {told}; install one version of all of them, such as: {command}"


def _meta() -> list[str]:
    """Return the name of the package that names all others, if it is installed: it has the version of its packages."""
    return ["rocm"] if any(list(Path(site).glob("rocm-*.dist-info")) for site in sites()) else []


def linked(there: Sequence[Wheel]) -> str | None:
    """Return a sentence if the files are links into a store: programs look beside the file that a link leads to."""
    names = [wheel for wheel in there if os.path.islink(_facts_file(wheel))]  # noqa: PTH114
    if not names:
        return None
    command = _remedy.install(
        names[0].site, [wheel.requirement for wheel in names], again=True, more=["--link-mode", "copy"], uv=True
    )
    store = os.path.dirname(os.path.realpath(_facts_file(names[0])))  # noqa: PTH120
    return (
        f"the files of {listed(wheel.distribution for wheel in names)} are links, as to {store}, and programs do not "
        f"find the other packages from there; install them as files: {command}"
    )


def lost(there: Sequence[Wheel]) -> list[str]:
    """Return a sentence for each place that lists packages as installed whose directories are gone."""
    found = []
    names = [wheel.distribution for wheel in there]
    for site in sites():
        if gone := list(_record.lost(site, names)):
            command = _remedy.install(site, [f"{name}=={version}" for name, version in gone], again=True)
            told = listed(f"{name} {version}" for name, version in gone)
            found.append(f"{site} lists {told} as installed, but the files are gone; reinstall with: {command}")
    return found


def unreadable() -> list[str]:
    """Return a sentence for each platform directory that this user may not look into."""
    found = []
    for site in sites():
        try:
            with os.scandir(site) as entries:
                directories = [entry.path for entry in entries if entry.name.startswith("_rocm_") and entry.is_dir()]
        except OSError:
            continue
        found += [
            f"{path}: this user may not read it; {_as_owner(path, f'chmod -R a+rX {shlex.quote(path)}')}"
            for path in sorted(directories)
            if not os.access(path, os.R_OK | os.X_OK)
        ]
    return found


def _not_made(wheel: Wheel) -> list[str]:
    """Return a sentence if the links of a devel tree cannot be used, and not made, by this user."""
    root = str(wheel.facts["platform_package"])
    if wheel.facts["package"] != "devel" or root not in _site.devel_roots(wheel.site):
        return []
    state = f"{wheel.directory}/{_site.STATE}"
    if os.path.isdir(state) and not os.access(state, os.R_OK | os.X_OK):  # noqa: PTH112
        return [
            f"{wheel.directory}: was made by another user, for nobody else to read; "
            f"{_as_owner(wheel.directory, f'chmod -R a+rX {shlex.quote(wheel.directory)}')}"
        ]
    if _site.is_current(wheel.site, root) or os.access(wheel.directory, os.W_OK):
        return []
    command = f"{shlex.quote(sys.executable)} -m rocm_sdk init"
    return [
        f"{wheel.directory}: its links are not made yet, or not for what is installed now, and this user may not make "
        f"them; {_as_owner(wheel.directory, command)}"
    ]


def _alias(site: str) -> list[str]:
    path = f"{site}/{_site.ALIAS}"
    others = [root for root in _site.devel_roots(site) if root != _site.ALIAS]
    if not others or os.path.islink(path) or not os.path.exists(path):  # noqa: PTH110, PTH114
        return []
    return [
        f"{path}: is no link of rocm-sdk, though programs look for the devel tree there; move it away and make the "
        f"link: mv {shlex.quote(path)} {shlex.quote(path + '.old')} && {shlex.quote(sys.executable)} -m rocm_sdk init"
    ]


def _facts_file(wheel: Wheel) -> str:
    return f"{wheel.directory}/{wheel.distribution.replace('-', '_')}{_site.FACTS}"


def _as_owner(path: str, command: str) -> str:
    """Return who has to run the command: only who owns a file, or root, may do what others may not."""
    number = os.stat(path).st_uid  # noqa: PTH116
    import pwd  # Windows has none, and nobody asks there

    try:
        owner = pwd.getpwuid(number).pw_name
    except KeyError:
        owner = f"user {number}"
    return f"as {owner} run: {command}"
