"""Debian's CMake and pkg-config files, made to find themselves wherever they lie. Pure: text in, text out."""

from __future__ import annotations

import re
from collections.abc import Iterable

from tools.errors import UserError
from tools.sample.debian.table import Edit

MULTIARCH = "lib/x86_64-linux-gnu"  # Debian's library directory, one level deeper than ROCm's

_USR_MOVE = re.compile(  # CMake's "/usr move" block compares with Debian's absolute path
    r"# Use original install prefix when loaded through a.*?unset\(_realCurr\)\n", re.DOTALL
)
_PARENT = 'get_filename_component(_IMPORT_PREFIX "${_IMPORT_PREFIX}" PATH)\n'


def rewrite(text: str, *, path: str, debian_path: str, edits: Iterable[Edit] = ()) -> str:
    """Return the text of the file that moves from ``debian_path`` to ``path``.

    Only CMake and ``.pc`` files change by rule; ``edits`` apply to any file they name.

    :raises UserError: when the old text of an edit is not there: Debian's package has changed.
    """
    if path.endswith(".cmake"):
        text = _cmake(text, moved_up=MULTIARCH in debian_path)
    elif path.endswith(".pc"):
        text = _pkg_config(text)
    for edit in edits:
        if edit.path == path:
            text = _edited(text, edit)
    return text


def _cmake(text: str, *, moved_up: bool) -> str:
    text = _USR_MOVE.sub("", text).replace(MULTIARCH, "lib")
    if moved_up:
        text = text.replace("/../../../../", "/../../../").replace(_PARENT * 4, _PARENT * 3)
    return text


def _pkg_config(text: str) -> str:
    return text.replace("prefix=/usr\n", "prefix=${pcfiledir}/../..\n", 1).replace(MULTIARCH, "lib")


def _edited(text: str, edit: Edit) -> str:
    if edit.old not in text:
        raise UserError(f"{edit.path}: Debian's file no longer contains {edit.old!r}; packages.toml must follow it")
    return text.replace(edit.old, edit.new)
