"""Platform tags (PEP 600, PEP 425): which there are, and the platform that each stands for."""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import TYPE_CHECKING

from tools.errors import UserError

if TYPE_CHECKING:
    from tools.platform.model import Platform  # its facts of files take time to import, and `doit list` reads none

LINUX, WINDOWS = "linux", "win32"  # values of sys.platform, for markers (PEP 508)
SYSTEMS = {LINUX: "Linux", WINDOWS: "Windows"}  # as people call them
TAGS = {LINUX: "linux_x86_64", WINDOWS: "win_amd64"}  # where nobody names a tag
MACHINES = {"x86_64": 62}  # a tag's ending -> e_machine (ELF specification, EM_X86_64)
EXAMPLES = "linux_x86_64 or manylinux_2_28_x86_64"
_OTHER_WINDOWS = re.compile(r"win(?:32|_[a-z0-9]+)")
_LINUX = re.compile(r"(?:linux|manylinux_\d+_\d+|manylinux2014|manylinux2010|manylinux1)_(?P<machine>x86_64|aarch64)")


def problem_of(tag: str) -> str:
    """Return why no wheel can be made for a platform tag, in words that follow it; "" where one can."""
    if tag == TAGS[WINDOWS]:
        return ""
    if _OTHER_WINDOWS.fullmatch(tag):
        return f"is for a machine that ROCm does not support on Windows; use {TAGS[WINDOWS]}"
    match = _LINUX.fullmatch(tag)
    if match is None:
        return f"must be a platform tag of Linux, such as {EXAMPLES}, or {TAGS[WINDOWS]}"
    if match["machine"] not in MACHINES:
        return (
            f"is for {match['machine']}, and what stands in wheels for links (stubs and forwarders) is x86-64 code; "
            f"use a tag of x86_64, such as {EXAMPLES}"
        )
    return ""


def system_of(tag: str) -> str:
    """Return the system of a platform tag, as sys.platform calls it; of any other tag "linux"."""
    return WINDOWS if tag.startswith("win") else LINUX


def systems_of(tags: Iterable[str]) -> set[str]:
    """Return the systems that a wheel with these tags can be installed on; ``any`` is every one."""
    return {system for tag in tags for system in (SYSTEMS if tag == "any" else (system_of(tag),))}


def platform_of(tag: str) -> Platform:
    """Return the platform that wheels with this tag are for.

    :raises UserError: when none can be made for it.
    """
    if problem := problem_of(tag):
        raise UserError(f"platform tag {tag!r} {problem}")
    if system_of(tag) == WINDOWS:
        from tools.platform.windows import Windows

        return Windows(tag=tag)
    from tools.platform.linux import Linux

    machine = next(number for ending, number in MACHINES.items() if tag.endswith(f"_{ending}"))
    return Linux(tag=tag, machine=machine)


def platforms_of(tags: Iterable[str]) -> tuple[Platform, ...]:
    """Return the platforms that the tags of a finished wheel stand for; none for ``any`` and for what is not built."""
    return tuple(platform_of(tag) for tag in tags if not problem_of(tag))
