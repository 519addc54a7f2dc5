"""Where Windows looks for a DLL, and what it finds there. Pure.

Microsoft, "Dynamic-link library search order". Our runtime loads a DLL by its absolute path, after it added the ``bin``
of each package: then its own directory, those, and System32 are searched. A program that is started knows its own
directory and System32. Neither looks at PATH as far as anybody may rely on it.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from posixpath import basename, dirname, splitext

from tools.pe.model import PeFacts

BIN = "bin"  # the directory of a platform package that the runtime adds


@dataclass(frozen=True, slots=True, kw_only=True)
class Package:
    """The PE files of one wheel."""

    name: str  # distribution: "rocm-sdk-libraries-gfx110X-all"
    role: str  # what the specs call it: "libraries"
    directory: str  # platform package: "_rocm_sdk_libraries_gfx110X_all"
    requires: tuple[str, ...]  # distributions of the set, those of extras left out
    files: Mapping[str, PeFacts]  # path below site-packages -> facts


class Set:
    """Wheels that are installed into one site-packages."""

    def __init__(self, packages: Sequence[Package]) -> None:
        self.packages = {package.name: package for package in sorted(packages, key=lambda package: package.name)}
        self.files = {path: facts for package in self.packages.values() for path, facts in package.files.items()}
        self.owners = {path: package for package in self.packages.values() for path in package.files}
        self._places: dict[tuple[str, str], str] = {}  # directory, name in lower case -> path
        for path in sorted(self.files):
            self._places.setdefault((dirname(path).lower(), basename(path).lower()), path)

    def visible(self, package: Package) -> list[Package]:
        """Return the package and all that are installed with it, nearest first."""
        found, waiting = {package.name: package}, [package]
        while waiting:
            for name in waiting.pop(0).requires:
                if name in self.packages and name not in found:
                    found[name] = self.packages[name]
                    waiting.append(found[name])
        return list(found.values())

    def directories(self, path: str) -> list[str]:
        """Return the directories in which Windows finds what the file at ``path`` needs, in the order it looks."""
        own = dirname(path)
        if not self.files[path].library:
            return [own]
        added = (f"{package.directory}/{BIN}" for package in self.visible(self.owners[path]))
        return list(dict.fromkeys((own, *added)))

    def find(self, library: str, directories: Sequence[str]) -> str | None:
        """Return the path of the DLL that is found first, or None."""
        name = file_name(library).lower()
        places = (self._places.get((directory.lower(), name)) for directory in directories)
        return next((place for place in places if place is not None), None)

    def elsewhere(self, library: str) -> Iterator[str]:
        """Yield every path of the set that has the name, wherever it is."""
        name = file_name(library).lower()
        return (path for (_, other), path in self._places.items() if other == name)


def file_name(library: str) -> str:
    """Return the name of the file that an import means: without an ending it is a DLL (LoadLibrary)."""
    return library if splitext(library)[1] else f"{library}.dll"
