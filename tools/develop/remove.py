"""Files taken out of an environment, with the directories that they leave empty."""

from __future__ import annotations

import os
import stat
from collections.abc import Iterable

from tools.develop.difference import parents
from tools.develop.environment import Environment
from tools.develop.put import forget_byte_code
from tools.errors import UserError


def remove_all(environment: Environment, paths: Iterable[str]) -> int:
    """Remove files and links, and directories above them that are empty then; return how many there were.

    :raises UserError: when one cannot be removed.
    """
    count = 0
    for path in sorted(paths, reverse=True):
        place = f"{environment.site}/{path}"
        try:
            count += _remove(place)
        except OSError as error:
            raise UserError(f"{place}: cannot be removed: {error.strerror}; put that right and run again") from None
        if path.endswith(".py"):
            forget_byte_code(place)
            _remove_empty(f"{place.rpartition('/')[0]}/__pycache__")
        if not path.startswith("../"):
            for parent in parents(path):
                if not _remove_empty(f"{environment.site}/{parent}"):
                    break
    return count


def _remove(place: str) -> bool:
    try:
        if stat.S_ISDIR(os.lstat(place).st_mode):
            return False
        os.unlink(place)  # noqa: PTH108 - thousands of them
    except (FileNotFoundError, NotADirectoryError):
        return False
    return True


def _remove_empty(directory: str) -> bool:
    try:
        os.rmdir(directory)  # noqa: PTH106
    except FileNotFoundError:
        return True
    except OSError:  # something else is in it, or it is a link
        return False
    return True
