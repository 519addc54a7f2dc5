"""How each kind of setting is read.

A parser takes the value as it was given and the directory that a relative path starts from. It raises
ValueError with what is allowed, in words that follow the value: "must be yes or no".
"""

from __future__ import annotations

import os
import re
from collections.abc import Callable
from pathlib import Path
from typing import cast

from tools.platform.tags import problem_of

Parse = Callable[[object, Path], object]

_WORDS = {
    "yes": True,
    "true": True,
    "on": True,
    "1": True,
    "no": False,
    "false": False,
    "off": False,
    "0": False,
}


def path(value: object, base: Path) -> Path:
    """Return an absolute path; links in it stay as they are."""
    if not isinstance(value, str) or not value or "\0" in value:
        raise ValueError("must be a path")
    return Path(os.path.abspath(base / Path(value).expanduser()))  # noqa: PTH100 - resolve() would follow links


def address(value: object, base: Path) -> str:
    """Return a URL as it is, a path as an absolute one."""
    if isinstance(value, str) and re.fullmatch(r"[a-z][a-z0-9+.-]+://\S+", value):
        return value
    try:
        if "://" in str(value):  # fsspec takes a protocol of one letter for a disk of Windows
            raise ValueError
        return str(path(value, base))
    except ValueError:
        raise ValueError("must be a path or a URL, such as s3://bucket/folder") from None


def addresses(value: object, base: Path) -> tuple[str, ...]:
    """Return different paths (absolute) and URLs, sorted, from a list or from words separated by commas."""
    try:
        return tuple(sorted({address(one, base) for one in names(value, base)}))
    except ValueError:
        raise ValueError("must be paths or URLs separated by commas") from None


def named_addresses(value: object, base: Path) -> tuple[tuple[str, str], ...]:
    """Return names with addresses, in the order given; a place without a name has that of its last folder."""
    allowed = "must be paths or URLs separated by commas, each with a name of its own: stable=https://example.org/a"
    given = value.split(",") if isinstance(value, str) else value
    if not isinstance(given, list) or not all(isinstance(one, str) for one in given):
        raise ValueError(allowed)
    found = {}
    for one in map(str.strip, given):
        named = re.fullmatch(r"([A-Za-z0-9][\w .+-]*)=(.*)", one)
        try:
            place = address(named[2] if named else one, base)
        except ValueError:
            raise ValueError(allowed) from None
        found[named[1] if named else place.rstrip("/").rpartition("/")[2]] = place
    if len(found) < len(given) or "" in found:
        raise ValueError(allowed)
    return tuple(found.items())


def source(value: object, base: Path) -> Path | str:
    """Return a directory of this machine as a path, whichever way it is named, and any other URL as it is."""
    text = address(value, base)
    if "://" not in text:
        return Path(text)
    from tools.source.place import local_directory

    return local_directory(text) or text


def version(value: object, base: Path) -> str:
    """Return a version in its normal form (PEP 440)."""
    from packaging.version import Version

    try:
        return str(Version(cast(str, value)))
    except (ValueError, TypeError):  # InvalidVersion, or more digits than Python reads
        raise ValueError("must be a version as PEP 440 defines it, such as '10.1.0' or '10.1.0rc1'") from None


def size(value: object, base: Path) -> int:
    """Return a number of bytes from a number with a unit of 1000: 20 MB."""
    units = {"": 1, "kb": 1000, "mb": 1000**2, "gb": 1000**3}
    found = re.fullmatch(r"([0-9]{1,12}(?:\.[0-9]{1,3})?) ?(|[kKmMgG][bB])", str(value))
    if not found or isinstance(value, bool):
        raise ValueError("must be a number of bytes, such as 500 kB, 20 MB or 1.5 GB")
    return round(float(found[1]) * units[found[2].lower()])


def names(value: object, base: Path) -> tuple[str, ...]:
    """Return different names, sorted, from a list or from words separated by commas or semicolons."""
    listed = re.split("[,;]", value) if isinstance(value, str) else value
    if not isinstance(listed, list) or not all(isinstance(name, str) and name.strip() for name in listed):
        raise ValueError("must be names separated by commas")
    return tuple(sorted({name.strip() for name in listed}))


def flag(value: object, base: Path) -> bool:
    """Return yes or no as a truth value."""
    if isinstance(value, bool):
        return value
    if not isinstance(value, str) or value.lower() not in _WORDS:
        raise ValueError("must be yes or no")
    return _WORDS[value.lower()]


def number(low: int, high: int) -> Parse:
    """Return a parser of whole numbers from ``low`` to ``high``."""

    def parse(value: object, base: Path) -> int:
        number = int(value) if isinstance(value, str) and re.fullmatch(r"[0-9]{1,6}", value) else value
        if not isinstance(number, int) or isinstance(number, bool) or not low <= number <= high:
            raise ValueError(f"must be a whole number from {low} to {high}")
        return number

    return parse


def text(pattern: str, meaning: str) -> Parse:
    """Return a parser of strings that match ``pattern`` as a whole."""

    def parse(value: object, base: Path) -> str:
        if not isinstance(value, str) or not re.fullmatch(pattern, value):
            raise ValueError(f"must be {meaning}")
        return value

    return parse


def platform_tag(value: object, base: Path) -> str:
    """Return the tag of a platform that wheels can be made for."""
    if problem := problem_of(str(value)):
        raise ValueError(problem)
    return str(value)


def choice(*allowed: str) -> Parse:
    """Return a parser of one of the ``allowed`` words."""

    def parse(value: object, base: Path) -> str:
        if not isinstance(value, str) or value not in allowed:
            raise ValueError(f"must be one of {', '.join(allowed)}")
        return value

    return parse
