"""What an environment is to hold, and what is known of what it holds."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, NamedTuple, TypeAlias

import msgspec

from tools.plan.model import Member

Link: TypeAlias = Literal["copy", "hard"]
Stamp: TypeAlias = tuple[int, int, int]  # (size, mtime_ns, inode): a file with another one is another file


class Item(msgspec.Struct, frozen=True, gc=False):
    """One file that an environment is to hold."""

    path: str  # from site-packages, as RECORD writes it: "../../../bin/hipcc" is a console script
    executable: bool
    key: str  # of its content: equal keys, equal bytes
    size: int  # bytes of the source, or of ``content``
    member: Member | None = None  # of a plan, whose source has the bytes
    content: bytes | None = None  # of what has no source


class Held(msgspec.Struct, frozen=True, array_like=True, gc=False):
    """One file that was put into an environment."""

    key: str  # of its content
    executable: bool
    stamp: Stamp
    sha256: str = ""  # hex, of its bytes; "": the key is that

    def row(self, path: str) -> Row:
        """Return what RECORD says of it."""
        return Row(path, self.sha256 or self.key, self.stamp[0])


class Row(NamedTuple):
    """One line of RECORD."""

    path: str
    sha256: str  # hex
    size: int  # bytes


class State(msgspec.Struct, frozen=True, kw_only=True):
    """What was put into one environment for one package: a file in the build directory, JSON."""

    held: dict[str, Held] = {}
    begun: tuple[str, ...] = ()  # paths that a run which did not end may have put there
    made_from: str = ""  # what all of it was made from
    dist_info: str = ""
    tree: str = ""  # the platform package that is the root of its devel tree
    links: Stamp | None = None  # of the stamp in that tree, once its links are made


@dataclass(frozen=True, slots=True, kw_only=True)
class Package:
    """One distribution as an environment is to hold it; RECORD is left to who writes the files."""

    distribution: str
    version: str
    dist_info: str  # "rocm_sdk_core-10.1.0.dist-info"
    requires_python: str  # "" where any will do
    items: dict[str, Item]  # by path
    tree: str = ""  # the platform package that is the root of a devel tree

    @property
    def record(self) -> str:
        """The path of RECORD."""
        return f"{self.dist_info}/RECORD"
