"""What the paths of the sample can be besides files with a content: what a compiler makes."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TypeAlias

from tools.sample.embedded.nodes import Bytes, EmptyDirectory, HardLink
from tools.sample.windows.binaries import Dll, Program


@dataclass(frozen=True, slots=True)
class ImportLibrary:
    """What a program is linked with to use a DLL."""

    dll: Dll


Node: TypeAlias = Dll | Program | ImportLibrary | Bytes | HardLink | EmptyDirectory
