"""The link table of a devel tree: which links it has, and where they lead. Changes nothing on disk."""

from __future__ import annotations

import json
import os
import posixpath
import re
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import NamedTuple

from rocm_sdk_core import _site
from rocm_sdk_core._errors import SdkError, listed

PLATFORM_PACKAGE = re.compile(r"_rocm_[A-Za-z0-9_]+")


class Link(NamedTuple):
    """One row: ``path`` in the root leads to ``target`` in the platform package ``package``."""

    path: str
    kind: str  # "symlink" or "real"
    package: str
    target: str


def read_table(site: str, root: str) -> dict[str, Link]:
    """Return path -> link of every installed wheel's table for ``root``, sorted by path.

    :raises SdkError: when a table is damaged, leads outside the packages, or two of them disagree.
    """
    table: dict[str, Link] = {}
    for path in sorted(entry.path for entry in _site.fact_files(site) if entry.name.endswith(_site.LINKS)):
        for link in _read(Path(path), root):
            if table.setdefault(link.path, link) != link:
                raise SdkError(f"{path}: two wheels disagree on where {link.path!r} in {root} leads; reinstall them")
    _check_nesting(root, table)
    return dict(sorted(table.items()))


def symlink_text(root: str, link: Link) -> str:
    """Return what the symlink holds: a path relative to its own directory, with ``/``."""
    if link.package == root:
        return posixpath.relpath(link.target, posixpath.dirname(link.path) or ".")
    return "../" * (link.path.count("/") + 1) + f"{link.package}/{link.target}"


def directories(table: Mapping[str, Link]) -> set[str]:
    """Return the directories that the links are in, and those above them."""
    found = {path.rpartition("/")[0] for path in table}
    for directory in list(found):
        while directory := directory.rpartition("/")[0]:
            found.add(directory)
    return found - {""}


def source(table: Mapping[str, Link], root: str, link: Link) -> Link:
    """Return a row like ``link`` whose target is a file of a wheel, not a link of ``root`` or below one.

    :raises SdkError: when the links lead in a circle.
    """
    end, steps = link, 0
    while end.package == root and (above := _link_above(table, end.target)) is not None:
        end = end._replace(package=above.package, target=above.target + end.target[len(above.path) :])
        steps += 1
        if steps > len(table):
            raise SdkError(f"{root}: the link {link.path!r} leads in a circle; reinstall the devel wheel")
    return end


def _link_above(table: Mapping[str, Link], path: str) -> Link | None:
    while path and path not in table:
        path = path.rpartition("/")[0]
    return table.get(path)


def _read(path: Path, root: str) -> Iterable[Link]:
    try:
        content = json.loads(path.read_bytes())
        if content["root"] != root:
            return
        links = [Link(*row) for row in content["links"]]
        if not all(isinstance(part, str) for link in links for part in link):
            raise TypeError("a row must hold four strings")
    except (ValueError, TypeError, KeyError) as error:
        raise SdkError(f"{path}: is damaged ({error}); reinstall the wheel it belongs to") from None
    wrong = [link.path for link in links if not _is_safe(link)]
    if wrong:
        raise SdkError(f"{path}: these links lead outside the ROCm packages: {listed(map(repr, wrong))}")
    yield from links


def _is_safe(link: Link) -> bool:
    return (
        link.kind in ("symlink", "real")
        and PLATFORM_PACKAGE.fullmatch(link.package) is not None
        and _is_relative(link.path)
        and _is_relative(link.target)
        and link.path.split("/")[0] != _site.STATE
    )


def _is_relative(path: str) -> bool:
    if "\\" in path or "\0" in path or (os.name == "nt" and ":" in path):
        return False
    return not any(part in ("", ".", "..") for part in path.split("/"))


def _check_nesting(root: str, table: Mapping[str, Link]) -> None:
    """A link below another link would write into somebody else's package."""
    if nested := directories(table) & table.keys():
        raise SdkError(f"{root}: there are links below what is a link itself: {listed(map(repr, nested))}")
