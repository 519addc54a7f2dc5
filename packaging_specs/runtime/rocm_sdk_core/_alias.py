# ruff: noqa: PTH105, PTH110, PTH114, PTH118, PTH211
# Imported where a tree is made; links are made in one step.
"""``_rocm_sdk_devel``: the place where programs look for the devel tree, a link to that of one family.

The first tree that is made gets it, and keeps it until ``rocm-sdk init FAMILY`` names another. A row in the RECORD of
the family's wheel makes an uninstall remove the link.
"""

from __future__ import annotations

import os
from pathlib import Path

from rocm_sdk_core import _make, _record, _site, _windows
from rocm_sdk_core._errors import SdkError


def point(site: str, root: str, *, move: bool) -> None:
    """Make the link lead to ``root`` if it leads nowhere, or with ``move`` in any case.

    A kill leaves the old link or the new one, and rows that are superfluous at worst. What is no link stays.

    :raises SdkError: when something else is in the place, and ``move``.
    """
    if _windows.FILES_ONLY:
        return  # a link to a directory, which few users may make there
    path = os.path.join(site, _site.ALIAS)
    before = _site.alias(site)
    if root == _site.ALIAS or (before is not None and not move):
        return
    if os.path.exists(path) and not os.path.islink(path):
        if move:
            raise SdkError(f"{path}: is no link of rocm-sdk; move it away and run again")
        return
    record = _record_of(site, root)
    if record is not None and not _record.names_root(record, _site.ALIAS):
        _record.add_root(record, _site.ALIAS)
    if before != root:
        with _make.state_tree(os.path.join(site, root), _site.STATE) as state:
            part = os.path.join(state.root, _make.PART)
            os.symlink(root, part, target_is_directory=True)
            os.replace(part, path)
    if before not in (None, root):
        old = _record_of(site, str(before))
        if old is not None:
            _record.remove_root(old, _site.ALIAS)


def _record_of(site: str, root: str) -> Path | None:
    facts = _site.devel_roots(site).get(root)
    return _record.find_record(site, facts) if facts else None
