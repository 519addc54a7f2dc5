"""Programs that stand in for links to programs, which a wheel cannot hold."""

from __future__ import annotations

import functools
import posixpath
from pathlib import Path

from tools.errors import UserError

_TEMPLATE = Path(__file__).parent / "templates" / "exe_stub"  # made by make_exe_stub from exe_stub.c
_ROOM = 4096  # bytes for the path: PATH_MAX, its end mark included
_MARK = b"the path goes here".ljust(_ROOM, b"\0")


def exe_stub(target: str) -> bytes:
    """Return a static x86-64 program that starts ``target``, a path relative to the program's own directory.

    It keeps the arguments, argv[0] too, and the environment; the directory is the real one, links resolved.
    When ``target`` cannot be started it says so on stderr and ends with status 127.

    :raises UserError: when ``target`` is empty, absolute, too long or contains a NUL character.
    """
    path = posixpath.normpath(target).encode()
    if not target or target.startswith("/") or b"\0" in path or path in (b".", b".."):
        raise UserError(f"{target!r} cannot be the target of a link to a program: a relative path is needed")
    if len(path) >= _ROOM:
        raise UserError(f"{target!r} cannot be the target of a link: {len(path)} bytes, at most {_ROOM - 1}")
    head, _, rest = _template().partition(_MARK)
    return head + path.ljust(_ROOM, b"\0") + rest


@functools.cache
def _template() -> bytes:
    return _TEMPLATE.read_bytes()
