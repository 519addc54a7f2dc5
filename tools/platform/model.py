"""What a platform decides. Linux and Windows are classes beside it; what is data stands in the specs."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Literal, Protocol

from tools.catalog.model import Entry
from tools.elf.model import ElfFacts

# stub, forwarder: a member of that kind (tools.plan.model). copy: the file once more. name: nothing in a wheel, a link
# in the devel tree.
LinkForm = Literal["stub", "forwarder", "copy", "name"]


class Platform(Protocol):
    """A system on a machine. Catalogs hold facts of files, whatever they are for; a platform judges them."""

    @property
    def tag(self) -> str:
        """The platform tag of the wheels: "manylinux_2_28_x86_64"."""

    @property
    def classifiers(self) -> tuple[str, ...]:
        """What METADATA says of the system, as trove classifiers."""

    @property
    def links_directories(self) -> bool:
        """Whether a link of a devel tree may lead to a directory."""

    @property
    def has_stubs(self) -> bool:
        """Whether a stub can stand for a link to a program of another package."""

    def is_program(self, entry: Entry) -> bool:
        """Say whether users start a file."""

    def mode(self, path: str, entry: Entry) -> int:
        """Return the permission bits of a file that is shipped as ``path``: 0o644 or 0o755."""

    def is_loaded(self, facts: ElfFacts) -> bool:
        """Say whether the loader maps a file and looks for the libraries that it needs."""

    def is_foreign(self, facts: ElfFacts) -> bool:
        """Say whether a program or library is for another machine, so that nothing of this platform can use it."""

    def library_name(self, entry: Entry) -> str:
        """Return the name by which the loader looks for a library; "" for anything but a library of this machine."""

    def link_form(self, path: str, name: str, target: Entry, *, opened: bool) -> LinkForm:
        """Return what stands in a runtime wheel for a link.

        ``path`` is where the link lies, ``name`` where its ``target`` is shipped, both below the platform package;
        ``opened``: programs open libraries by the link's name (``forwarders`` of the package).
        """

    def search_path(self, facts: ElfFacts, directory: str, places: Iterable[tuple[str, str]]) -> str | None:
        """Return the search path that a file in ``directory`` of site-packages must get, None where it is right.

        ``places`` are (platform package, directory) of what it may need beside its own neighbours.
        """

    def script_name(self, program: str) -> str:
        """Return the console script that starts the file ``program`` of ``bin``."""

    def script_program(self, path: str) -> str:
        """Return the file that a script's ``path`` of the specs is."""
