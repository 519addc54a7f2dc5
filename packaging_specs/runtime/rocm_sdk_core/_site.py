# ruff: noqa: PTH112, PTH115, PTH118, PTH119, PTH120, PTH123
# Imported at each start of a tool: os alone takes no time to import.
"""What the installed ROCm wheels say about themselves: the package facts in a site directory."""

from __future__ import annotations

import json
import os

from rocm_sdk_core._errors import SdkError

TYPE_CHECKING = False  # typing takes longer to import than a tool takes to start
if TYPE_CHECKING:
    from collections.abc import Iterator
    from typing import Any

FACTS = ".package.json"  # each wheel ships one, directly in the platform directory it writes to
LINKS = ".links.json"  # a wheel that brings devel links ships one beside it
ALIAS = "_rocm_sdk_devel"  # where programs look for the devel tree: one of a family's, or a link to one
STATE = ".rocm-sdk"  # directory in a devel root: what init made there
STAMP = "stamp"
KEYS = frozenset(("package", "family", "distribution", "version", "platform_package", "scripts"))


def fact_files(site: str) -> Iterator[os.DirEntry[str]]:
    """Yield the facts and link tables of all platform directories of ``site``, in no order."""
    try:
        with os.scandir(site) as entries:
            directories = [entry.path for entry in entries if entry.name.startswith("_rocm_") and not _is_alias(entry)]
    except OSError:
        return
    for directory in directories:
        try:
            with os.scandir(directory) as entries:
                yield from (entry for entry in entries if entry.name.endswith((FACTS, LINKS)))
        except OSError:
            continue  # a plain file, or removed by an uninstall a moment ago


def signature(site: str) -> str:
    """Return a text that changes when a ROCm wheel with other content is installed in ``site``, or one is removed.

    Package facts name the version and a digest of the wheel's files. No time stamp is in it: copies change them.
    """
    rows = []
    for entry in fact_files(site):
        directory = os.path.basename(os.path.dirname(entry.path))
        text = ""
        if entry.name.endswith(FACTS):
            with open(entry.path, encoding="utf-8") as file:
                text = file.read()
        rows.append(f"{directory}/{entry.name} {entry.stat().st_size} {text}\n")
    return "".join(sorted(rows))


def is_current(site: str, root: str) -> bool:
    """Return whether the links of the devel tree ``root`` were made for what ``site`` holds now."""
    try:
        with open(os.path.join(site, root, STATE, STAMP), encoding="utf-8") as file:
            return file.read() == signature(site)
    except OSError:
        return False


def alias(site: str) -> str | None:
    """Return the root that ``_rocm_sdk_devel`` is a link to, or None."""
    try:
        root = os.readlink(os.path.join(site, ALIAS))
    except OSError:  # nothing is there, or no link
        return None
    return root if "/" not in root and os.path.isdir(os.path.join(site, root)) else None


def _is_alias(entry: os.DirEntry[str]) -> bool:
    return entry.name == ALIAS and entry.is_symlink() and "/" not in os.readlink(entry.path)


def devel_roots(site: str) -> dict[str, dict[str, Any]]:
    """Return directory name -> package facts of the devel trees in ``site``: those that have a link table."""
    files = {(os.path.basename(os.path.dirname(entry.path)), entry.name) for entry in fact_files(site)}
    roots = {}
    for directory, name in sorted(files):
        links = name[: -len(FACTS)] + LINKS
        if name.endswith(FACTS) and (directory, links) in files:
            facts = read_facts(os.path.join(site, directory, name))
            if facts["package"] == "devel" and facts["platform_package"] == directory:
                roots[directory] = facts
    return roots


def installed(site: str) -> list[dict[str, Any]]:
    """Return the package facts of every ROCm wheel in ``site``, sorted by distribution."""
    facts = [read_facts(entry.path) for entry in fact_files(site) if entry.name.endswith(FACTS)]
    return sorted(facts, key=lambda each: str(each["distribution"]))


def read_facts(path: str) -> dict[str, Any]:
    """Return the package facts stored at ``path``.

    :raises SdkError: when they are damaged.
    """
    try:
        with open(path, encoding="utf-8") as file:
            facts: dict[str, Any] = json.load(file)
        if facts.keys() >= KEYS:
            return facts
    except (ValueError, AttributeError):
        pass
    raise SdkError(f"{path}: is damaged; reinstall the wheel it belongs to")
