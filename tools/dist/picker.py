"""The picker of a page, over one index or several: what its script reads, and commands for readers without one."""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import groupby

from markupsafe import Markup
from packaging.requirements import Requirement

from tools.dist.choices import Release
from tools.dist.listing import ListedFile
from tools.dist.templates import read_template
from tools.naming import project_name
from tools.values import encode_json

ADDRESS = "ADDRESS"  # stands for that of a page that does not know its own


@dataclass(frozen=True, slots=True, kw_only=True)
class IndexView:
    """An index as a page offers it."""

    files: Sequence[ListedFile]  # in the index's order
    releases: Sequence[Release]  # of them, newest version first
    name: str = ""  # on a page over several
    href: str = ""  # of the index's own page; empty: it is the page that offers it
    address: str = ADDRESS  # of the index's own page, for readers without JavaScript


@dataclass(frozen=True, slots=True, kw_only=True)
class Command:
    """What readers without JavaScript install for a family."""

    title: str
    gpus: tuple[str, ...]
    address: str
    what: str


def picker(views: Sequence[IndexView]) -> Mapping[str, object]:
    """Return what the template of every page with a picker needs."""
    style, script = read_template("index.css"), read_template("index.js")
    return {
        "commands": [command for view in views for command in _commands(view)],
        "data": _data(views),
        "style": Markup(style),  # ours, from packaging_specs/templates
        "script": Markup(script),
        "style_hash": _csp_hash(style),
        "script_hash": _csp_hash(script),
    }


def product_versions(files: Iterable[ListedFile]) -> dict[str, dict[str, list[ListedFile]]]:
    """Return the files of each version of each project of others, by the name that people know.

    Projects are in the order of their names, versions in that of ``files``. What is withdrawn is left out.
    """
    versions: dict[str, dict[str, list[ListedFile]]] = {}
    names: dict[str, str] = {}
    for file in files:
        if not file.is_ours and file.yanked is False:
            versions.setdefault(file.project, {}).setdefault(file.version, []).append(file)
            names.setdefault(file.project, file.distribution)
    return {names[project]: found for project, found in sorted(versions.items())}


def _data(views: Sequence[IndexView]) -> Markup:
    """Return what the script reads. ``<`` is escaped: nothing in it can end the element it stands in."""
    values = {
        "indexes": [_compact_index(view) for view in views],
        "releases": [_compact(number, release) for number, view in enumerate(views) for release in view.releases],
    }
    text = encode_json(values).decode().rstrip("\n")
    return Markup(text.replace("<", "\\u003c"))


def _compact_index(view: IndexView) -> dict[str, object]:
    parts = {part for release in view.releases for choice in release.choices for part in choice.parts}
    chosen = {name for release in view.releases for name in release.files} | {
        name for part in parts for name in part.files
    }
    ours: dict[str, set[str]] = {release.version: set() for release in view.releases}
    for file in view.files:
        if file.is_ours and file.version in ours:
            ours[file.version].add(file.project)
    return {
        "name": view.name,
        "href": view.href,
        "sizes": {file.filename: (file.size, file.installed_size) for file in view.files if file.filename in chosen},
        "products": [
            {
                "name": name,
                "versions": [{"version": version, "fits": _fitting(files, ours)} for version, files in found.items()],
            }
            for name, found in product_versions(view.files).items()
        ],
    }


def _fitting(files: Collection[ListedFile], ours: Mapping[str, Collection[str]]) -> list[str] | None:
    """Return the versions of ROCm, of the projects that each has, that go with a product's files; None: all of them."""
    required = [[Requirement(text) for text in file.rocm] for file in files]
    if not all(required):
        return None
    return [version for version, projects in ours.items() if any(_is_met(version, projects, one) for one in required)]


def _is_met(version: str, projects: Collection[str], required: Iterable[Requirement]) -> bool:
    """Say whether these projects in one version are what is required of them."""
    ours = (one for one in required if project_name(one.name) in projects)
    return all(one.specifier.contains(version, prereleases=True) for one in ours)


def _compact(index: int, release: Release) -> dict[str, object]:
    """Return the release with each set of parts once: the GPUs of a family have the same."""
    parts = list(dict.fromkeys(choice.parts for choice in release.choices))
    choices = [
        {
            "target": choice.target,
            "product": choice.product,
            "family": choice.family,
            "words": choice.words,
            "parts": parts.index(choice.parts),
        }
        for choice in release.choices
    ]
    return {
        "index": index,
        "version": release.version,
        "system": release.system,
        "meta": release.meta,
        "files": release.files,
        "parts": parts,
        "choices": choices,
    }


def _commands(view: IndexView) -> Iterator[Command]:
    """Yield a command for each family and system of the newest version."""
    for release in view.releases:
        if release.version == view.releases[0].version:
            yield from _commands_of(release, view)


def _commands_of(release: Release, view: IndexView) -> Iterator[Command]:
    for family, group in groupby(sorted(release.choices, key=lambda choice: choice.family), lambda one: one.family):
        choices = list(group)
        parts = [part for part in choices[0].parts if part.package in ("libraries", "devel")]
        extras = ",".join(extra for part in parts for extra in part.extras)
        if release.meta:
            what = f"{release.meta}[{extras}]=={release.version}" if extras else f"{release.meta}=={release.version}"
        else:
            what = " ".join(f"{name}=={release.version}" for part in choices[0].parts for name in part.distributions)
        yield Command(
            title=": ".join(filter(None, (view.name, release.system, family))),
            gpus=tuple(f"{choice.product} ({choice.target})" for choice in choices),
            address=view.address,
            what=what,
        )


def _csp_hash(text: str) -> str:
    """Return the source expression that allows exactly this inline text (CSP level 2)."""
    return "sha256-" + base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()
