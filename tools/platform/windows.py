"""Windows: PE files, which are copied and never edited, found by their names (tools.windows.search)."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from posixpath import splitext

from tools.catalog.model import Entry
from tools.elf.model import ElfFacts
from tools.pe.model import X86_64
from tools.platform.model import LinkForm
from tools.windows import names

CLASSIFIERS = ("Operating System :: Microsoft :: Windows",)


@dataclass(frozen=True, slots=True, kw_only=True)
class Windows:
    """Windows on x86-64; what each method is for says tools.platform.model."""

    tag: str
    machine: int = X86_64  # of its programs and DLLs, as PE headers number them
    classifiers: tuple[str, ...] = CLASSIFIERS
    links_directories: bool = False  # symbolic links, which few users may make
    has_stubs: bool = False

    def is_program(self, entry: Entry) -> bool:
        """What Windows starts by its name; it has no exec bit."""
        return entry.kind == "file" and names.is_program(entry.path)

    def mode(self, path: str, entry: Entry) -> int:
        """By the name: archives of Windows files have any bits."""
        return names.mode(path)

    def is_loaded(self, facts: ElfFacts) -> bool:
        """Nothing: ELF files are code of GPUs, and what has no business there (tools.windows.kinds)."""
        return False

    def is_foreign(self, facts: ElfFacts) -> bool:
        """Nothing, for the same reason."""
        return False

    def library_name(self, entry: Entry) -> str:
        """None: a DLL ships under its own name, which is the one that others look for."""
        return ""

    def link_form(self, path: str, name: str, target: Entry, *, opened: bool) -> LinkForm:
        """A copy, whatever it leads to; artifacts for Windows have no links as a rule."""
        return "copy"

    def search_path(self, facts: ElfFacts, directory: str, places: Iterable[tuple[str, str]]) -> str | None:
        """None: the runtime tells Windows where to look."""
        return None

    def script_name(self, program: str) -> str:
        """The program's name without its ending."""
        return splitext(program)[0] if names.is_program(program) else program

    def script_program(self, path: str) -> str:
        """The path with the ending of programs."""
        return path if names.is_program(path) else f"{path}.exe"
