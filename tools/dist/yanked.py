"""Which files of an index are withdrawn, as data: a TOML table of file names."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from pathlib import Path

from tools.errors import UserError, listed
from tools.toml import parse_toml


def read_yanked(file: Path) -> Mapping[str, bool | str]:
    """Return file name -> reason, true (without a reason) or false (brought back), as PEP 691 has it.

    :raises UserError: when the file cannot be read, is not TOML or holds another kind of value.
    """
    try:
        rows = parse_toml(file.read_text("utf-8"))
    except OSError as error:
        raise UserError(f"{file}: cannot be read: {error.strerror}") from None
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise UserError(f"{file}: is not TOML: {error}") from None
    if wrong := [name for name, value in rows.items() if not isinstance(value, bool | str)]:
        raise UserError(f'{file}: must say "FILE NAME" = a reason, true or false; it does not for {listed(wrong)}')
    return rows
