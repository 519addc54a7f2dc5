"""Make the links of a devel tree, which a wheel cannot hold, and keep them right.

Safe to kill at any moment and to run again. RECORD names the root before the first link is made, so that an
uninstall removes everything; what may be ours is written down (the journal) before that; the stamp that says
"complete" is last.
"""

from __future__ import annotations

import errno
import json
import os
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any, NamedTuple

from rocm_sdk_core import _alias, _links, _lock, _make, _places, _progress, _record, _site, _windows
from rocm_sdk_core._errors import SdkError, listed
from rocm_sdk_core._tree import Tree
from rocm_sdk_core._wanted import Claim, Found, Wanted, as_found, compare, wanted_links

JOURNAL = "journal.json"
READ_ONLY = (errno.EROFS, errno.EACCES, errno.EPERM)
FULL = (errno.ENOSPC, errno.EDQUOT)

Journal = Mapping[str, Sequence[Claim]]  # path -> what a run of init may have made there


class Summary(NamedTuple):
    """What :func:`make` found and did."""

    total: int  # links the tree has
    made: int  # of these, made or put right now
    removed: int  # made by an earlier run, no longer wanted


def make(
    site: str,
    root: str,
    *,
    tick: _progress.Tick = _progress.silent,
    waiting: Callable[[], None] = _progress.waiting,
    point: bool = False,
) -> Summary:
    """Make the links of the devel tree ``root`` in ``site``, and remove those no longer wanted.

    ``_rocm_sdk_devel`` becomes a link to it where there is none, or with ``point`` in any case.
    A second process waits for the first. A tree that is right is left alone, even if it is read-only.

    :raises SdkError: when a target is not installed, versions of wheels are mixed, a foreign file is
        in the way, or the tree cannot be written. What was made stays; the next run goes on.
    """
    directory = os.path.join(site, root)  # noqa: PTH118
    facts = _facts(site, root)
    check_place(site)
    with _explained(directory), _lock.locked(directory, waiting):
        signature = _site.signature(site)
        links = wanted_links(site, root, facts)
        with Tree(directory) as tree:
            summary = _reconcile(tree, links, _record.find_record(site, facts), tick)
            with _optional(summary):
                _alias.point(site, root, move=point)
                _finish(tree, links, signature)
    return summary


def problems(site: str, root: str) -> tuple[int, list[str]]:
    """Return the number of links of ``root``, and a sentence for each that is wrong; change nothing.

    :raises SdkError: when a target is not installed, or this user may not read the tree.
    """
    directory = os.path.join(site, root)  # noqa: PTH118
    check_place(site)
    links = wanted_links(site, root, _facts(site, root))
    with Tree(directory) as tree:
        found = _survey(tree, links, _read_journal(directory))
    wrong = {path: state.value for path, state in found.items() if state is not Found.RIGHT}
    return len(links), [f"{root}/{path}: {state}" for path, state in wrong.items()]


def suspects(site: str, root: str) -> list[str]:
    """Return the paths in ``root`` where nothing is, or a program of another size: quick, since no file is read.

    :raises SdkError: when a table is damaged.
    """
    table = _links.read_table(site, root)
    return [
        link.path for link in table.values() if not _looks_right(site, root, link, _links.source(table, root, link))
    ]


def _looks_right(site: str, root: str, link: _links.Link, end: _links.Link) -> bool:
    path = f"{site}/{root}/{link.path}"
    if link.kind == "symlink":
        return os.path.lexists(path)
    try:
        return os.stat(path).st_size == os.stat(f"{site}/{end.package}/{end.target}").st_size  # noqa: PTH116
    except OSError:
        return False


def check_place(site: str) -> None:
    """Refuse wheels that are no real siblings, and wheels of different versions.

    :raises SdkError: says what there is, and what to do.
    """
    there = [_places.Wheel(site, facts) for facts in _site.installed(site)]
    if wrong := _places.apart(there) or _places.mixed(there):
        raise SdkError(wrong)


def _facts(site: str, root: str) -> Mapping[str, Any]:
    roots = _site.devel_roots(site)
    if root not in roots:
        raise SdkError(f"{site} has no devel tree {root}; it has {listed(roots) or 'none'}")
    return roots[root]


def _reconcile(tree: Tree, links: Sequence[Wanted], record: Path | None, tick: _progress.Tick) -> Summary:
    journal = _read_journal(tree.root)
    removed = _remove_unwanted(tree, journal, {link.path for link in links})
    found = _survey(tree, links, journal)
    if foreign := [path for path, state in found.items() if state is Found.FOREIGN]:
        raise SdkError(
            f"{tree.root}: in the way of links, and not made by rocm-sdk: {listed(foreign)}; move them away "
            "and run again"
        )
    root = Path(tree.root).name
    if record is not None:
        if not _record.names_root(record, root):
            _record.add_root(record, root)
        _record.remove_leftover(record)
    todo = [link for link in links if found[link.path] is not Found.RIGHT]
    if todo:
        with _make.state_tree(tree.root, _site.STATE) as state:
            _make.write_state(state, JOURNAL, _journal_text(links, journal))
            for done, link in enumerate(todo, 1):
                _make.make_link(tree, state, link, found[link.path])
                tick(done, len(todo))
    return Summary(len(links), len(todo), removed)


def _remove_unwanted(tree: Tree, journal: Journal, wanted: set[str]) -> int:
    removed = 0
    for path in sorted(journal.keys() - wanted, reverse=True):
        with suppress(SdkError):  # a directory above it is not ours any more: nor is what is below
            place = tree.place(path)
            if place is not None and compare(place, journal[path]) is Found.OURS:
                _make.remove(tree, path)
                removed += 1
    return removed


def _survey(tree: Tree, links: Sequence[Wanted], journal: Journal) -> dict[str, Found]:
    found = {}
    for link in links:
        try:
            place = tree.place(link.path)
        except SdkError:
            found[link.path] = Found.FOREIGN
            continue
        found[link.path] = Found.NOTHING if place is None else compare(place, journal.get(link.path, ()), link)
    return found


def _finish(tree: Tree, links: Sequence[Wanted], signature: str) -> None:
    """Forget what is no longer there, then say that the tree is complete, unless it says so already."""
    made = [as_found(tree.place(link.path), link) for link in links]
    with _make.state_tree(tree.root, _site.STATE) as state:
        for name, text in ((JOURNAL, _journal_text(made, {})), (_site.STAMP, signature)):
            file = Path(state.root, name)
            if not file.is_file() or file.read_text("utf-8") != text:
                _make.write_state(state, name, text)


@contextmanager
def _optional(summary: Summary) -> Iterator[None]:
    """A tree in which nothing had to change is usable, also where the stamp cannot be written."""
    try:
        yield
    except OSError as error:
        if error.errno not in READ_ONLY or summary.made or summary.removed:
            raise


def _read_journal(directory: str) -> dict[str, list[Claim]]:
    try:
        content = json.loads(Path(directory, _site.STATE, JOURNAL).read_bytes())
        return {path: [Claim(*claim) for claim in claims] for path, claims in content.items()}
    except FileNotFoundError:
        return {}
    except (ValueError, TypeError, AttributeError):
        raise SdkError(f"{Path(directory, _site.STATE, JOURNAL)}: is damaged; reinstall the devel wheel") from None


def _journal_text(links: Sequence[Wanted], before: Journal) -> str:
    claims = {path: list(old) for path, old in before.items()}
    for link in links:
        if link.claim not in claims.setdefault(link.path, []):
            claims[link.path].append(link.claim)
    return json.dumps(claims, sort_keys=True, separators=(",", ":"))


@contextmanager
def _explained(directory: str) -> Iterator[None]:
    try:
        yield
    except OSError as error:
        if file := _windows.in_use(error):
            raise SdkError(
                f"{file}: cannot be replaced: a program has it loaded or open; end it and run 'rocm-sdk init' again"
            ) from None
        if error.errno in FULL:
            todo = "free some space and run 'rocm-sdk init' again"
        elif rights := [problem.text for problem in _places.problems(_places.wheels()) if problem.kind == "rights"]:
            raise SdkError(listed(rights)) from None
        elif error.errno in READ_ONLY:
            todo = "run 'rocm-sdk init' once as a user who may write there"
        else:
            todo = "put that right and run 'rocm-sdk init' again"
        raise SdkError(f"{directory}: the links of the devel tree cannot be made: {error.strerror}; {todo}") from None
